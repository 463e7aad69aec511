/**
 * A Scenario as the rest of Squall sees it: complete, in milliseconds, tokens and nano-dollars, nothing optional that has a
 * default. `parse.ts` makes it from the YAML that people write; `schema.ts` says what they may write.
 *
 * The same value is simulated, run live, drilled and gated.
 */
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  readonly traffic: Traffic;
  readonly providers: readonly ProviderSpec[];
  readonly platform: PlatformSpec;
  readonly timeline: readonly TimelineEntry[];
  readonly objectives: readonly Objective[];
}

export interface Traffic {
  readonly load: OpenLoad | ClosedLoad | TraceLoad;
  /** At least one; shares add up to 1. A trace brings its own token counts and takes model and stream from the first. */
  readonly requests: readonly RequestShape[];
  /** Shares add up to 1; one tenant `default` when none are named. */
  readonly tenants: readonly { readonly name: string; readonly share: number }[];
  readonly client: {
    readonly timeoutMs: Ms;
    /** Clients that leave on purpose before their answer is whole; without it nobody does. */
    readonly leave?: LeaveSpec | undefined;
  };
  /** Requests sent one after the other before anything is judged. */
  readonly warmupRequests: number;
}

/** People who close the page. */
export interface LeaveSpec {
  /** Share of the requests whose client leaves, if it still waits by then. */
  readonly share: number;
  /** From the instant at which a request is due until its client leaves, in milliseconds. */
  readonly after: DistributionSpec;
}

/** People who do not wait for each other: arrivals at a rate. */
export interface OpenLoad {
  readonly kind: "open";
  readonly segments: readonly ArrivalSegment[];
}

export interface ArrivalSegment {
  readonly forMs: Ms;
  /** Arrivals per millisecond at its start and end; equal unless it is a ramp. */
  readonly fromPerMs: number;
  readonly toPerMs: number;
  readonly process: "constant" | "poisson";
}

/** A fixed number of people, each waiting for the answer before going on. */
export interface ClosedLoad {
  readonly kind: "closed";
  readonly users: number;
  /** Play the same requests with this many users first, to compare with; 0: no baseline. */
  readonly baselineUsers: number;
  /** Conversations per user, one after the other; undefined: as many as fit in `forMs`. */
  readonly sessionsPerUser: number | undefined;
  readonly turns: DistributionSpec;
  readonly think: DistributionSpec;
  /** Users start evenly spread over this time. */
  readonly rampMs: Ms;
  /** No request is sent after this; undefined: until every user is done. */
  readonly forMs: Ms | undefined;
}

/** Recorded arrivals, replayed on their own instants. */
export interface TraceLoad {
  readonly kind: "trace";
  readonly format: "azure" | "mooncake";
  /** Path relative to the scenario file; undefined when given on the command line. */
  readonly file: string | undefined;
}

export interface RequestShape {
  readonly share: number;
  readonly model: string;
  /** Prompt tokens of a single request, or that each turn of a session adds. */
  readonly input: DistributionSpec;
  readonly output: DistributionSpec;
  readonly stream: boolean;
  /** `max_tokens` as sent: a number, `"output"` (the wished length), or undefined (not sent). */
  readonly maxTokens: number | "output" | undefined;
  /** Share of the prompt that repeats a cached prefix, 0..1. */
  readonly cachedShare: number;
}

export interface ProviderSpec {
  readonly name: string;
  readonly dialect: Dialect;
  readonly models: readonly ModelSpec[];
  /** `requests` and `tokens` limits are enforced in slices of this length; 0: as the provider does, mostly not at all. */
  readonly sliceMs: Ms;
  /**
   * How a limit on output tokens counts an answer: as it is generated (unless given), or its `max_tokens` from admission on,
   * corrected at its end. Only Anthropic's limits know the difference.
   */
  readonly outputCharging?: "generated" | "reserved";
  /** Vertex AI: when pay-as-you-go has no capacity, whoever asks; without it: never. */
  readonly sharedPool?: SharedPoolSpec;
  /** Google: time since midnight in California when the scenario starts, which limits per day go by; 0 unless given. */
  readonly startTimeOfDayMs?: Ms;
}

export type Dialect = "openai" | "azure-openai" | "anthropic" | "bedrock" | "gemini" | "vertex";

