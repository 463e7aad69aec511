/** Live beside simulated as a table of a terminal, of one run or of several. */
import type { FidelityRow } from "../analyzers/fidelity.ts";
import type { RepeatedRow } from "../analyzers/fidelity-repeats.ts";
import { formatShare } from "../core/units.ts";
import { formatError, formatErrorInterval, formatValue, judgementMarks } from "./format.ts";
import { headings, type Palette } from "./terminal-style.ts";
import { type Cell, textTable } from "./text-table.ts";

/** `heading`: what stands above the names. The column of intervals is there where a row has one. */
export function fidelityTable(
  heading: string,
  rows: readonly (FidelityRow | RepeatedRow)[],
  palette: Palette,
  width: number,
): readonly string[] {
  const between = rows.some((row) => formatErrorInterval(row) !== "") ? "95 % interval" : "";
  return textTable(
    [
      { align: "left" },
      { align: "left", shrinks: true },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "right" },
    ],
    [
      headings(["", heading, "Live", "Simulated", "Error", between, "Target"], palette),
      ...rows.map((row) => fidelityCells(row, palette)),
    ],
    width,
  );
}

function fidelityCells(row: FidelityRow | RepeatedRow, palette: Palette): readonly Cell[] {
  const judgement = row.within === undefined ? undefined : row.within ? "pass" : "fail";
  const paint = judgement === undefined ? undefined : palette.judgement[judgement];
  const value = (side: number | undefined): Cell => ({ text: side === undefined ? "–" : formatValue(side, row.unit) });
  return [
    { text: judgement === undefined ? "" : judgementMarks[judgement].sign, ...(paint === undefined ? {} : { paint }) },
    { text: row.title },
    value(row.live),
    value(row.simulated),
    { text: formatError(row), ...(paint === undefined ? {} : { paint }) },
    { text: formatErrorInterval(row), paint: palette.faint },
    { text: row.target === undefined ? "" : `± ${formatShare(row.target)}`, paint: palette.faint },
  ];
}
