/** Action items as texts of issues: one section each, to be cut out and given to whatever tracker there is. */
import type { ActionItem } from "./action-items.ts";
import { inline } from "./review-markdown.ts";
import type { Runbook } from "./runbook.ts";

/** `about`: the drill in a line. */
export function issuesMarkdown(
  { id, title, severity, owner, version }: Pick<Runbook, "id" | "title" | "severity" | "owner" | "version">,
  about: string,
  items: readonly ActionItem[],
): string {
  const from = `Found in a drill of runbook \`${id}\`, version ${inline(version)} (${inline(title)}): ${inline(about)}.`;
  const labels = `Labels: drill, runbook ${id}, ${inline(severity)}. Owner: ${inline(owner)}.`;
  const issues = items.map((item) =>
    [
      `## ${inline(item.title)}`,
      from,
      `**To do:** ${inline(item.todo)}.`,
      ...(item.evidence.length === 0 ? [] : [item.evidence.map((line) => `- ${inline(line)}`).join("\n")]),
      labels,
    ].join("\n\n"),
  );
  return `${[`# Issues of a drill: ${inline(title)}`, ...(issues.length === 0 ? ["None."] : issues)].join("\n\n")}\n`;
}
