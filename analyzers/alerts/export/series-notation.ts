/**
 * Series in the compact notation of promtool's unit tests: `0+3x4` is 0 3 6 9 12, `_` is a sample that is missing, `stale` ends a series.
 *
 * One value for each interval, from the beginning of the test on.
 */
import type { Labels } from "../promql/series-store.ts";

/** undefined: there is no sample. */
export function seriesNotation(values: readonly (number | undefined)[]): string {
  const parts: string[] = [];
  let index = 0;
  while (index < values.length) {
    const run = runAt(values, index);
    parts.push(run.text);
    index += run.length;
  }
  return parts.join(" ");
}

/** `squall_requests_total{model="gpt-4o",outcome="ok"}`, labels in order. */
export function seriesName(name: string, labels: Labels): string {
  const given = Object.entries(labels)
    .filter(([, value]) => value !== "")
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return given.length === 0 ? name : `${name}{${given.join(", ")}}`;
}

/** The longest run of equal steps. Only steps of whole numbers: others would not add up to the same to the last digit. */
function runAt(
  values: readonly (number | undefined)[],
  from: number,
): { readonly text: string; readonly length: number } {
  const first = values[from];
  if (first === undefined) {
    let length = 1;
    while (from + length < values.length && values[from + length] === undefined) length++;
    return { text: length === 1 ? "_" : `_x${length}`, length };
  }
  const second = values[from + 1];
  const step = second === undefined ? 0 : second - first;
  const isWhole = Number.isSafeInteger(first) && Number.isSafeInteger(step);
  if (second === undefined || (!isWhole && step !== 0)) return { text: String(first), length: 1 };
  let length = 2;
  while (from + length < values.length && values[from + length] === first + step * length) length++;
  if (length === 2) return { text: String(first), length: 1 };
  return { text: `${first}${step < 0 ? "-" : "+"}${Math.abs(step)}x${length - 1}`, length };
}
