/** What the load met: the providers' token limits, and how requests ended. */
import type { Run } from "../../core/run.ts";
import { failureRows } from "../headlines.ts";
import type { ReportInput } from "../report-input.ts";
import { renderCharts } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { outcomesOverTime } from "./outcome-chart.ts";
import { dataTable, tableColumns } from "./table.ts";
import { tokensCharts } from "./tokens-chart.ts";

/** Kinds of failure that are told apart; a run can have as many as there are error texts. */
const failuresMost = 12;

export async function tokensSection({ run }: ReportInput): Promise<Markup | undefined> {
  const drawn = await renderCharts(tokensCharts(run));
  if (drawn.length === 0) return undefined;
  return html`<section aria-label="Tokens against the limit">
    <h2>Tokens against the limit</h2>
    ${drawn}
  </section>`;
}

export async function outcomesSection({ run }: ReportInput): Promise<Markup | undefined> {
  const drawn = await renderCharts([outcomesOverTime(run)]);
  if (drawn.length === 0) return undefined;
  return html`<section aria-label="Outcomes">
    <h2>Outcomes</h2>
    ${drawn}${failureTable(run)}
  </section>`;
}

function failureTable(run: Run): Markup | undefined {
  const rows = failureRows(run, failuresMost).map(({ what, requests, share }) => [what, requests, share]);
  if (rows.length === 0) return undefined;
  return dataTable(tableColumns(["Failure", "Requests", "Share"]), rows, "Failed requests by what their client saw");
}
