/** What the load met: the providers' token limits, and how requests ended. */
import { formatMoney } from "../../core/money.ts";
import type { ProviderLedger, Run } from "../../core/run.ts";
import { formatCount } from "../../core/units.ts";
import { formatValue } from "../format.ts";
import { failureRows } from "../headlines.ts";
import type { ReportInput } from "../report-input.ts";
import { renderCharts } from "./chart.ts";
import { html, type Markup, type Part } from "./markup.ts";
import { outcomesOverTime } from "./outcome-chart.ts";
import { dataTable, tableColumns } from "./table.ts";
import { tokensCharts } from "./tokens-chart.ts";

/** Kinds of failure that are told apart; a run can have as many as there are error texts. */
const failuresMost = 12;

/** Token limits over time, and what each provider counted; nothing when no provider kept a ledger. */
export async function providersSection({ run }: ReportInput): Promise<Markup | undefined> {
  const { providers } = run.manifest;
  if (providers.length === 0) return undefined;
  const headings = ["Provider", "Calls", "Served", "Refused", "Failed", "Input tokens", "Output tokens", "Cost"];
  const caption = "What each provider counted over the whole run, warm-up and baseline included";
  return html`<section aria-label="Providers and their limits">
    <h2>Providers and their limits</h2>
    ${await renderCharts(tokensCharts(run))} ${dataTable(tableColumns(headings), providers.map(ledgerCells), caption)}
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

function ledgerCells(ledger: ProviderLedger): readonly Part[] {
  const { provider, calls, served, refused, failed, inputTokens, outputTokens, cost } = ledger;
  return [
    provider,
    ...[calls, served, refused, failed].map((count) => formatValue(count, "count")),
    ...[inputTokens, outputTokens].map(formatCount),
    formatMoney(cost),
  ];
}
