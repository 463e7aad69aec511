/** Why requests failed or were slow, and what caps refused: what a simulation knows beside the numbers. */
import { slowestWaitedFor } from "../../analyzers/causes.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import { causeLines } from "../causes.ts";
import type { ReportInput } from "../report-input.ts";
import { html, type Markup } from "./markup.ts";
import { dataTable, tableColumns } from "./table.ts";

/** Length of the longest bar, in CSS pixels. */
const barMost = 80;

export function causesSection({ run, findings }: ReportInput): Markup | undefined {
  const slowest = slowestWaitedFor(run);
  // The table says it better.
  const lines = causeLines(findings.filter(({ id }) => id !== "causes.slowest"));
  if (slowest === undefined && lines.length === 0) return undefined;
  return html`<section aria-label="Causes">
    <h2>Causes</h2>
    ${lines.map((line) => html`<p>${line}.</p>`)}
    ${
      slowest === undefined
        ? ""
        : dataTable(
            tableColumns(["Waited for", "Time in all", "Share", ""], ["Waited for", ""]),
            slowest.parts.map(({ name, totalMs, share }) => [
              name,
              formatDuration(totalMs),
              formatShare(share),
              html`<span class="bar" style="width:${Math.round(share * barMost)}px"></span>`,
            ]),
            `What the slowest 1 % waited for: ${plural(slowest.requests, "request")} of ${formatDuration(slowest.fromMs)} or more`,
          )
    }
  </section>`;
}
