/**
 * Wires a live run: mock providers in a process of their own, the real gateway in another, the load engine here.
 *
 * Whatever happens (an objective missed, Ctrl-C, a gateway that dies), the children are stopped and what was recorded is
 * returned; the run's status says how it ended.
 */
import { cpus, totalmem } from "node:os";
import { beyondGateway } from "../behavior/gateway-profiles/beyond.ts";
import { createFaultSchedule, type FaultSchedule } from "../behavior/faults/schedule.ts";
import { genaiPricesName } from "../behavior/price/genai-prices.ts";
import { pricesInWords } from "../behavior/price/own-prices.ts";
import type { Workload } from "../behavior/workload.ts";
import { environmentNotReady } from "../core/errors.ts";
import { StreamingJoin } from "../core/join.ts";
import type { RequestRecord } from "../core/record.ts";
import type { ProviderLedger, Run, RunEvent, RunManifest } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import type { GatewayPolicy, RunningGateway, UpstreamProvider } from "../gateways/driver.ts";
import { gatewayDriver } from "../gateways/drivers.ts";
import type { LoadProgress, LoadResult } from "../load/engine.ts";
import { startTimeline, timelineEvents } from "../simulator/timeline.ts";
import { ownEngine, type ReadyEngine } from "./load-engine.ts";
import { type MockProcess, startMockProcess } from "./mock-process.ts";
import type { Progress } from "./progress.ts";
import { providerKey } from "./provider-accounts.ts";
import { recordsMax, tooManyRecords } from "../runs/record-bound.ts";
import { type ScenarioInput, workloadOf } from "./scenario-input.ts";
import { describeInput } from "./simulated-run.ts";

export interface LiveRunChoices {
  /** Squall's own unless given. */
  readonly engine?: ReadyEngine | undefined;
  /** Driver name or URL. */
  readonly gateway: string;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  /** Port of the mock providers, for a gateway that was pointed at them by hand; 0 picks a free one. */
  readonly mockPort: number;
  /** How long the gateway may take to become ready, wall time. */
  readonly readyTimeoutMs: Ms;
  readonly cacheDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** How long a gateway may take to become ready unless told otherwise, wall time. */
export const gatewayReadyMs: Ms = 30_000;
/** How long children may take to stop before they are killed, wall time. */
const stopDeadlineMs: Ms = 3_000;
/** How often the providers' journal is read while the run goes on, wall time. */
const journalReadEveryMs: Ms = 500;
/** Requests and connections open at once; a run that reaches them says that the generator was the bottleneck. */
const loadLimits = { maxInFlight: 10_000, maxConnections: 2_000 } as const;

/**
 * Runs the scenario live. Errors: `trace-window-empty`, `gateway-not-ready`, `mock-not-ready`; the signal's reason when nothing
 * was sent yet.
 */
export async function runLive(input: ScenarioInput, choices: LiveRunChoices): Promise<Run> {
  const { scenario } = input;
  const { progress, signal, timeScale, engine = ownEngine } = choices;
  const planned = { ...input, workload: workloadOf(input) };
  const beyond = beyondGateway(choices.gateway, scenario.platform);
  const startedAt = new Date().toISOString();
  const driver = gatewayDriver(choices.gateway);
  await driver.install(choices.cacheDir, (text) => progress.step(text), signal);
  progress.step("starting the mock providers");
  const mock = await startMockProcess(scenario, { port: choices.mockPort, timeScale, signal });
  try {
    progress.step(`starting the gateway: ${choices.gateway}`);
    const gateway = await driver.start({
      policy: gatewayPolicy(scenario, mock, timeScale),
      port: 0,
      cacheDir: choices.cacheDir,
      readyTimeoutMs: choices.readyTimeoutMs,
      onProgress: (text) => progress.note(text),
      signal,
    });
    try {
      const { result, status, providers, records, events } = await play(planned, choices, mock, gateway);
      return {
        manifest: {
          ...describeInput(input),
          kind: "live",
          engine: engine.name,
          gateway: gateway.description,
          timeScale,
          startedAt,
          environment: { ...environmentInWords(), ...engine.environment },
          durationMs: result.durationMs,
          status,
          phases: result.phases,
          providers,
          prices: pricesInWords(genaiPricesName, scenario.providers),
          ...(beyond.length === 0 ? {} : { beyondGateway: beyond }),
          generator: result.generator,
        },
        records,
        events,
      };
    } finally {
      await gateway.stop(stopDeadlineMs);
    }
  } finally {
    await mock.stop(stopDeadlineMs);
  }
}

interface Played extends Pick<Run, "records" | "events"> {
  readonly result: LoadResult;
  readonly status: RunManifest["status"];
  readonly providers: readonly ProviderLedger[];
}

async function play(
  { scenario, workload }: ScenarioInput & { readonly workload: Workload },
  choices: LiveRunChoices,
  mock: MockProcess,
  gateway: RunningGateway,
): Promise<Played> {
  const { progress } = choices;
  const faults = createFaultSchedule();
  const trouble = watchForTrouble(gateway, mock);
  const joined = joinWithJournal(mock, trouble);
  try {
    await mock.reset();
    const result = await (choices.engine ?? ownEngine).play({
      workload,
      target: { call: gateway.call },
      timeScale: choices.timeScale,
      onRecord: joined.record,
      onPhase: async (phase) => {
        progress.step(phaseInWords(phase.name, phase.kind === "closed" ? phase.users : undefined));
        if (phase.name === "load") await beginTimeline(scenario, faults, mock).catch(trouble.happened);
      },
      onProgress: (seen) => progress.detail(progressInWords(seen)),
      signal: AbortSignal.any([choices.signal, trouble.signal]),
      limits: loadLimits,
    });
    if (result.failure !== undefined) trouble.happened(result.failure);
    // Providers that cannot be read any more lose the count of money, not the run.
    const records = await joined.finish();
    const providers = await mock.ledger().catch((cause: unknown) => {
      trouble.happened(cause);
      return [];
    });
    const events = timelineEvents(faults, result.durationMs);
    const reason = trouble.reason();
    if (reason === undefined) return { result, status: result.status, providers, records, events };
    const end: RunEvent = { atMs: result.durationMs, kind: "failure", subject: "run", text: reason };
    return { result, status: "failed", providers, records, events: [...events, end] };
  } finally {
    joined.stop();
  }
}

/** Records from the load engine, joined with the calls that the providers saw, while the run goes on. */
function joinWithJournal(
  mock: MockProcess,
  trouble: Trouble,
): {
  readonly record: (record: RequestRecord) => void;
  /** Everything that was recorded, once the load is over. */
  readonly finish: () => Promise<readonly RequestRecord[]>;
  readonly stop: () => void;
} {
  const join = new StreamingJoin();
  const records: RequestRecord[] = [];
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    join.readBegins();
    // Providers that died are noticed by watchForTrouble.
    const calls = await mock.journal().catch(() => undefined);
    if (calls !== undefined) for (const record of join.readReturned(calls)) records.push(record);
    if (records.length > recordsMax) trouble.happened(tooManyRecords);
  };
  const timer = setInterval(() => {
    reading ??= read().finally(() => {
      reading = undefined;
    });
  }, journalReadEveryMs);
  return {
    record: (record) => join.record(record),
    finish: async () => {
      clearInterval(timer);
      await reading;
      return [...records, ...join.finish(await mock.journal().catch(() => []))];
    },
    stop: () => clearInterval(timer),
  };
}

