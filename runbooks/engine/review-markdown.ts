/** A review as Markdown, for repositories, chats and issue trackers: its action items are a task list. */
import type { Review } from "./review.ts";
import type { ReviewSection } from "./review-sections.ts";

export function reviewMarkdown({ title, subtitle, verdict, why, sections, items }: Review): string {
  return [
    `# ${inline(title)}`,
    inline(subtitle),
    `**${verdict.toUpperCase()}.** ${inline(why)}`,
    ...sections.flatMap((section) => sectionOf(section)),
    "## Action items",
    items.length === 0 ? "None." : items.map((item) => `- [ ] ${inline(item)}`).join("\n"),
    "",
  ].join("\n\n");
}

function sectionOf({ heading, lead, columns, rows }: ReviewSection): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(inline).join(" | ")} |`;
  const table = [line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
  return [`## ${heading}`, ...(lead === "" ? [] : [lead]), table];
}

/** Text of files and people, in one line and without a meaning of its own. */
export function inline(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[|<>\\`]/g, (sign) => `\\${sign}`);
}
