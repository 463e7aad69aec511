/**
 * The Mann-Whitney test: whether one sample tends to lie above another (Mann and Whitney, "On a Test of Whether one of Two
 * Random Variables is Stochastically Larger than the Other", Annals of Mathematical Statistics 18(1), 1947).
 *
 * The p-value is two-sided. Up to `exactMax` values in all it is exact, ties included: every way to choose which values make up
 * the first sample is counted by the sum of their midranks. Beyond, it is the normal approximation with the correction for
 * ties and for continuity, as R's `wilcox.test` and SciPy's `mannwhitneyu` print it.
 */
import { errorFunction } from "simple-statistics";

/** Values of both samples together up to which the exact distribution is counted. */
export const exactMax = 40;

export interface RankTest {
  /** Pairs (one value of each sample) in which the second is larger, a tie counting half. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
}

/** Tests whether `second` tends to lie above or below `first`. Undefined when either is empty. */
export function mannWhitney(first: readonly number[], second: readonly number[]): RankTest | undefined {
  const [m, n] = [first.length, second.length];
  if (m === 0 || n === 0) return undefined;
  const { doubledRanks, tieTerm } = rank([...first, ...second]);
  const doubledSum = doubledRanks.slice(m).reduce((sum, value) => sum + value, 0);
  const u = doubledSum / 2 - (n * (n + 1)) / 2;
  const p = m + n <= exactMax ? exactP(doubledRanks, n, doubledSum) : normalP(u, m, n, tieTerm);
  return { u, p };
}

/** Midranks, doubled so that they are whole, and the sum of t^3 - t over groups of t equal values. */
function rank(values: readonly number[]): { readonly doubledRanks: readonly number[]; readonly tieTerm: number } {
  const order = values.map((_, index) => index).toSorted((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  const doubledRanks = Array.from(values, () => 0);
  let tieTerm = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    const size = end - start;
    tieTerm += size * size * size - size;
    for (const index of order.slice(start, end)) doubledRanks[index] = start + 1 + end;
    start = end;
  }
  return { doubledRanks, tieTerm };
}

/** Share of all choices of `size` ranks whose sum lies at least as far from the middle as the one seen. */
function exactP(doubledRanks: readonly number[], size: number, seen: number): number {
  const total = doubledRanks.reduce((sum, value) => sum + value, 0);
  // ways[k][s]: choices of k ranks with the sum s. At most C(40, 20) = 1.4e11, which a double holds exactly.
  const ways = Array.from({ length: size + 1 }, () => new Float64Array(total + 1));
  ways[0]?.fill(1, 0, 1);
  for (const value of doubledRanks) {
    for (let chosen = size; chosen >= 1; chosen--) {
      const [with_, without] = [ways[chosen], ways[chosen - 1]];
      if (with_ === undefined || without === undefined) continue;
      for (let sum = total; sum >= value; sum--) with_[sum] = (with_[sum] ?? 0) + (without[sum - value] ?? 0);
    }
  }
  const middle = (total * size) / doubledRanks.length;
  const distance = Math.abs(seen - middle);
  let [all, extreme] = [0, 0];
  for (const [sum, count] of (ways[size] ?? []).entries()) {
    all += count;
    // The middle need not be whole, so equal distances are compared with room for rounding.
    if (Math.abs(sum - middle) >= distance - 1e-9) extreme += count;
  }
  return extreme / all;
}

function normalP(u: number, m: number, n: number, tieTerm: number): number {
  const size = m + n;
  const variance = ((m * n) / 12) * (size + 1 - tieTerm / (size * (size - 1)));
  if (variance <= 0) return 1;
  const z = Math.max(0, Math.abs(u - (m * n) / 2) - 0.5) / Math.sqrt(variance);
  return 1 - errorFunction(z / Math.SQRT2);
}
