/** A plan as Markdown, for a pull request or the summary of a CI step. */
import { judgementMarks } from "../format.ts";
import { escapeMarkdown, markdownTable } from "../markdown.ts";
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

/** With a line break at the end. */
export function renderPlanMarkdown(report: PlanReport): string {
  const { plan, assessment } = report;
  const { judgement, why } = planVerdict(report);
  const { sign, word } = judgementMarks[judgement];
  const blocks = [
    `## ${sign} ${word.toUpperCase()}: ${escapeMarkdown(plan.scenario)}`,
    escapeMarkdown(why),
    escapeMarkdown(describePlan(report)),
    markdownTable(
      [
        "",
        "Candidate",
        "Cost an hour",
        "Margin",
        ...plan.objectives.map(({ metric, text }) => `${metric} ${text}`),
        "Breaks at",
        "Frontier",
      ],
      assessment.ranking.map((ranked) => {
        const candidate = candidateAt(report, ranked.position);
        return [
          judgementMarks[ranked.judgement].sign,
          ranked.name,
          ranked.costPerHour === null ? "–" : formatEstimate(ranked.costPerHour, "money"),
          formatMargin(ranked),
          ...ranked.objectives.map(formatObjective),
          candidate === undefined ? "" : breakInShort(candidate),
          ranked.isOnFrontier ? "yes" : "",
        ];
      }),
    ),
    breakSentences(report)
      .map((text) => `* ${escapeMarkdown(text)}`)
      .join("\n"),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}
