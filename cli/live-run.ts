/**
 * Wires a live run: mock providers in a process of their own, the real gateway in another, the load engine here.
 *
 * Whatever happens (an objective missed, Ctrl-C, a gateway that dies), the children are stopped and what was recorded is
 * returned; the run's status says how it ended.
 */
import { cpus, totalmem } from "node:os";
import { createFaultSchedule, type FaultSchedule } from "../behavior/faults/schedule.ts";
import { genaiPricesName } from "../behavior/price/genai-prices.ts";
import { buildWorkload } from "../behavior/traffic/workload-builder.ts";
import { environmentNotReady } from "../core/errors.ts";
import { StreamingJoin } from "../core/join.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Run, RunEvent, RunManifest } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import type { GatewayPolicy, RunningGateway, UpstreamProvider } from "../gateways/driver.ts";
import { gatewayDriver } from "../gateways/drivers.ts";
import type { LoadProgress, LoadResult } from "../load/engine.ts";
import { nativeEngine } from "../load/native/engine.ts";
import { startTimeline, timelineEvents } from "../simulator/timeline.ts";
import { type MockProcess, startMockProcess } from "./mock-process.ts";
import type { Progress } from "./progress.ts";
import { providerKey } from "./provider-accounts.ts";
import type { ScenarioInput } from "./scenario-input.ts";
import { describeInput } from "./simulated-run.ts";