/** Capacity that all customers of a provider share: short for a while, every now and then. Both times are averages. */
export interface SharedPoolSpec {
  /** From the beginning of one shortage to that of the next; more than `shortForMs`. */
  readonly shortEveryMs: Ms;
  readonly shortForMs: Ms;
}

export interface ModelSpec {
  readonly model: string;
  /** Per minute and per day; undefined: unlimited. */
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly requestsPerDay: number | undefined;
  readonly tokensPerDay: number | undefined;
  /** For providers that limit input and output apart; undefined or left out: unlimited. */
  readonly inputTokensPerMinute?: number | undefined;
  readonly outputTokensPerMinute?: number | undefined;
  /** Models of one family share one set of limits, those of the first listed. Its own family unless given. */
  readonly limitFamily?: string;
  /**
   * Azure OpenAI: PTUs of a provisioned deployment, in place of its other limits. A standard one unless given. Vertex AI:
   * scale units of Provisioned Throughput, used before its other limits.
   */
  readonly provisionedUnits?: number;
  /** Name of a latency profile (`behavior/latency/profiles.ts`). */
  readonly latencyProfile: string;
  /** Multiplies every planned time; 0 answers at once. */
  readonly latencyScale: number;
}

export interface PlatformSpec {
  /** Driver name or URL of a gateway. */
  readonly gateway: string;
  /** Copies of the gateway when the run starts. */
  readonly replicas: number;
  /** How copies come, go, share the work and are paid; without it they are there from the start, stay, and cost nothing. */
  readonly fleet?: FleetSpec;
  /** A scaling config of any tool, relative to the scenario file; without it their number stays. */
  readonly scaling?: string;
  /** Which providers serve a model, in fallback order. Every model asked for has a route. */
  readonly routes: readonly { readonly model: string; readonly providers: readonly string[] }[];
  /** Retries by the gateway per provider after the first call. */
  readonly retries: { readonly max: number; readonly on: readonly number[] };
}

export interface FleetSpec {
  /** Copies at the start, where the file says so; undefined: a scaling config may have its own idea. */
  readonly start: number | undefined;
  /** Bounds of the platform itself, whatever a scaling policy wishes. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** From the wish for a replica until its process runs. */
  readonly startup: DistributionSpec;
  /** From then until it gets requests: probes that must first succeed. */
  readonly readinessMs: Ms;
  /** Requests in flight on one replica, those that go on for a client who has left included; more wait. undefined: no limit. */
  readonly concurrency: number | undefined;
  /** Charged for each replica from the wish for it until it is gone. */
  readonly hourly: NanoDollars;
  readonly balance: "round-robin" | "least-connections";
  readonly metrics: MetricPipelineSpec;
}

/** What lies between the truth and what a scaling policy sees of it. */
export interface MetricPipelineSpec {
  /** From one sample to the next. */
  readonly scrapeMs: Ms;
  /** Rates are taken over this long, rounded up to whole scrapes. */
  readonly windowMs: Ms;
  /** From the sample until it can be read. */
  readonly lagMs: Ms;
}

export interface TimelineEntry {
  /** From the start of the load phase: a warm-up or a baseline before it does not move it. */
  readonly atMs: Ms;
  /** undefined: until the end of the run. */
  readonly forMs: Ms | undefined;
  readonly fault: FaultSpec;
}

/** Something that goes wrong at a provider. */
export type FaultSpec = {
  readonly provider: string;
  /** Only this model; undefined: all. */
  readonly model: string | undefined;
  /** Share of calls it hits, 0..1. */
  readonly share: number;
} & (
  | { readonly kind: "outage"; readonly how: "status" | "reset"; readonly status: number }
  | { readonly kind: "error-rate"; readonly status: number; readonly retryAfterMs: Ms | undefined }
  | { readonly kind: "latency"; readonly factor: number }
);

export interface Objective {
  /** `ttft.p95`, `e2e.p99`, `itl.p50`, `errors`, `rate-limited`, `goodput`, `cost.per-hour`, `degradation.ttft.p95`, ... */
  readonly metric: string;
  readonly comparison: "<" | "<=" | ">" | ">=" | "==";
  /** In the metric's own unit: milliseconds, fraction, nano-dollars or count. */
  readonly limit: number;
  /** As written, for reports: `< 2s`. */
  readonly text: string;
  /** 1-based line in the scenario file. */
  readonly line: number;
}
