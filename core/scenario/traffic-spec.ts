/** What is asked for, by whom and when: the `traffic` section of a scenario, complete. */
import type { DistributionSpec } from "../distributions.ts";
import type { Ms } from "../time.ts";
import type { BackoffSpec } from "./resilience-spec.ts";

export interface Traffic {
  readonly load: OpenLoad | ClosedLoad | TraceLoad;
  /** Open loop: requests come in conversations; each is one of its own unless given. */
  readonly sessions?: SessionSpec;
  /** Open loop: what comes on top for a while; nothing unless given. */
  readonly extra?: readonly ExtraTraffic[];
  /** Share of the conversations that are played, each whole or not at all; all unless given. */
  readonly sample?: number;
  /** At least one; shares add up to 1. A trace brings its own token counts and takes model and stream from the first. */
  readonly requests: readonly RequestShape[];
  /** Shares add up to 1; one tenant `default` when none are named. */
  readonly tenants: readonly { readonly name: string; readonly share: number }[];
  readonly client: {
    readonly timeoutMs: Ms;
    /** Clients that leave on purpose before their answer is whole; without it nobody does. */
    readonly leave?: LeaveSpec | undefined;
    /** What a client's library tries again by itself; without it, nothing. */
    readonly retries?: ClientRetries | undefined;
    /** People who send again by hand; without it, nobody does. */
    readonly resend?: ResendSpec;
  };
  /** Requests sent one after the other before anything is judged. */
  readonly warmupRequests: number;
}

/** Traffic of one kind and one tenant for a while; what is undefined is as in the rest. */
export interface ExtraTraffic {
  /** From the start of the load. */
  readonly atMs: Ms;
  readonly forMs: Ms;
  /** Arrivals per millisecond. */
  readonly perMs: number;
  readonly tenant: string | undefined;
  readonly model: string | undefined;
  readonly input: DistributionSpec | undefined;
  readonly output: DistributionSpec | undefined;
  readonly stream: boolean | undefined;
}

/** Retries by a client's library. Its time limit holds for each try. */
export interface ClientRetries {
  /** After the first try. */
  readonly max: number;
  readonly backoff: BackoffSpec;
  /** It waits as long as an answer asks for, where that is less than a minute. */
  readonly honourRetryAfter: boolean;
}

/** People who send a request again by hand that failed or took too long. */
export interface ResendSpec {
  /** Chance that somebody sends it again, drawn anew for each time. */
  readonly share: number;
  /** From sending it until those who would send it again no longer wait for the answer to begin; unless given, they do wait. */
  readonly patience?: DistributionSpec;
  /** From a failure until it is sent again. */
  readonly pause: DistributionSpec;
  /** Times at most. */
  readonly max: number;
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

/** Conversations of people who do not wait for each other, or chains of calls that an agent makes. */
export interface SessionSpec {
  readonly turns: DistributionSpec;
  /** From one request to the next, whatever comes back; with `dependent`, from the answer to the next request. */
  readonly think: DistributionSpec;
  /** Each request waits for the answer before it; they do not unless given. */
  readonly dependent?: true;
}

export interface ArrivalSegment {
  readonly forMs: Ms;
  /** Arrivals per millisecond at its start and end; equal unless it is a ramp. */
  readonly fromPerMs: number;
  readonly toPerMs: number;
  /** Gaps: all alike; exponential; or gamma, with `cv`. */
  readonly process: "constant" | "poisson" | "gamma";
  /** `gamma`: standard deviation of the gaps over their mean; 1 is Poisson. */
  readonly cv?: number;
  /** Bursts and quiet in turn, exponentially long; the rates above are averages over both. */
  readonly bursts?: BurstSpec;
}

export interface BurstSpec {
  /** Mean lengths. */
  readonly onMs: Ms;
  readonly offMs: Ms;
  /** Rate when quiet over the rate in a burst, 0..1. */
  readonly low: number;
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
  /** Unless given, the file itself tells. */
  readonly format?: "azure" | "mooncake";
  /** Path relative to the scenario file; undefined when given on the command line. */
  readonly file: string | undefined;
  /** Replayed so many times as fast, and with token counts so many times as large; 1 unless given. */
  readonly speed?: number;
  readonly lengths?: number;
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
  /** Prompts grow by e to this power each millisecond since the start of the load; not at all unless given. */
  readonly growthPerMs?: number;
}
