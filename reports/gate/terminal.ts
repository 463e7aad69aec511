/** A gate in a terminal: the verdict, what matters most, the objectives, and what changed against the baseline. */
import type { GateOutcome } from "../../analyzers/gate.ts";
import { legible } from "../../core/legible.ts";
import { plural } from "../../core/units.ts";
import { judgementMarks } from "../format.ts";
import { judgedLines, verdictLines } from "../judged-lines.ts";
import { headings, type Palette, paletteOf, type TerminalStyle } from "../terminal-style.ts";
import { type Cell, textTable, wrap } from "../text-table.ts";
import { describeRun } from "../verdict.ts";
import { changedInWords, changePicture, comparisonRow, gateVerdict, topFacts } from "./words.ts";

/** Below this width the pictures are left out. */
const pictureWidth = 110;

/** Everything `squall gate` and `squall compare` print, without a line break at the end. */
export function renderGate(outcome: GateOutcome, style: TerminalStyle): string {
  const width = Math.max(60, style.width) - 2;
  const palette = paletteOf(style.colour);
  const blocks = [
    titleLines(outcome, palette, width),
    verdictLines(gateVerdict(outcome), palette, width),
    factLines(outcome, palette, width),
    changedLines(outcome, palette, width),
    judgedLines([...outcome.obstacles, ...outcome.objectives], palette, width),
    comparisonLines(outcome, palette, width),
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => ["", ...block]);
  return [...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n");
}

function titleLines(
  { scenario, candidate, baseline }: GateOutcome,
  palette: Palette,
  width: number,
): readonly string[] {
  const [first] = candidate;
  const against = baseline.length === 0 ? "" : `, against a baseline of ${plural(baseline.length, "run")}`;
  const about = first === undefined ? "" : `${plural(candidate.length, "run")}${against} · ${describeRun(first)}`;
  return [palette.strong(legible(scenario)), ...wrap(legible(about), width).map(palette.faint)];
}

function changedLines(outcome: GateOutcome, palette: Palette, width: number): readonly string[] {
  const changed = changedInWords(outcome);
  if (changed.length === 0) return [];
  return [
    palette.strong("Changed since the baseline"),
    ...changed.flatMap((line) => wrap(legible(line), width - 2).map((part) => `  ${part}`)),
  ];
}

function factLines(outcome: GateOutcome, palette: Palette, width: number): readonly string[] {
  return outcome.verdict === "pass"
    ? []
    : topFacts(outcome).flatMap((fact, index) =>
        wrap(legible(fact), width - 3).map((line, row) =>
          row === 0 ? `${palette.strong(`${index + 1}.`)} ${line}` : `   ${line}`,
        ),
      );
}

function comparisonLines({ comparisons }: GateOutcome, palette: Palette, width: number): readonly string[] {
  if (comparisons.length === 0) return [];
  const pictures = width >= pictureWidth;
  const rows = comparisons.map((comparison): readonly Cell[] => {
    const { judgement, title, baseline, candidate, change, interval, tolerated } = comparisonRow(comparison);
    const paint = palette.judgement[judgement];
    return [
      { text: judgementMarks[judgement].sign, paint },
      { text: title },
      { text: baseline },
      { text: candidate },
      { text: change, paint },
      pictures ? { text: changePicture(comparison) } : { text: interval, paint: palette.faint },
      { text: tolerated },
      { text: judgementMarks[judgement].word, paint },
    ];
  });
  const hasIntervals = comparisons.some(({ interval }) => interval !== undefined);
  const between = pictures ? "no change |   ¦ tolerated" : hasIntervals ? "95 % interval" : "";
  const table = textTable(
    [
      { align: "left" },
      { align: "left", shrinks: true },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "left" },
      { align: "right" },
      { align: "left" },
    ],
    [headings(["", "Against the baseline", "Before", "Now", "Change", between, "Tolerated", ""], palette), ...rows],
    width,
  );
  return table.flatMap((line, index) => {
    const comparison = comparisons[index - 1];
    if (comparison === undefined || comparison.judgement === "pass" || comparison.why === "") return [line];
    return [
      line,
      ...wrap(legible(comparisonRow(comparison).why), width - 3).map((text) => `   ${palette.faint(text)}`),
    ];
  });
}
