/**
 * A gate as annotations of a GitHub check: one for each line of the scenario whose limit was missed, one for each regression.
 *
 * The form is that of workflow commands (docs.github.com, "Workflow commands for GitHub Actions": `::error file=,line=,title=::message`).
 */
import type { GateOutcome } from "../../analyzers/gate.ts";
import { formatMeasured } from "../format.ts";
import { comparisonRow } from "./words.ts";

/** One command a line; none for what passed. `file` is relative to the repository. GitHub shows ten of each kind per step. */
export function githubAnnotations(
  { obstacles, objectives, comparisons }: GateOutcome,
  file: string,
): readonly string[] {
  return [
    ...[...obstacles, ...objectives].flatMap((finding) => {
      if (finding.judgement === undefined || finding.judgement === "pass") return [];
      const { title, limit, line, detail } = finding;
      const message = `${title}: ${formatMeasured(finding)}${limit === undefined ? "" : `, objective ${limit}`}`;
      return [command(finding.judgement, file, line, title, [message, detail ?? ""])];
    }),
    ...comparisons.flatMap((comparison) => {
      if (comparison.judgement === "pass") return [];
      const { title, baseline, candidate, change, tolerated, why } = comparisonRow(comparison);
      const message = `${baseline} before, ${candidate} now: ${change}; tolerated is ${tolerated}`;
      return [command(comparison.judgement, file, undefined, `${title} against the baseline`, [message, why])];
    }),
  ];
}

function command(
  judgement: "fail" | "inconclusive",
  file: string,
  line: number | undefined,
  title: string,
  message: readonly string[],
): string {
  const properties = [
    `file=${escapeProperty(file)}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    `title=${escapeProperty(title)}`,
  ].join(",");
  const kind = judgement === "fail" ? "error" : "warning";
  return `::${kind} ${properties}::${escapeData(message.filter((part) => part !== "").join("\n"))}`;
}

/** As @actions/core's command.ts escapes. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
