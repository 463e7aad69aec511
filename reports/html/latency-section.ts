/** How long requests took: as a table, over time, and as distributions beside the baseline and the simulation. */
import { summaryStatistics } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import { latencyRows } from "../headlines.ts";
import type { ReportInput } from "../report-input.ts";
import { renderCharts } from "./chart.ts";
import { distributionChart } from "./distribution-chart.ts";
import { latencyOverTime } from "./latency-chart.ts";
import { html, type Markup } from "./markup.ts";
import { dataTable, tableColumns } from "./table.ts";

export async function latencySection({ run }: ReportInput): Promise<Markup> {
  const rows = latencyRows(run).map(({ name, values, requests }) => [name, ...values, requests]);
  const columns = tableColumns(["Latency", ...summaryStatistics, "requests"]);
  return html`<section aria-label="Latency">
    <h2>Latency</h2>
    ${
      rows.length === 0
        ? html`<p class="lead">No request of the load phase was answered.</p>`
        : dataTable(columns, rows, "Answered requests of the load phase, from the instant they were due")
    }
    ${await renderCharts([latencyOverTime(run, "ttft"), latencyOverTime(run, "e2e")])}
  </section>`;
}

export async function distributionSection({ run, compared }: ReportInput): Promise<Markup | undefined> {
  const charts = (["ttft", "e2e"] as const).map((kind) => distributionChart(run, kind, compared?.run));
  const drawn = await renderCharts(charts);
  if (drawn.length === 0) return undefined;
  const others = [
    ...(compared === undefined ? [] : ["the simulation of the same requests"]),
    ...(recordsOf(run, "baseline").length === 0 ? [] : ["one person alone (baseline)"]),
  ];
  const beside =
    others.length === 0 ? "." : `: this run beside ${others.join(" and ")}. Where lines lie on each other, they agree.`;
  return html`<section aria-label="Distributions">
    <h2>Distributions</h2>
    <p class="lead">Share of requests answered within a time, up to the 99th percentile${beside}</p>
    <div class="pair">${drawn}</div>
  </section>`;
}
