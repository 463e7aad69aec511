/**
 * The shape of a hosted model's latency.
 *
 * Time to first token has a narrow body and a slow second population of 1 to 8 % of calls (one lognormal through the 95th
 * percentile misses the 99th by a factor of three), and grows with the prompt tokens that no cache holds. Output speed differs
 * far more between requests than gaps differ within one, so it is drawn once per request.
 */
import type { Ms } from "../../core/time.ts";

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
    readonly body: { readonly medianMs: Ms; readonly sigma: number };
    /** The slow population: its share of calls, and how many body medians its own median is. */
    readonly tail: { readonly weight: number; readonly multiple: number; readonly sigma: number } | undefined;
    /** Added per 1,000 uncached prompt tokens above the reference, and per 1,000 tokens read from a cache. */
    readonly uncachedMsPer1k: Ms;
    readonly cachedMsPer1k: Ms;
  };
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
 * `validated`: a second measurement agrees; `derived`: computed from published numbers; `assumed`: no source; `exact`: true
 * by definition.
 */
export type ProfileStatus = "validated" | "derived" | "assumed" | "exact";
