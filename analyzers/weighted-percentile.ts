/**
 * The percentile of a sample in which some values count more than once, or not at all: one draw of a bootstrap, without writing
 * the drawn sample out.
 */

/** A sample sorted once; a draw then only changes how often the values of each cell count. */
export interface SortedSample {
  readonly values: readonly number[];
  /** Cell of each value: what a bootstrap draws as one (a conversation, or a conversation of one run). */
  readonly cells: readonly number[];
}

/** Sorts values together with their cells. Both of the same length. */
export function sortedSample(values: readonly number[], cells: readonly number[]): SortedSample {
  const order = values.map((_, index) => index).toSorted((left, right) => (values[left] ?? 0) - (values[right] ?? 0));
  return { values: order.map((index) => values[index] ?? 0), cells: order.map((index) => cells[index] ?? 0) };
}

/**
 * Type 7 percentile (`percentile.ts`) of the sample in which each value stands `times[cell]` times. Undefined when nothing was drawn.
 */
export function percentileOfDraw({ values, cells }: SortedSample, times: Uint32Array, p: number): number | undefined {
  let size = 0;
  for (const cell of cells) size += times[cell] ?? 0;
  if (size === 0) return undefined;
  const rank = (size - 1) * p;
  const lower = Math.floor(rank);
  const fraction = rank - lower;
  let passed = 0;
  let below: number | undefined;
  for (let index = 0; index < values.length; index++) {
    passed += times[cells[index] ?? 0] ?? 0;
    const value = values[index] ?? 0;
    if (below === undefined && passed > lower) {
      if (fraction === 0) return value;
      below = value;
    }
    if (below !== undefined && passed > lower + 1) return below + fraction * (value - below);
  }
  return below;
}
