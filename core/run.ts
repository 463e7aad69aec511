/**
 * A Run: what a live run or a simulation leaves behind, in memory.
 *
 * On disk it is a folder (`runs/`): manifest.json, records.ndjson.gz, timeline.json, events.ndjson, findings.json,
 * report.html. The same shape whoever produced it; `kind` says who did.
 */
import type { NanoDollars } from "./money.ts";
import type { RequestRecord } from "./record.ts";
import type { Ms } from "./time.ts";

/**
 * Grows its minor part when fields are added; a reader accepts any minor version of its own major. 1.1: scaling and replicas;
 * 1.2: what requests waited for, what is beyond the gateway; 1.3: causes, use of functions as cost; 1.4: use of the machine;
 * 1.5: requests sent again by hand, most that waited.
 */
export const runFormatVersion = "1.5";

export interface Run {
  readonly manifest: RunManifest;
  readonly records: readonly RequestRecord[];
  readonly events: readonly RunEvent[];
}

export interface RunManifest {
  readonly formatVersion: string;
  readonly kind: "live" | "simulated";
  readonly scenario: string;
  /** The scenario file as given, so that a run can be repeated from its folder. */
  readonly scenarioText: string;
  readonly seed: number;
  readonly squallVersion: string;
  /** `native`, `k6` or `simulator`. */
  readonly engine: string;
  /** Gateway driver and version (`portkey 1.15.2`), or the URL. */
  readonly gateway: string;
  /** Scenario milliseconds per wall millisecond; in a simulation, of the live run that it stands beside, else 1. */
  readonly timeScale: number;
  /** Trace that was replayed, and which part of it. Name only, no path. */
  readonly trace?: { readonly name: string; readonly rows: number; readonly windowMs?: readonly [Ms, Ms] };
  /** ISO 8601 wall time; absent in a simulation, whose bytes must not depend on the day. */
  readonly startedAt?: string;
  /** Machine and versions; absent in a simulation for the same reason. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Length of the run in scenario time. */
  readonly durationMs: Ms;
  /** `interrupted` and `failed` runs keep what was recorded and are never judged as a pass. */
  readonly status: "complete" | "interrupted" | "failed";
  readonly phases: readonly PhaseSpan[];
  readonly providers: readonly ProviderLedger[];
  /** Price data used (`genai-prices 0.1.8 (2026-09-23)`). */
  readonly prices: string;
  /** Latency profiles used, each with how far to trust it and where it comes from, for the report's small print. */
  readonly profiles: readonly { readonly name: string; readonly status: string; readonly source: string }[];
  /** How the load generator itself fared. Absent in a simulation. */
  readonly generator?: GeneratorHealth;
  /** What this machine did during the load. Absent in a simulation, and where there was none. */
  readonly machine?: MachineUse;
  /** What the scenario asks of its gateway that this gateway does not do, in words. Absent where there is nothing. */
  readonly beyondGateway?: readonly string[];
  /** Calls of the platform's own: health checks that ask a model. Absent where there were none, or where nobody counted. */
  readonly ownCalls?: OwnCalls;
  /** What moved the gateway's replicas. Absent where nothing did. */
  readonly scaling?: ScalingAccount;
  /** The gateway's replicas over time. Absent where they were there from the start, stayed, and cost nothing. */
  readonly replicas?: ReplicaAccount;
}

/** Calls that providers counted and charged, and that belong to no request. */
export interface OwnCalls {
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: NanoDollars;
}