/** Puts the scenario's timeline on the mock's schedule; its instants count from now. */
async function beginTimeline(scenario: Scenario, faults: FaultSchedule, mock: MockProcess): Promise<void> {
  startTimeline(scenario.timeline, faults, mock.nowMs());
  for (const entry of faults.entries()) await mock.addFault(entry);
}

/** What breaks a run off: a child that ends by itself, or providers that cannot be told what to do. The first reason counts. */
interface Trouble {
  /** Aborted when there is any. */
  readonly signal: AbortSignal;
  readonly happened: (cause: unknown) => void;
  readonly reason: () => string | undefined;
}

function watchForTrouble(gateway: RunningGateway, mock: MockProcess): Trouble {
  const stop = new AbortController();
  let reason: string | undefined;
  const happened = (cause: unknown): void => {
    reason ??= cause instanceof Error ? cause.message : String(cause);
    stop.abort(reason);
  };
  void gateway.exited.then((why) => happened(`the gateway ended during the run: ${why}`));
  void mock.exited.then((why) => happened(`the mock providers ended during the run: ${why}`));
  return { signal: stop.signal, happened, reason: () => reason };
}

function gatewayPolicy(scenario: Scenario, mock: MockProcess, timeScale: number): GatewayPolicy {
  const attemptMs = scenario.platform.resilience?.timeouts?.attemptMs;
  const upstream = (name: string): UpstreamProvider => {
    const spec = scenario.providers.find((provider) => provider.name === name);
    const baseUrl = mock.baseUrl(name);
    if (spec === undefined || baseUrl === undefined) {
      throw environmentNotReady(`the mock does not serve provider "${name}"`, { code: "mock-not-ready" });
    }
    return { name, dialect: spec.dialect, baseUrl, apiKey: providerKey(spec) };
  };
  return {
    routes: scenario.platform.routes.map((route) => ({ model: route.model, providers: route.providers.map(upstream) })),
    retries: scenario.platform.retries.max,
    retryOn: scenario.platform.retries.on,
    requestTimeoutMs: attemptMs === undefined ? undefined : attemptMs / timeScale,
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
