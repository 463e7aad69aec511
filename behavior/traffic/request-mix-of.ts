/** What a recorded session asked for, as the `requests` of a scenario. */
import { quantileSorted } from "simple-statistics";

/** Token counts of one call. */
export interface CountedCall {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** One kind of request: medians and 95th percentiles, and how much of the prompts was cached. At least one call. */
export function requestMixOf(calls: readonly CountedCall[], model: string): Readonly<Record<string, unknown>> {
  const sum = (of: (call: CountedCall) => number): number => calls.reduce((total, call) => total + of(call), 0);
  const cached =
    sum((call) => call.cachedTokens) /
    Math.max(
      1,
      sum((call) => call.inputTokens),
    );
  return {
    model,
    input: spreadOf(calls.map((call) => call.inputTokens)),
    output: spreadOf(calls.map((call) => call.outputTokens)),
    stream: true,
    ...(cached === 0 ? {} : { cached: `${(100 * cached).toFixed(1)}%` }),
  };
}

/** A lognormal through both, which is how a scenario takes it; a plain number where nothing varies. */
function spreadOf(tokens: readonly number[]): number | { readonly median: number; readonly p95: number } {
  const sorted = tokens.toSorted((left, right) => left - right);
  const [median, p95] = [0.5, 0.95].map((share) => Math.max(1, Math.round(quantileSorted(sorted, share))));
  return median === p95 ? (median ?? 1) : { median: median ?? 1, p95: p95 ?? 1 };
}
