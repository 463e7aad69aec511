/** What the load phase cost, in a sentence and by model. */
import { costByModel, costOf, type ModelCost } from "../../analyzers/cost.ts";
import { formatMoney } from "../../core/money.ts";
import { formatCount } from "../../core/units.ts";
import { formatValue } from "../format.ts";
import { capacityInWords, costInWords } from "../headlines.ts";
import type { ReportInput } from "../report-input.ts";
import { html, type Markup, type Part } from "./markup.ts";
import { dataTable, tableColumns } from "./table.ts";

const headings = ["Model", "Requests", "Input tokens", "cached", "Output tokens", "Wasted tokens", "Cost", "Share"];

/** Length of the longest bar, in CSS pixels. */
const barMost = 80;

export function costSection({ run, findings }: ReportInput): Markup {
  const cost = costOf(run);
  if (cost === undefined || cost.requests === 0) {
    const why =
      cost === undefined
        ? "No provider kept a ledger, so nobody knows what it cost."
        : "The load phase has no request.";
    return html`<section aria-label="Cost">
      <h2>Cost</h2>
      <p class="lead">${why}</p>
    </section>`;
  }
  const models = costByModel(run);
  const dearest = Math.max(1, ...models.map((model) => model.cost));
  const unpriced = findings.filter((finding) => finding.id.startsWith("cost.unpriced."));
  return html`<section aria-label="Cost">
    <h2>Cost</h2>
    <p class="lead">${costInWords(cost).join("; ")}.</p>
    ${capacityInWords(run) === "" ? undefined : html`<p>${capacityInWords(run)}.</p>`}
    ${unpriced.map(({ title, detail }) => html`<p><span class="judgement inconclusive">${title}</span>: ${detail}.</p>`)}
    ${dataTable(
      tableColumns(headings, ["Share"]),
      models.map((model) => modelRow(model, dearest)),
      `The load phase by model; prices: ${run.manifest.prices}`,
    )}
  </section>`;
}

function modelRow(model: ModelCost, dearest: number): readonly Part[] {
  const { requests, inputTokens, cachedTokens, outputTokens, wastedTokens, cost } = model;
  return [
    model.model,
    formatValue(requests, "count"),
    ...[inputTokens, cachedTokens, outputTokens, wastedTokens].map(formatCount),
    formatMoney(cost),
    html`<span class="bar" style="width:${Math.round((cost / dearest) * barMost)}px"></span>`,
  ];
}
