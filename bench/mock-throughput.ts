/**
 * How fast the mock answers: non-streamed completions per second against a bare `node:http` server that parses the same JSON
 * and answers the same bytes, in the same run. Quota, ledger, journal and metrics are on; planned latency is 0.
 *
 * Each server has a process of its own and so does the load (kept-alive connections without pipelining). Rounds alternate, so
 * that a busy machine slows both. The ratio of requests per CPU second is the one to look at: it does not change when
 * other processes take the core away.
 *
 *     node bench/mock-throughput.ts [seconds per round] [rounds]
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { LoadOrder, LoadReport } from "./mock-load.ts";
import { buildSimulator, installAimock } from "./mock-peers.ts";
import type { ServerReport } from "./mock-servers.ts";

const connections = 32;

type Role = "mock" | "bare" | "aimock" | "llm-d";

/** As the report names them, in its order. */
const names: Readonly<Record<Role, string>> = {
  bare: "bare node:http",
  mock: "squall mock   ",
  aimock: "aimock        ",
  "llm-d": "llm-d-inf.-sim",
};

interface Round {
  readonly answered: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function main(seconds: number, rounds: number): Promise<void> {
  const servers = [await startServer("mock"), await startServer("bare"), ...(await startPeers())];
  const load = start("mock-load.ts", []);
  const measured = new Map<Role, Round[]>(servers.map(({ role }) => [role, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      const result = await measure(load, server, seconds);
      if (round > 0) measured.get(server.role)?.push(result); // the first round warms up
    }
  }
  for (const { child } of servers) child.kill();
  load.kill();
  report(measured);
}

export interface StartedServer {
  readonly role: Role;
  readonly child: ChildProcess;
  readonly port: number;
  /** Of its chat completions. */
  readonly path: string;
}

export async function startServer(
  role: "mock" | "bare" | "aimock",
  ...args: readonly string[]
): Promise<StartedServer> {
  const child = start("mock-servers.ts", [role, ...args]);
  const { port } = (await nextMessage(child)) as { readonly port: number };
  return { role, child, port, path: role === "aimock" ? "/v1/chat/completions" : "/openai/v1/chat/completions" };
}

/** Those that can be had here. */
async function startPeers(): Promise<readonly StartedServer[]> {
  const aimock = installAimock();
  const simulator = buildSimulator();
  return [
    ...(aimock === undefined ? [] : [await startServer("aimock", aimock)]),
    ...(simulator === undefined ? [] : [await startSimulator(simulator)]),
  ];
}

/** Answers at once unless told otherwise. It says nothing when it is ready, so it is asked. */
async function startSimulator(program: string): Promise<StartedServer> {
  const port = await freePort();
  const child = spawn(
    program,
    ["--model", "gpt-4o-mini", "--port", String(port), "--max-num-seqs", String(connections)],
    {
      stdio: "ignore",
    },
  );
  const began = performance.now();
  while (performance.now() - began < 15_000) {
    const ready = await fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { role: "llm-d", child, port, path: "/v1/chat/completions" };
    await delay(100);
  }
  child.kill();
  throw new Error("llm-d-inference-sim did not become ready in 15 s");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

export async function measure(load: ChildProcess, server: StartedServer, seconds: number): Promise<Round> {
  const before = await cpuMsOf(server);
  const order: LoadOrder = { port: server.port, path: server.path, connections, seconds };
  load.send(order);
  const { answered, failed, wallMs } = (await nextMessage(load)) as LoadReport;
  if (failed > 0) throw new Error(`${failed} answers of the ${server.role} server were not 200`);
  const cpuMs = (await cpuMsOf(server)) - before;
  return { answered, perSecond: (answered / wallMs) * 1e3, perCpuSecond: (answered / cpuMs) * 1e3 };
}

async function cpuMsOf({ role, child }: StartedServer): Promise<number> {
  if (role === "llm-d") return cpuMsOfProcess(child.pid ?? 0);
  child.send("report");
  return ((await nextMessage(child)) as ServerReport).cpuMs;
}

/** User and system time; NaN where there is no /proc. Ticks are hundredths of a second on every Linux (man 7 time). */
function cpuMsOfProcess(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

export function start(file: string, args: readonly string[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args, { stdio: "inherit", execArgv: ["--expose-gc"] });
}

export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, "message");
  return message;
}

function report(measured: ReadonlyMap<Role, readonly Round[]>): void {
  const of = (role: Role): readonly Round[] => measured.get(role) ?? [];
  for (const role of ["bare", "mock", "aimock", "llm-d"] as const) {
    const rounds = of(role);
    if (rounds.length === 0) continue;
    console.log(
      `${names[role]}  ${perSecond(rounds, (round) => round.perSecond)} req/s  ${perSecond(rounds, (round) => round.perCpuSecond)} req per CPU second`,
    );
  }
  const share = (role: Role, value: (round: Round) => number): string =>
    (median(of("mock").map(value)) / median(of(role).map(value))).toFixed(2);
  for (const role of ["bare", "aimock", "llm-d"] as const) {
    if (of(role).length === 0) continue;
    const target = role === "bare" ? " (target 0.75)" : "";
    console.log(
      `mock / ${role.padEnd(8)} ${share(role, (round) => round.perSecond)} by wall time, ${share(role, (round) => round.perCpuSecond)} by CPU time${target}`,
    );
  }
}

function perSecond(rounds: readonly Round[], of: (round: Round) => number): string {
  return String(Math.round(median(rounds.map(of)))).padStart(7);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(Number(process.argv[2] ?? 3), Number(process.argv[3] ?? 3));
}