export interface LiveRunChoices {
  /** Driver name or URL. */
  readonly gateway: string;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  readonly cacheDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** How long a gateway may take to become ready, wall time. */
const gatewayReadyMs: Ms = 30_000;
/** How long children may take to stop before they are killed, wall time. */
const stopDeadlineMs: Ms = 3_000;
/** How often the providers' journal is read while the run goes on, wall time. */
const journalReadEveryMs: Ms = 500;
/** Requests and connections open at once; a run that reaches them says that the generator was the bottleneck. */
const loadLimits = { maxInFlight: 10_000, maxConnections: 2_000 } as const;

/** Runs the scenario live. Errors: `gateway-not-ready`, `mock-not-ready`, `port-taken`. */
export async function runLive(input: ScenarioInput, choices: LiveRunChoices): Promise<Run> {
  const { scenario } = input;
  const { progress, signal } = choices;
  const startedAt = new Date().toISOString();
  const driver = gatewayDriver(choices.gateway);
  await driver.install(choices.cacheDir, (text) => progress.step(text), signal);
  progress.step("starting the mock providers");
  const mock = await startMockProcess(scenario, choices.timeScale, signal);
  try {
    progress.step(`starting the gateway: ${driver.name}`);
    const gateway = await driver.start({
      policy: gatewayPolicy(scenario, mock),
      port: 0,
      cacheDir: choices.cacheDir,
      readyTimeoutMs: gatewayReadyMs,
      onProgress: (text) => progress.step(text),
      signal,
    });
    try {
      const played = await play(input, choices, mock, gateway);
      return {
        manifest: {
          ...describeInput(input),
          kind: "live",
          engine: "native",
          gateway: gateway.description,
          timeScale: choices.timeScale,
          startedAt,
          environment: environmentInWords(),
          durationMs: played.result.durationMs,
          status: played.status,
          phases: played.result.phases,
          providers: await mock.ledger(),
          prices: genaiPricesName,
          generator: played.result.generator,
        },
        records: played.records,
        events: played.events,
      };
    } finally {
      await gateway.stop(stopDeadlineMs);
    }
  } finally {
    await mock.stop(stopDeadlineMs);
  }
}

interface Played {
  readonly result: LoadResult;
  readonly status: RunManifest["status"];
  readonly records: readonly RequestRecord[];
  readonly events: readonly RunEvent[];
}

async function play(
  input: ScenarioInput,
  choices: LiveRunChoices,
  mock: MockProcess,
  gateway: RunningGateway,
): Promise<Played> {
  const { scenario } = input;
  const { progress } = choices;
  const workload = buildWorkload(scenario, {
    ...(input.trace === undefined ? {} : { trace: input.trace.rows }),
    ...(input.windowMs === undefined ? {} : { windowMs: input.windowMs }),
  });
  const join = new StreamingJoin();
  const records: RequestRecord[] = [];
  const faults = createFaultSchedule();
  const stopped = new AbortController();
  const lost = watchChildren(gateway, mock, stopped);
  const reader = setInterval(() => {
    join.readBegins();
    mock.journal().then(
      (calls) => records.push(...join.readReturned(calls)),
      () => undefined, // a mock that died is noticed by watchChildren
    );
  }, journalReadEveryMs);
  try {
    await mock.reset();
    const result = await nativeEngine({
      workload,
      target: { call: gateway.call },
      timeScale: choices.timeScale,
      onRecord: (record) => join.record(record),
      onPhase: async (phase) => {
        progress.step(phaseInWords(phase.name, phase.kind === "closed" ? phase.users : undefined));
        if (phase.name === "load") await beginTimeline(scenario, faults, mock);
      },
      onProgress: (seen) => progress.detail(progressInWords(seen)),
      signal: AbortSignal.any([choices.signal, stopped.signal]),
      limits: loadLimits,
    });
    clearInterval(reader);
    records.push(...join.finish(await mock.journal().catch(() => [])));
    const failure = lost();
    const events = timelineEvents(faults, result.durationMs);
    if (failure === undefined) return { result, status: result.status, records, events };
    const end: RunEvent = { atMs: result.durationMs, kind: "failure", subject: "run", text: failure };
    return { result, status: "failed", records, events: [...events, end] };
  } finally {
    clearInterval(reader);
  }
}

/** Puts the scenario's timeline on the mock's schedule; its instants count from now. */
async function beginTimeline(scenario: Scenario, faults: FaultSchedule, mock: MockProcess): Promise<void> {
  startTimeline(scenario.timeline, faults, mock.nowMs());
  for (const entry of faults.entries()) await mock.addFault(entry);
}

/** Stops the load when a child ends by itself, and says which and why. */
function watchChildren(gateway: RunningGateway, mock: MockProcess, stopped: AbortController): () => string | undefined {
  let reason: string | undefined;
  const watch = (who: string, exited: Promise<string>): void => {
    void exited.then((why) => {
      reason ??= `${who} ended during the run: ${why}`;
      stopped.abort(reason);
    });
  };
  watch(`gateway ${gateway.description}`, gateway.exited);
  watch("the mock providers", mock.exited);
  return () => reason;
}

function gatewayPolicy(scenario: Scenario, mock: MockProcess): GatewayPolicy {
  const upstream = (name: string): UpstreamProvider => {
    const spec = scenario.providers.find((provider) => provider.name === name);
    const baseUrl = mock.baseUrl(name);
    if (spec === undefined || baseUrl === undefined) {
      throw environmentNotReady(`the mock does not serve provider "${name}"`, { code: "mock-not-ready" });
    }
    return { name, dialect: spec.dialect, baseUrl, apiKey: providerKey(name) };
  };
  return {
    routes: scenario.platform.routes.map((route) => ({ model: route.model, providers: route.providers.map(upstream) })),
    retries: scenario.platform.retries.max,
    retryOn: scenario.platform.retries.on,
    requestTimeoutMs: undefined,
  };
}

function phaseInWords(name: RequestRecord["phase"], users: number | undefined): string {
  const who = users === undefined ? "" : users === 1 ? ": one person alone" : `: ${users} people at once`;
  return { warmup: "warming up", baseline: `live, baseline${who}`, load: `live, under load${who}` }[name];
}

function progressInWords(seen: LoadProgress): string {
  const total = seen.planned === undefined ? "" : ` of ${seen.planned}`;
  const failed = seen.failed === 0 ? "" : `, ${seen.failed} not ok`;
  return `${seen.finished}${total} requests, ${seen.inFlight} in flight${failed}`;
}

function environmentInWords(): Record<string, string> {
  const [first] = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${cpus().length} x ${first?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}
