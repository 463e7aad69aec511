/**
 * How fast a model answers: the `latency` of a provider or a model, complete.
 *
 * The shape of a hosted model's latency: time to first token has a narrow body and a slow second population of 1 to 8 % of
 * calls (one lognormal through the 95th percentile misses the 99th by a factor of three), and grows with the prompt tokens
 * that no cache holds. Output speed differs far more between requests than gaps differ within one, so it is drawn once per
 * request.
 */
import type { Ms } from "../time.ts";

export interface LatencyProfile {
  readonly name: string;
  readonly title: string;
  /** How far to trust absolute numbers: the weakest important part. A report prints it beside every latency. */
  readonly status: ProfileStatus;
  /** Where the figures come from, with dates. */
  readonly source: string;
  /** Time to the first content event, for a prompt of `referencePromptTokens` uncached tokens at an idle account. */
  readonly ttft: {
    readonly referencePromptTokens: number;
    /** What no call is faster than: body and tail come on top of it. 0 unless given. */
    readonly floorMs?: Ms;
    readonly body: { readonly medianMs: Ms; readonly sigma: number };
    /** The slow population: its share of calls, and how many body medians its own median is. */
    readonly tail: { readonly weight: number; readonly multiple: number; readonly sigma: number } | undefined;
    /** Added per 1,000 uncached prompt tokens above the reference, and per 1,000 tokens read from a cache. */
    readonly uncachedMsPer1k: Ms;
    readonly cachedMsPer1k: Ms;
  };
  /** Tokens thought before the first one that is shown, lognormal, at the speed of the answer; does not think unless given. */
  readonly reasoning?: { readonly medianTokens: number; readonly sigma: number };
  /** Output tokens per second after the first event, lognormal; undefined: everything at once. */
  readonly speed: { readonly medianTokensPerSecond: number; readonly sigma: number } | undefined;
  /** Output tokens that one content event carries. */
  readonly tokensPerEvent: number;
  /** Standard deviation of the gap between two events as a share of its mean, at most 0.5. */
  readonly gapSigma: number;
  /** How much slower everything is when the token limit is used up: 0.15 is 15 %. */
  readonly slowdownAtLimit: number;
}

/**
 * `validated`: a second measurement agrees; `modelled`: computed from published numbers or from a model; `fitted`: from the
 * user's own calls; `assumed`: no source; `exact`: true by definition.
 */
export type ProfileStatus = "validated" | "modelled" | "fitted" | "assumed" | "exact";

/** What a scenario says of a model's latency beyond the name and the scale of a profile. */
export interface LatencyChoice {
  /** A profile of the user's own; its name stands in `ModelSpec.latencyProfile`. */
  readonly profile?: LatencyProfile;
  /** File that holds the profile, relative to the scenario; whoever reads files puts `profile` in its place. */
  readonly file?: string;
  /** An engine of one's own in place of a profile; its name stands in `ModelSpec.latencyProfile`. */
  readonly engine?: EngineChoice;
  /** In place of the profile's `slowdownAtLimit`. */
  readonly slowdownAtLimit?: number;
  /** How much slower everything is at the busiest hour of the day than at the quietest; the same all day unless given. */
  readonly dailySwing?: number;
}

/** One of Squall's engines (`behavior/latency/batching/engines.ts`), and what is different about it. */
export interface EngineChoice {
  readonly name: string;
  readonly changes: Partial<Omit<EngineSpec, "name" | "title" | "source" | "status">>;
}

/** A model on GPUs of one's own: an engine with continuous batching, such as vLLM. */
export interface EngineSpec {
  readonly name: string;
  readonly title: string;
  readonly status: ProfileStatus;
  readonly source: string;
  /** What a step of the engine takes; see `behavior/latency/batching/step-time.ts`. */
  readonly step: StepCost;
  /** Tokens of one step, prefill and decode together (vLLM: max_num_batched_tokens). */
  readonly batchTokensMax: number;
  /** Sequences that run at the same time (vLLM: max_num_seqs). At most `batchTokensMax`. */
  readonly sequencesMax: number;
  /** Tokens that the KV memory holds, and how many of them are one block. */
  readonly kvTokens: number;
  readonly kvBlockTokens: number;
  /** Requests that wait for a place; more are refused. */
  readonly waitingMax: number;
  /** Whether blocks of prompts are kept for those that begin alike, and how many tokens one hash of a trace stands for. */
  readonly prefixCache: boolean;
  readonly prefixBlockTokens: number;
  /** Outside the engine: from the request to the queue, and per output token on its way out. */
  readonly arrivalMs: Ms;
  readonly perOutputTokenMs: Ms;
}

/** In milliseconds, per step, per sequence that decodes, per token in KV memory, and per prompt token of the step. */
export interface StepCost {
  readonly decodeMs: Ms;
  readonly perSequenceMs: Ms;
  readonly perKvTokenMs: Ms;
  readonly prefillMs: Ms;
  readonly perPromptTokenMs: Ms;
  readonly perPromptTokenSquaredMs: Ms;
}
