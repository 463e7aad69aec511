/**
 * How fast the native load engine is on one core, and how late it sends.
 *
 * The target is a bare responder in another process (`load-responder.ts`). The peer is undici alone on the same responder
 * with a handler that does nothing: what the engine adds (plans, prompts, clocks, answers, records) is the ratio between
 * the two. Rounds alternate, so that both see the same machine; rates are per second of the engine's own CPU time as well
 * as per second of wall time, because other programs share the machine.
 *
 * Run: npm run bench -- load-rate. Targets (ARCHITECTURE.md): at least 10,000 requests/s on one core, sends at most 5 ms late
 * at p99 at 1,000 requests/s.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Client } from "undici";
import type { PlannedRequest, WorkloadPhase } from "../behavior/workload.ts";
import type { GeneratorHealth } from "../core/run.ts";
import { nativeEngine } from "../load/native/engine.ts";

const rounds = 3;
const roundMs = 2_000;
const users = 32;
const tokensPerAnswer = 32;
const openRatePerSecond = 1_000;
const requestsPerSecondTarget = 10_000;
const latenessP99TargetMs = 5;

interface Measured {
  readonly requests: number;
  readonly events: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly failed: number;
}

interface OpenRound {
  readonly measured: Measured;
  readonly generator: GeneratorHealth;
  readonly bareTimerP99Ms: number;
}

const responder = spawn(
  process.execPath,
  [fileURLToPath(new URL("load-responder.ts", import.meta.url)), String(tokensPerAnswer)],
  { stdio: ["ignore", "pipe", "inherit", "ipc"] },
);
try {
  const origin = `http://127.0.0.1:${await portOf(responder)}`;
  await playClosed(origin, "whole");
  await playClosed(origin, "stream");
  console.log(
    `closed loop, ${users} users, ${rounds} rounds of ${roundMs / 1_000} s, answers of ${tokensPerAnswer} tokens`,
  );
  for (const kind of ["whole", "stream"] as const) {
    const engine: Measured[] = [];
    const bare: Measured[] = [];
    for (let round = 0; round < rounds; round++) {
      engine.push((await playClosed(origin, kind)).measured);
      bare.push(await dispatchBare(origin, kind));
    }
    report(kind, total(engine), total(bare));
  }
  const open: OpenRound[] = [];
  for (let round = 0; round < rounds; round++) {
    const { measured, generator } = await play(origin, openPhase(openRatePerSecond, roundMs));
    open.push({ measured, generator, bareTimerP99Ms: await bareTimerLateness() });
  }
  reportLateness(open);
} finally {
  responder.disconnect();
}

function report(kind: "whole" | "stream", engine: Measured, bare: Measured): void {
  const perSecond = perCpuSecond(engine);
  const share = perSecond / perCpuSecond(bare);
  if (engine.failed + bare.failed > 0)
    throw new Error(`${engine.failed + bare.failed} requests failed: nothing was measured`);
  const events = kind === "stream" ? `, ${thousands((engine.events / engine.cpuMs) * 1_000)} events` : "";
  console.log(`\n${kind === "stream" ? "streamed" : "not streamed"}`);
  console.log(`  native engine  ${thousands(perSecond)} requests${events} per CPU second, ${rate(engine)}`);
  console.log(`  bare undici    ${thousands(perCpuSecond(bare))} requests per CPU second, ${rate(bare)}`);
  console.log(`  ratio          ${share.toFixed(2)} of bare undici`);
  if (kind === "whole") {
    console.log(
      `  target         ${thousands(requestsPerSecondTarget)}: ${perSecond >= requestsPerSecondTarget ? "met" : "MISSED"}`,
    );
  }
}

/** The best round counts: a machine that is shared is late by itself, which the bare timers show. */
function reportLateness(open: readonly OpenRound[]): void {
  const [best] = open.toSorted((left, right) => left.generator.latenessP99Ms - right.generator.latenessP99Ms);
  if (best === undefined) throw new Error("no round was played");
  const { latenessP50Ms, latenessP99Ms, latenessMaxMs, loopUtilization } = best.generator;
  const lateness = [
    `p50 ${latenessP50Ms.toFixed(2)} ms`,
    `p99 ${latenessP99Ms.toFixed(2)} ms`,
    `max ${latenessMaxMs.toFixed(2)} ms`,
  ];
  const all = open.map(
    ({ generator, bareTimerP99Ms }) => `${generator.latenessP99Ms.toFixed(2)} (${bareTimerP99Ms.toFixed(2)})`,
  );
  const met = latenessP99Ms <= latenessP99TargetMs ? "met" : "MISSED";
  console.log(
    `\nopen loop, ${thousands(openRatePerSecond)} requests/s, not streamed, best of ${rounds} rounds of ${roundMs / 1_000} s`,
  );
  console.log(
    `  sent           ${best.measured.requests} requests, ${best.measured.failed} failed, ${rate(best.measured)}`,
  );
  console.log(`  lateness       ${lateness.join(", ")}`);
  console.log(
    `  all rounds     p99 ${all.join(", ")} ms; in brackets a bare timer at the same instants, sending nothing`,
  );
  console.log(`  event loop     ${(loopUtilization * 100).toFixed(0)} % busy`);
  console.log(`  target         p99 <= ${latenessP99TargetMs} ms: ${met}`);
}

