/** A gate as Markdown, for the summary of a CI step or a pull request: verdict, facts, tables and a small chart of text. */
import type { GateOutcome } from "../../analyzers/gate.ts";
import { formatInterval, formatMeasured, judgementMarks } from "../format.ts";
import { escapeMarkdown, markdownTable } from "../markdown.ts";
import { describeRun } from "../verdict.ts";
import { changedInWords, changePicture, comparisonRow, gateVerdict, topFacts } from "./words.ts";

/** Renders the summary, with a line break at the end. */
export function renderGateMarkdown(outcome: GateOutcome): string {
  const { judgement, why } = gateVerdict(outcome);
  const { sign, word } = judgementMarks[judgement];
  const [first] = outcome.candidate;
  const facts = judgement === "pass" ? [] : topFacts(outcome);
  const blocks = [
    `## ${sign} ${word.toUpperCase()}: ${escapeMarkdown(outcome.scenario)}`,
    escapeMarkdown(why),
    facts.map((fact, index) => `${index + 1}. ${escapeMarkdown(fact)}`).join("\n"),
    changedBlock(outcome),
    objectivesTable(outcome),
    comparisonsTable(outcome),
    chart(outcome),
    first === undefined
      ? ""
      : escapeMarkdown(`${describeRun(first)}. Seed ${first.manifest.seed}, Squall ${first.manifest.squallVersion}.`),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function changedBlock(outcome: GateOutcome): string {
  const changed = changedInWords(outcome);
  if (changed.length === 0) return "";
  return ["Changed since the baseline:", "", ...changed.map((line) => `- ${escapeMarkdown(line)}`)].join("\n");
}

function objectivesTable({ obstacles, objectives }: GateOutcome): string {
  return markdownTable(
    ["", "Objective", "Measured", "Interval", "Limit", "Line", "Why"],
    [...obstacles, ...objectives].map((finding) => [
      judgementMarks[finding.judgement ?? "inconclusive"].sign,
      finding.title,
      formatMeasured(finding),
      formatInterval(finding) ?? "",
      finding.limit ?? "",
      finding.line === undefined ? "" : String(finding.line),
      finding.detail ?? "",
    ]),
  );
}

function comparisonsTable({ comparisons }: GateOutcome): string {
  return markdownTable(
    ["", "Against the baseline", "Before", "Now", "Change", "95 % interval", "Tolerated", "Why"],
    comparisons.map((comparison) => {
      const { judgement, title, baseline, candidate, change, interval, tolerated, why } = comparisonRow(comparison);
      return [judgementMarks[judgement].sign, title, baseline, candidate, change, interval, tolerated, why];
    }),
  );
}

/** Changes as a picture that every Markdown reader shows: a block of text. */
function chart({ comparisons }: GateOutcome): string {
  const rows = comparisons.flatMap((comparison) => {
    const picture = changePicture(comparison);
    return picture === "" ? [] : [{ title: comparison.title, picture }];
  });
  if (rows.length === 0) return "";
  const width = Math.max(...rows.map(({ title }) => title.length));
  const lines = rows.map(({ title, picture }) => `${title.padEnd(width)}  ${picture.trimEnd()}`);
  return [
    "```text",
    `${" ".repeat(width)}  | no change   ¦ tolerated   ● change   ├─┤ 95 % interval`,
    ...lines,
    "```",
  ].join("\n");
}
