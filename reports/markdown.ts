/**
 * A Markdown summary of a run, for a pull request or the summary of a CI step: the verdict, the objectives, the latencies, the
 * comparison, the cost. GitHub's dialect; a page of text at most.
 */
import { costOf } from "../analyzers/cost.ts";
import { summaryStatistics } from "../analyzers/percentile.ts";
import { formatShare } from "../core/units.ts";
import { formatError, formatInterval, formatMeasured, formatValue, judgementMarks } from "./format.ts";
import { capacityInWords, costInWords, failureRows, latencyRows, mainRows, scalingInWords } from "./headlines.ts";
import type { ReportInput } from "./report-input.ts";
import { describeRun, judgedOf, verdictInWords } from "./verdict.ts";

/** Renders the summary, with a line break at the end. */
export function renderMarkdown(input: ReportInput): string {
  const { run, findings } = input;
  const { judgement, why } = verdictInWords(findings);
  const { sign, word } = judgementMarks[judgement];
  const cost = costOf(run);
  const blocks = [
    `## ${sign} ${word.toUpperCase()}: ${escapeMarkdown(run.manifest.scenario)}`,
    escapeMarkdown(why),
    escapeMarkdown(describeRun(run)),
    objectivesTable(input),
    latencyTable(input),
    failureTable(input),
    scalingInWords(run) === "" ? "" : `**Scaling**: ${escapeMarkdown(scalingInWords(run))}`,
    fidelityTable(input),
    cost === undefined || cost.requests === 0
      ? ""
      : `**Cost**: ${escapeMarkdown([...costInWords(cost), `prices: ${run.manifest.prices}`].join(" · "))}`,
    escapeMarkdown(capacityInWords(run)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

/** Text that Markdown leaves as it is: every ASCII punctuation may be escaped by a backslash (CommonMark 0.31, section 2.4). */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#~!&@$]/g, String.raw`\$&`).replaceAll(/\p{Cc}+/gu, " ");
}

function objectivesTable({ findings }: ReportInput): string {
  const judged = judgedOf(findings);
  return markdownTable(
    ["", "Objective", "Measured", "95 % interval", "Limit", "Why"],
    judged.map((finding) => [
      judgementMarks[finding.judgement ?? "inconclusive"].sign,
      finding.title,
      formatMeasured(finding),
      formatInterval(finding) ?? "",
      finding.limit ?? "",
      finding.detail ?? "",
    ]),
  );
}

function latencyTable({ run }: ReportInput): string {
  return markdownTable(
    ["Latency", ...summaryStatistics, "requests"],
    latencyRows(run).map(({ name, values, requests }) => [name, ...values, requests]),
  );
}

function failureTable({ run }: ReportInput): string {
  return markdownTable(
    ["Failure", "Requests", "Share"],
    failureRows(run, 5).map(({ what, requests, share }) => [what, requests, share]),
  );
}

function fidelityTable({ compared }: ReportInput): string {
  if (compared === undefined) return "";
  return markdownTable(
    ["", "Live beside simulated", "Live", "Simulated", "Error", "Target"],
    mainRows(compared.fidelity).map((row) => [
      row.within === undefined ? "" : judgementMarks[row.within ? "pass" : "fail"].sign,
      row.title,
      row.live === undefined ? "–" : formatValue(row.live, row.unit),
      row.simulated === undefined ? "–" : formatValue(row.simulated, row.unit),
      formatError(row),
      row.target === undefined ? "" : `± ${formatShare(row.target)}`,
    ]),
  );
}

/** A table whose cells are escaped; nothing when it has no row. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(headings), line(headings.map(() => "---")), ...rows.map((row) => line(row.map(escapeMarkdown)))].join(
    "\n",
  );
}
