/**
 * Ways of scaling side by side: simulations of one scenario that differ in nothing but what moves the replicas. One table, and
 * under it one chart for each, all with the same axes, so that the eye does the comparing.
 */
import type { Run } from "../../core/run.ts";
import { plural } from "../../core/units.ts";
import { renderCharts } from "../html/chart.ts";
import { html, type Markup, type Part } from "../html/markup.ts";
import { pageOf } from "../html/page.ts";
import { dataTable, tableColumns } from "../html/table.ts";
import { capacityChart, highestRate } from "./capacity-chart.ts";
import { strategyHeadings, strategyRow } from "./rows.ts";

export async function renderStrategies(runs: readonly Run[]): Promise<string> {
  const [first] = runs;
  if (first === undefined) return "";
  const { scenario, seed, squallVersion } = first.manifest;
  const top = highestRate(runs);
  const charts = await renderCharts(
    runs.map((run, index) => capacityChart(run, `strategy-${index}`, strategyRow(run).name, top)),
  );
  const body: readonly Part[] = [
    html`<header>
      <p class="label">Squall strategies</p>
      <h1>${scenario}</h1>
      <p class="subtitle">
        ${plural(runs.length, "simulation")} of the same traffic and the same luck (seed ${seed}), scaled in
        ${runs.length} ways
      </p>
    </header>`,
    tableSection(runs),
    html`<section aria-label="Demand and capacity">
      <h2>Demand and capacity</h2>
      <p class="lead">What came, and what the replicas that served could take of it. Failure zones are red.</p>
      ${charts}
    </section>`,
  ];
  return pageOf(`${scenario} - Squall strategies`, squallVersion, body);
}

function tableSection(runs: readonly Run[]): Markup {
  const rows = runs.map((run): readonly Part[] => Object.values(strategyRow(run)));
  return html`<section aria-label="How they fared">
    <h2>How they fared</h2>
    ${dataTable(tableColumns(Object.values(strategyHeadings)), rows)}
  </section>`;
}
