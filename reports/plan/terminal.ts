/** A plan in a terminal: what to take, the candidates from best to worst, and where those on the frontier break. */
import pico from "picocolors";
import type { RankedCandidate } from "../../analyzers/plan.ts";
import { legible } from "../../core/legible.ts";
import { judgementMarks } from "../format.ts";
import type { TerminalStyle } from "../terminal-style.ts";
import { type Cell, textTable, wrap } from "../text-table.ts";
import {
  breakInShort,
  breakSentences,
  candidateAt,
  describePlan,
  formatEstimate,
  formatMargin,
  formatObjective,
  type PlanReport,
  planVerdict,
} from "./words.ts";

/** Below this width the cost above the best one is left to the page, and break points to the sentences below. */
const wholeWidth = 130;

/** Candidates that a screen shows; the page has them all. */
const shownMax = 25;

/** Without a line break at the end. */
export function renderPlan(report: PlanReport, style: TerminalStyle, reportPath?: string): string {
  const width = Math.max(60, style.width) - 2;
  const paint = pico.createColors(style.colour);
  const { judgement, why } = planVerdict(report);
  const { sign, word } = judgementMarks[judgement];
  const colours = { pass: paint.green, fail: paint.red, inconclusive: paint.yellow };
  const { ranking } = report.assessment;
  const hidden = ranking.length - shownMax;
  const lines = [
    "",
    paint.bold(legible(report.plan.scenario)),
    ...wrap(legible(describePlan(report)), width).map(paint.dim),
    "",
    colours[judgement](paint.bold(`${sign} ${word.toUpperCase()}`)),
    ...wrap(legible(why), width),
    "",
    ...textTable(
      [
        { align: "left" },
        { align: "left" },
        { align: "left", shrinks: true },
        { align: "right" },
        { align: "right" },
        { align: "right" },
        ...report.plan.objectives.map(() => ({ align: "right" as const })),
        { align: "left" },
      ],
      [
        [
          "",
          "",
          "Candidate",
          "Cost an hour",
          "Above best",
          "Margin",
          ...report.plan.objectives.map(({ metric }) => metric),
          "Breaks at",
        ].map((text): Cell => ({ text, paint: paint.dim })),
        ...ranking.slice(0, shownMax).map((ranked) => cells(ranked, report, colours)),
      ].map((row) => (width >= wholeWidth ? row : row.with(4, { text: "" }).with(-1, { text: "" }))),
      width,
    ),
    ...(hidden > 0 ? [paint.dim(`… and ${hidden} more, in --json and on the page`)] : []),
    paint.dim("* on the frontier: none is cheaper and has as much room"),
    ...breakSentences(report).flatMap((text, index) => [...(index === 0 ? [""] : []), ...wrap(legible(text), width)]),
    ...(reportPath === undefined ? [] : ["", `${paint.bold("Report")}  ${legible(reportPath)}`]),
  ];
  return [...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n");
}

function cells(
  ranked: RankedCandidate,
  report: PlanReport,
  colours: Readonly<Record<RankedCandidate["judgement"], (text: string) => string>>,
): Cell[] {
  const candidate = candidateAt(report, ranked.position);
  return [
    { text: judgementMarks[ranked.judgement].sign, paint: colours[ranked.judgement] },
    { text: ranked.isOnFrontier ? "*" : "" },
    { text: ranked.name },
    { text: ranked.costPerHour === null ? "–" : formatEstimate({ ...ranked.costPerHour, replications: 1 }, "money") },
    {
      text: ranked.costAboveBest === null ? "" : formatEstimate({ ...ranked.costAboveBest, replications: 1 }, "money"),
    },
    { text: formatMargin(ranked) },
    ...ranked.objectives.map((objective) => ({
      text: formatObjective(
        objective.estimate === null
          ? objective
          : { ...objective, estimate: { ...objective.estimate, replications: 1 } },
      ),
      paint: colours[objective.judgement],
    })),
    { text: candidate === undefined ? "" : breakInShort(candidate) },
  ];
}
