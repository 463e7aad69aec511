/** A history of runs in a terminal: a line of bars for each metric, and a sentence for each place where it moved. */
import type { MetricHistory } from "../analyzers/regression/history.ts";
import { legible } from "../core/legible.ts";
import { formatChange, formatValue } from "./format.ts";
import { headings, paletteOf, type TerminalStyle } from "./terminal-style.ts";
import { textTable } from "./text-table.ts";

const bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Everything that `squall history` prints, without a line break at the end. `names` are those of the runs, in order. */
export function renderHistory(
  histories: readonly MetricHistory[],
  names: readonly string[],
  style: TerminalStyle,
): string {
  const width = Math.max(60, style.width) - 2;
  const palette = paletteOf(style.colour);
  const value = (history: MetricHistory, amount: number | undefined): string =>
    amount === undefined ? "–" : formatValue(amount, history.unit);
  const table = textTable(
    [{ align: "left", shrinks: true }, { align: "right" }, { align: "right" }, { align: "left" }],
    [
      headings([`${names.length} runs`, "First", "Last", ""], palette),
      ...histories.map((history) => [
        { text: history.title },
        {
          text: value(
            history,
            history.values.find((each) => each !== undefined),
          ),
        },
        {
          text: value(
            history,
            history.values.findLast((each) => each !== undefined),
          ),
        },
        { text: sparkline(history.values) },
      ]),
    ],
    width,
  );
  const moves = histories.flatMap((history) =>
    history.changes.map(({ index, before, after, p }) => {
      const change = before === 0 ? "" : ` (${formatChange(after / before - 1)})`;
      const name = legible(names[index] ?? String(index + 1));
      return `${history.title} moved from ${value(history, before)} to ${value(history, after)}${change} with ${name}; p = ${p.toPrecision(2)}`;
    }),
  );
  const said = moves.length === 0 ? ["No metric moved for good."] : moves;
  return ["", ...table, "", ...said, ""].map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}

/** One bar for each value, from the lowest to the highest; a blank where there is none. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const known = values.flatMap((value) => value ?? []);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return values
    .map((value) => {
      if (value === undefined) return " ";
      const place = high === low ? 0 : (value - low) / (high - low);
      return bars[Math.min(bars.length - 1, Math.floor(place * bars.length))] ?? "";
    })
    .join("");
}
