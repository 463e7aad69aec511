/**
 * The contract of a load engine: it plays a workload against a target on wall time and says what its clients saw.
 *
 * `native/` is the engine without dependencies on other programs; `k6/` plays the same workload with k6. Every engine
 * sends the requests of the workload unchanged, tries again exactly where the workload says that a client's library does, and measures latency from the instant at which the plan
 * wanted a request sent, not from the instant at which it managed to send it (no coordinated omission).
 */
import type { PlannedRequest, Workload, WorkloadPhase } from "../behavior/workload.ts";
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { GeneratorHealth, PhaseSpan } from "../core/run.ts";
import type { Ms } from "../core/time.ts";

/** Where requests go. */
export interface LoadTarget {
  /** Absolute URL of the chat completions endpoint for a model, and the headers that a client must send. Asked once per model. */
  readonly call: (model: string) => TargetCall;
  /** The name to ask `call` for, where requests for one model go by several routes; the model's own unless given. Native engine only. */
  readonly routeOf?: (request: DealtRequest) => string;
}

/** What of a planned request decides which route it goes by. */
export type DealtRequest = Pick<PlannedRequest, "model" | "session" | "key">;

export interface TargetCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the target calls the model; its own name unless given. */
  readonly model?: string;
  /** Header that is to name the conversation; none is sent unless given. */
  readonly sessionHeader?: string;
  /** Header that is to name the tenant, percent-encoded; none is sent unless given. */
  readonly tenantHeader?: string;
}

export interface LoadLimits {
  /** Requests sent and not ended: the bound on the engine's memory. */
  readonly maxInFlight: number;
  /** Open connections to one origin. HTTP/1.1 without pipelining carries one request each. */
  readonly maxConnections: number;
}

export interface LoadOptions {
  readonly workload: Workload;
  readonly target: LoadTarget;
  /** Scenario milliseconds per wall millisecond: 10 plays ten times as fast as real time. */
  readonly timeScale: number;
  /** Gets every request that was sent, in the order in which they ended. If it throws, the run fails with its error. */
  readonly onRecord: (record: RequestRecord) => void;
  /** Called before each phase; the phase begins when it is done. */
  readonly onPhase?: (phase: WorkloadPhase) => void | Promise<void>;
  /** Called a few times a second. */
  readonly onProgress: (progress: LoadProgress) => void;
  /** Interrupts: nothing more is sent, what is in flight is cancelled and recorded as `unfinished`. */
  readonly signal: AbortSignal;
  readonly limits: LoadLimits;
}

/** How far the present phase has come. */
export interface LoadProgress {
  readonly phase: PhaseName;
  /** Scenario time since the phase began. */
  readonly elapsedMs: Ms;
  /** Requests of the phase in all; undefined when only time will tell. */
  readonly planned: number | undefined;
  readonly finished: number;
  /** Of those finished, how many did not end `ok`. */
  readonly failed: number;
  readonly inFlight: number;
}

export interface LoadResult {
  readonly status: "complete" | "interrupted";
  /** Why the engine could not go on by itself, in words; absent where it could. What was recorded until then counts. */
  readonly failure?: string;
  /** Phases that began, in scenario time since the start of the first. */
  readonly phases: readonly PhaseSpan[];
  readonly generator: GeneratorHealth;
  readonly durationMs: Ms;
}

export type LoadEngine = (options: LoadOptions) => Promise<LoadResult>;
