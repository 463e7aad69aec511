/** A verdict and the findings behind it, as lines of a terminal. */
import type { Finding } from "../core/finding.ts";
import { legible } from "../core/legible.ts";
import { formatInterval, formatMeasured, judgementMarks } from "./format.ts";
import { headings, type Palette } from "./terminal-style.ts";
import { type Cell, textTable, wrap } from "./text-table.ts";
import type { Verdict } from "./verdict.ts";

/** Below this width the column of intervals is left to the page. */
const intervalWidth = 90;

export function verdictLines({ judgement, why }: Verdict, palette: Palette, width: number): readonly string[] {
  const { sign, word } = judgementMarks[judgement];
  const heading = `${sign} ${word.toUpperCase()}`;
  const indent = " ".repeat(heading.length + 2);
  const [first = "", ...others] = wrap(legible(why), width - indent.length);
  return [`${palette.judgement[judgement](palette.strong(heading))}  ${first}`, ...others.map((line) => indent + line)];
}

/** A row for each finding, and below those that did not hold the reason why. */
export function judgedLines(findings: readonly Finding[], palette: Palette, width: number): readonly string[] {
  if (findings.length === 0) return [];
  const showIntervals = width >= intervalWidth && findings.some((finding) => finding.interval !== undefined);
  const rows = [
    headings(["", "Objective", "Measured", "95 % interval", "Limit", ""], palette),
    ...findings.map((finding) => objectiveCells(finding, palette)),
  ];
  const lines = textTable(
    [
      { align: "left" },
      { align: "left", shrinks: true },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "left" },
    ],
    showIntervals ? rows : rows.map((row) => row.with(3, { text: "" })),
    width,
  );
  return lines.flatMap((line, index) => {
    const finding = findings[index - 1];
    if (finding?.detail === undefined || finding.judgement === "pass") return [line];
    return [line, ...wrap(legible(finding.detail), width - 3).map((text) => `   ${palette.faint(text)}`)];
  });
}

function objectiveCells(finding: Finding, palette: Palette): Cell[] {
  const judgement = finding.judgement ?? "inconclusive";
  const { sign, word } = judgementMarks[judgement];
  const paint = palette.judgement[judgement];
  return [
    { text: sign, paint },
    { text: finding.title },
    { text: formatMeasured(finding) },
    { text: formatInterval(finding) ?? "", paint: palette.faint },
    { text: finding.limit ?? "" },
    { text: word, paint },
  ];
}
