/** What a probe found out, as it is written to a file, shown and compared. */
import type { Failover } from "../../behavior/gateway-profile.ts";
import type { Outcome } from "../../core/record.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import type { Ms } from "../../core/time.ts";

/** Every dialect that a gateway can be asked to speak to a provider. */
export const dialectNames: readonly Dialect[] = ["openai", "azure-openai", "anthropic", "bedrock", "gemini", "vertex"];

export interface ProbeFindings {
  readonly format: 1;
  /** `portkey 1.15.2`. */
  readonly gateway: string;
  readonly probedAt: string;
  /** What it was told to do. */
  readonly policy: { readonly retries: number; readonly retryOn: readonly number[] };
  readonly answers: readonly ProbeAnswer[];
  readonly pauses: readonly Pause[];
  readonly habits: Habits;
  /** What the simulator takes from it. */
  readonly profile: ProbedProfile;
}

/** One question put to one dialect. */
export interface ProbeAnswer {
  readonly dialect: Dialect;
  readonly question: string;
  readonly stream: boolean;
  readonly status: number;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly finishReason: string;
  readonly done: boolean;
  readonly errorTold: boolean;
  /** Something was wrong upstream, and a client that looks at status, errors and finish reason would not know. */
  readonly looksHealthy: boolean;
  readonly retryAfterPassedOn: boolean;
  readonly tookMs: Ms;
  /** Calls that reached the provider. */
  readonly calls: number;
  /** Status of each. */
  readonly callStatuses: readonly number[];
  /** From the end of each call to the next one. */
  readonly waitsMs: readonly Ms[];
  /** Of all calls, in US dollars. */
  readonly cost: number;
  /** Tokens as the gateway told its client, and as the provider counted them; undefined: not told. */
  readonly usageTold?: number | undefined;
  readonly usageTrue: number;
  /** Whether the provider stops once its client has left; undefined where the client stays. */
  readonly providerStops?: boolean | undefined;
}

/** What a lone provider's failures lead to, when requests keep coming. */
export interface Pause {
  readonly status: number;
  readonly requests: number;
  /** Requests for which no provider was called. */
  readonly answeredWithoutCall: number;
  /** From the end of a call to the next one, where requests in between were answered without: the longest; 0: none. */
  readonly longestMs: Ms;
  /** Status of those answers; 0: none. */
  readonly statusMeanwhile: number;
}

export interface Habits {
  /** Headers of the client that reach a provider. */
  readonly headersPassedOn: readonly string[];
  /** A provider fails with 500: which one answers in the end. */
  readonly fallsBack: boolean;
  /** The same after a 400, which it was not told to fall back on; undefined: not asked. */
  readonly fallsBackAfterRefusal?: boolean | undefined;
  /** A stream that is cut in its middle goes on from the next provider. */
  readonly fallsBackInStream: boolean;
  readonly stopsUpstreamOfLeavingStream: boolean;
  readonly stopsUpstreamOfLeavingWhole: boolean;
  /** After SIGTERM a stream in flight comes to its end. */
  readonly drains: boolean;
}

export interface ProbedProfile {
  readonly failover: Failover;
  readonly cancelsUpstream: boolean;
  /** Longest pause of a lone provider, by status that led to it. */
  readonly cooldownMs: Readonly<Record<string, Ms>>;
}