/** A scaling config, and what is known of it before anything runs. */
export interface ScalingAccount {
  /** Name of its file, no path, and the file as given. */
  readonly file: string;
  readonly text: string;
  /** `Kubernetes HorizontalPodAutoscaler`. */
  readonly format: string;
  /** `HPA cpu 70 %, 2..50`. */
  readonly policy: string;
  readonly minReplicas: number;
  /** null: the config sets none. */
  readonly maxReplicas: number | null;
  /** What it says and we do not model, and what we took it to mean. */
  readonly notes: readonly string[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** How long load must have been low before a replica goes; 0 where that does not apply. */
  readonly scaleDownDelayMs: Ms;
  /** How often it is asked. */
  readonly syncMs: Ms;
}

export interface ReplicaAccount {
  /** Charged for each replica from the wish for it until it is gone. */
  readonly hourly: NanoDollars;
  /** Mean time from the wish for a replica until it serves. */
  readonly startupMs: Ms;
  /** After each change, in order of time; the first one is the start of the run. */
  readonly counts: readonly ReplicaCounts[];
  /** What the load offered: known to a simulation, and in a live run taken from what its requests used on average. */
  readonly demand: readonly DemandBin[];
  /**
   * Most requests that waited for a replica with room at one instant of the load: no fewer, and no more. A load balancer counts them, and a
   * simulation has them in its records.
   */
  readonly mostWaiting?: readonly [atLeast: number, atMost: number];
  /** What no record tells, which only a simulation knows; absent where the fleet has nothing of the kind. */
  readonly tally?: FleetTally;
  /** What is charged for use in place of time: serverless instances. Absent where nothing is. */
  readonly usage?: { readonly gbSeconds: number; readonly requests: number; readonly cost: NanoDollars };
}

/** Everything counted over the whole run. */
export interface FleetTally {
  /** Requests in flight on replicas that were killed or lost. */
  readonly killed: number;
  /** Turns of a conversation that came to another replica than the turn before. */
  readonly lostContexts: number;
  /** Requests that a bad version, or a replica that reaches no model, failed by itself. */
  readonly failedByVersion: number;
  readonly probes: number;
  readonly probesFailed: number;
  /** Times that health checks took a replica out. */
  readonly ejected: number;
  readonly coldStarts: number;
  /** Requests that no replica, instance or queue took. */
  readonly turnedAway: number;
  /** Requests that ran into the time limit of a function. */
  readonly cutOff: number;
  /** Messages that were given to a worker again. */
  readonly redelivered: number;
  readonly deadLetters: number;
  /** Answers of a small model that went on to the next one. */
  readonly escalated: number;
  /** Requests that went elsewhere because the first provider was full. */
  readonly overflowed: number;
  readonly scrapesFailed: number;
  readonly samplesMissing: number;
}

/** How many replicas there were from `atMs` on. */
export interface ReplicaCounts {
  readonly atMs: Ms;
  /** By whoever scales. */
  readonly wished: number;
  /** Wished for and not serving yet. */
  readonly starting: number;
  readonly ready: number;
  /** No longer given requests, and still at work on some. */
  readonly draining: number;
}

/** What arrived in one fixed bin of scenario time. */
export interface DemandBin {
  readonly startMs: Ms;
  readonly widthMs: Ms;
  readonly arrived: number;
  /** Replicas that this load keeps busy without a pause; a fleet with fewer falls behind. Absent where nobody knows what a request takes. */
  readonly replicas?: number;
}

export interface PhaseSpan {
  readonly name: RequestRecord["phase"];
  readonly startMs: Ms;
  readonly endMs: Ms;
  /** Concurrent users, when the phase is a closed loop. */
  readonly users?: number;
}

/** Whether the generator could keep up; a run in which it could not is inconclusive. */
export interface GeneratorHealth {
  /** Lateness of sends in wall milliseconds. */
  readonly latenessP50Ms: number;
  readonly latenessP99Ms: number;
  readonly latenessMaxMs: number;
  /** Busy share of the generator's own event loop, 0..1 (node:perf_hooks eventLoopUtilization). */
  readonly loopUtilization: number;
  /** Why the generator was the bottleneck, empty when it was not. */
  readonly overload: string;
}

/** How busy a machine was, and with whom. */
export interface MachineUse {
  readonly processors: number;
  /** Share of the time of all processors, 0..1. */
  readonly busy: number;
  /** The same for programs that do not belong to the run; absent where the system does not tell. */
  readonly others?: number;
  /** Processors that the gateway kept busy: 0.8 is one at 80 %. Absent for a gateway that is not a process of the run. */
  readonly gateway?: number;
}

/** What a provider counted itself: the truth about upstream load and money. */
export interface ProviderLedger {
  readonly provider: string;
  readonly dialect: string;
  readonly calls: number;
  readonly served: number;
  readonly refused: number;
  readonly failed: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly wastedTokens: number;
  readonly cost: NanoDollars;
  /** Models without a price: their cost is not in `cost`. */
  readonly unpricedModels: readonly string[];
  readonly usage: readonly UsageBin[];
  /** Capacity that is paid by the hour, used or not; its calls cost nothing more. Absent where there is none. */
  readonly capacity?: readonly CapacityCharge[];
  /** Token and request limits per minute in force for the busiest key, null when unlimited. */
  readonly limits: readonly {
    readonly model: string;
    readonly requestsPerMinute: number | null;
    readonly tokensPerMinute: number | null;
  }[];
}

export interface CapacityCharge {
  /** Model of purchased units, or type of a node. */
  readonly what: string;
  readonly unit: "PTU" | "GSU" | "node";
  readonly units: number;
  /** Of one unit; null: no price is known. */
  readonly unitHourly: NanoDollars | null;
  readonly source: string;
}

/** What happened at a provider in one fixed bin of scenario time. */
export interface UsageBin {
  readonly startMs: Ms;
  readonly widthMs: Ms;
  readonly calls: number;
  readonly refused: number;
  /** Tokens charged against the quota at admission. */
  readonly chargedTokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: NanoDollars;
}

/** Something that happened at an instant, for the timeline: fault on and off, scale decision, replica change. */
export interface RunEvent {
  readonly atMs: Ms;
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
}
