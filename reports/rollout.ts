/** A rollout's decisions in a terminal. */
import type { Decision, JudgedCriterion, StepDecision } from "../analyzers/rollout/decide.ts";
import { legible } from "../core/legible.ts";
import { formatValue } from "./format.ts";
import { headings, type Palette, paletteOf, type TerminalStyle } from "./terminal-style.ts";
import { type Cell, textTable, wrap } from "./text-table.ts";

const words: Readonly<
  Record<Decision, { readonly sign: string; readonly word: string; readonly as: "pass" | "fail" | "inconclusive" }>
> = {
  go: { sign: "✓", word: "GO", as: "pass" },
  "no-go": { sign: "✗", word: "NO-GO", as: "fail" },
  rollback: { sign: "✗", word: "ROLLBACK", as: "fail" },
  inconclusive: { sign: "?", word: "INCONCLUSIVE", as: "inconclusive" },
};

/** Everything that `squall phase` prints, without a line break at the end. */
export function renderRollout(scenario: string, steps: readonly StepDecision[], style: TerminalStyle): string {
  const width = Math.max(60, style.width) - 2;
  const palette = paletteOf(style.colour);
  const lines = [
    "",
    palette.strong(legible(scenario)),
    "",
    ...steps.flatMap((step) => stepLines(step, palette, width)),
    "",
  ];
  return lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n");
}

function stepLines(step: StepDecision, palette: Palette, width: number): readonly string[] {
  const { sign, word, as } = words[step.decision];
  const heading = `${palette.judgement[as](palette.strong(`${sign} ${word}`))}  ${step.phase}, ${step.step}`;
  const shown = step.decision === "go" ? step.criteria.filter(({ list }) => list === "go") : step.reasons;
  const table = textTable(
    [
      { align: "left" },
      { align: "left", shrinks: true },
      { align: "right" },
      { align: "right" },
      { align: "left", shrinks: false },
    ],
    [
      headings(["", "Criterion", "Measured", "Limit", ""], palette),
      ...shown.map((each) => criterionCells(each, palette)),
    ],
    width,
  );
  return [
    heading,
    ...table,
    ...shown.flatMap((each) =>
      wrap(each.why, width - 3).map((line) => `   ${palette.faint(`${each.title}: ${line}`)}`),
    ),
    "",
  ];
}

function criterionCells(
  { list, title, limit, measured, unit, met }: JudgedCriterion,
  palette: Palette,
): readonly Cell[] {
  const good = met === "inconclusive" ? "inconclusive" : (met === "pass") === (list === "go") ? "pass" : "fail";
  return [
    { text: { pass: "✓", fail: "✗", inconclusive: "?" }[good], paint: palette.judgement[good] },
    { text: title },
    { text: measured === undefined ? "–" : formatValue(measured, unit) },
    { text: limit },
    { text: list === "go" ? "" : `says ${list}`, paint: palette.faint },
  ];
}