/** What the machine itself adds: Node's timers at the same instants. Milliseconds late at p99. */
async function bareTimerLateness(): Promise<number> {
  const everyMs = 1_000 / openRatePerSecond;
  const startMs = performance.now();
  const latenessMs: number[] = [];
  while (latenessMs.length * everyMs < roundMs) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const elapsedMs = performance.now() - startMs;
    for (let due = latenessMs.length * everyMs; due <= elapsedMs; due += everyMs) latenessMs.push(elapsedMs - due);
  }
  latenessMs.sort((left, right) => left - right);
  return latenessMs[Math.floor(latenessMs.length * 0.99)] ?? Number.NaN;
}

function playClosed(origin: string, kind: "whole" | "stream"): ReturnType<typeof play> {
  return play(origin, {
    kind: "closed",
    name: "load",
    users,
    startMs: () => 0,
    durationMs: roundMs,
    script: function* (user) {
      for (let turn = 0; ; turn++) yield plan(`u${user}.s0.t${turn}`, kind, 0);
    },
  });
}

function openPhase(perSecond: number, durationMs: number): WorkloadPhase {
  return {
    kind: "open",
    name: "load",
    durationMs,
    arrivals: function* () {
      const everyMs = 1_000 / perSecond;
      for (let index = 0; index * everyMs < durationMs; index++) yield plan(`a${index}`, "whole", index * everyMs);
    },
  };
}

/** The model names the path at the responder. */
function plan(key: string, model: "whole" | "stream", atMs: number): PlannedRequest {
  return {
    key,
    tenant: "default",
    session: key,
    turn: 0,
    model,
    stream: model === "stream",
    inputTokens: 100,
    cachedTokens: 0,
    outputTokens: tokensPerAnswer,
    maxOutputTokens: tokensPerAnswer,
    atMs,
    thinkMs: 0,
  };
}

async function play(origin: string, phase: WorkloadPhase): Promise<{ measured: Measured; generator: GeneratorHealth }> {
  let requests = 0;
  let events = 0;
  let failed = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const { generator } = await nativeEngine({
    workload: { phases: [phase], client: { timeoutMs: 30_000 } },
    target: { call: (model) => ({ url: `${origin}/${model}`, headers: { authorization: "Bearer bench" } }) },
    timeScale: 1,
    onRecord: (record) => {
      requests += 1;
      events += record.chunks;
      if (record.outcome !== "ok") failed += 1;
    },
    onProgress: () => undefined,
    signal: new AbortController().signal,
    limits: { maxInFlight: 2_000, maxConnections: 2_000 },
  });
  const wallMs = performance.now() - startMs;
  return { measured: { requests, events, wallMs, cpuMs: cpuSinceMs(cpu), failed }, generator };
}

/** The same requests through undici with nothing around it: one prompt made once, answers counted and thrown away. */
async function dispatchBare(origin: string, kind: "whole" | "stream"): Promise<Measured> {
  const body = JSON.stringify({ model: kind, messages: [{ role: "user", content: "word ".repeat(90) }] });
  const headers = ["content-type", "application/json", "authorization", "Bearer bench"];
  const clients = Array.from(
    { length: users },
    () => new Client(origin, { headersTimeout: 0, bodyTimeout: 0, allowH2: false }),
  );
  let requests = 0;
  let failed = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const loop = (client: Client): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        if (performance.now() - startMs > roundMs) return resolve();
        client.dispatch({ method: "POST", path: `/${kind}`, headers, body }, handler);
      };
      const handler = {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => {
          requests += 1;
          setImmediate(next);
        },
        onResponseError: () => {
          failed += 1;
          setImmediate(next);
        },
      };
      next();
    });
  await Promise.all(clients.map(loop));
  const measured = { requests, events: 0, wallMs: performance.now() - startMs, cpuMs: cpuSinceMs(cpu), failed };
  await Promise.all(clients.map((client) => client.close()));
  return measured;
}

function total(parts: readonly Measured[]): Measured {
  const sum = (of: (part: Measured) => number): number => parts.reduce((so, part) => so + of(part), 0);
  return {
    requests: sum((part) => part.requests),
    events: sum((part) => part.events),
    wallMs: sum((part) => part.wallMs),
    cpuMs: sum((part) => part.cpuMs),
    failed: sum((part) => part.failed),
  };
}

function perCpuSecond({ requests, cpuMs }: Measured): number {
  return (requests / cpuMs) * 1_000;
}

function rate({ requests, wallMs, cpuMs }: Measured): string {
  return `${thousands((requests / wallMs) * 1_000)}/s on ${(cpuMs / wallMs).toFixed(2)} cores`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function cpuSinceMs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("the responder has no standard output");
  const [line] = await once(child.stdout, "data");
  return Number(String(line));
}
