/**
 * Holm's step-down adjustment: many p-values, one family-wise error rate (Holm, "A Simple Sequentially Rejective Multiple Test
 * Procedure", Scandinavian Journal of Statistics 6(2), 1979). What R prints as `p.adjust(p, "holm")`.
 */

/** Adjusted p-values in the order given, each at most 1. An adjusted value below 0.05 is significant among all of them at 5 %. */
export function holm(ps: readonly number[]): readonly number[] {
  const order = ps.map((_, index) => index).toSorted((left, right) => (ps[left] ?? 0) - (ps[right] ?? 0));
  const adjusted = Array.from(ps, () => 1);
  let least = 0;
  for (const [place, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps.length - place) * (ps[index] ?? 1)));
    adjusted[index] = least;
  }
  return adjusted;
}
