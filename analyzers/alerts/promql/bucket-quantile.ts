/**
 * A quantile out of the cumulative buckets of a histogram: the bucket that holds the rank, and linear interpolation within it
 * (prometheus/promql/quantile.go, bucketQuantile).
 *
 * The lowest bucket starts at 0; a rank in the bucket without an end is answered with the end of the one before it. So a
 * quantile is only as exact as the bounds are close, and never above the highest finite one.
 */

export interface Bucket {
  /** Inclusive upper bound; infinite for the last one. */
  readonly upper: number;
  /** Observations up to the bound; a rate of them will do. */
  readonly count: number;
}

/** NaN where there is no observation, no bucket without an end, or no other bucket. */
export function bucketQuantile(q: number, given: readonly Bucket[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const buckets = monotonic(given);
  const last = buckets.length - 1;
  const total = buckets[last];
  if (total === undefined || last < 1 || total.upper !== Number.POSITIVE_INFINITY || total.count === 0)
    return Number.NaN;
  const rank = q * total.count;
  const holding = buckets.findIndex(({ count }, index) => index === last || count >= rank);
  const [bucket, below] = [buckets[holding], buckets[holding - 1]];
  if (bucket === undefined) return Number.NaN;
  if (holding === last) return below?.upper ?? Number.NaN;
  if (below === undefined) return bucket.upper <= 0 ? bucket.upper : bucket.upper * (rank / bucket.count);
  return below.upper + (bucket.upper - below.upper) * ((rank - below.count) / (bucket.count - below.count));
}

/** By bound; equal bounds added up; a count below the one before it, which rounding can cause, raised to it. */
function monotonic(given: readonly Bucket[]): readonly Bucket[] {
  const merged: { readonly upper: number; count: number }[] = [];
  for (const { upper, count } of given.toSorted((left, right) => left.upper - right.upper)) {
    const previous = merged.at(-1);
    if (previous?.upper === upper) previous.count += count;
    else merged.push({ upper, count });
  }
  let most = Number.NEGATIVE_INFINITY;
  for (const bucket of merged) {
    most = Math.max(most, bucket.count);
    bucket.count = most;
  }
  return merged;
}
