/**
 * Latency profiles by name.
 */
import { invalidInput } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";

export interface LatencyProfile {
  readonly name: string;
  readonly title: string;
  /** How far to trust absolute numbers: the weakest important part. A report prints it beside every latency. */
  readonly status: "validated" | "derived" | "assumed" | "exact";
  /** Where the figures come from, with dates. */
  readonly source: string;
  /** Time to the first content event at a prompt of `referencePromptTokens` uncached tokens. */
  readonly ttft: {
    readonly referencePromptTokens: number;
    readonly body: { readonly medianMs: Ms; readonly sigma: number };
    /** A slow second population: its share of calls, and how many body medians its own median is. */
    readonly tail: { readonly weight: number; readonly multiple: number; readonly sigma: number } | undefined;
    readonly uncachedMsPer1k: Ms;
    readonly cachedMsPer1k: Ms;
  };
  /** Output tokens per second after the first event, drawn once per request; undefined: all at once. */
  readonly speed: { readonly medianTokensPerSecond: number; readonly sigma: number } | undefined;
  readonly tokensPerEvent: number;
  /** Standard deviation of the gap between two events, as a share of its mean; at most 0.5. */
  readonly gapSigma: number;
  /** How much slower everything is when the token limit is fully used: 0.15 is 15 %. */
  readonly slowdownAtLimit: number;
}

const instant: LatencyProfile = {
  name: "instant",
  title: "Answers at once",
  status: "exact",
  source: "by definition",
  ttft: {
    referencePromptTokens: 0,
    body: { medianMs: 0, sigma: 0 },
    tail: undefined,
    uncachedMsPer1k: 0,
    cachedMsPer1k: 0,
  },
  speed: undefined,
  tokensPerEvent: 1,
  gapSigma: 0,
  slowdownAtLimit: 0,
};

export const latencyProfiles: Readonly<Record<string, LatencyProfile>> = { instant };

/** The named profile. Throws invalid input for a name that is not in the table. */
export function latencyProfile(name: string): LatencyProfile {
  const profile = Object.hasOwn(latencyProfiles, name) ? latencyProfiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw invalidInput(`no latency profile is called "${name}"; allowed are ${Object.keys(latencyProfiles).join(", ")}`, {
    code: "unknown-latency-profile",
  });
}
