/**
 * The page of a plan: what to take first, then cost against room, where they break, and every candidate. Self-contained like the
 * report of a run: no script, no font, no request; same plan, same bytes.
 */
import { judgementMarks } from "../format.ts";
import { renderCharts } from "../html/chart.ts";
import { html, type Markup, type Part } from "../html/markup.ts";
import { pageOf } from "../html/page.ts";
import { dataTable, detailMarkup, judgementMarkup, tableColumns } from "../html/table.ts";
import { breakChart, frontierChart, replicasChart } from "./charts.ts";
import {
  breakSentences,
  describePlan,
  formatEstimate,
  formatMargin,
  formatObjective,
  type PlanReport,
  planVerdict,
} from "./words.ts";

export async function renderPlanPage(report: PlanReport): Promise<string> {
  const { plan } = report;
  const body: readonly Part[] = [
    head(report),
    await chartSection("Cost against room", "What more money buys.", [frontierChart(report)]),
    await chartSection(
      "Where they break",
      "How much more load each candidate takes before it misses an objective, and which.",
      [breakChart(report)],
    ),
    breakList(report),
    await chartSection("Replicas", "What stands behind the cost.", [replicasChart(report)]),
    candidatesSection(report),
    smallPrint(report),
  ];
  return pageOf(`${plan.scenario} - Squall plan`, plan.squallVersion, body);
}

function head(report: PlanReport): Markup {
  const { judgement, why } = planVerdict(report);
  const { sign, word } = judgementMarks[judgement];
  return html`<header>
      <p class="label">Squall plan</p>
      <h1>${report.plan.scenario}</h1>
      <p class="subtitle">${describePlan(report)}</p>
    </header>
    <section class="verdict ${judgement}" aria-label="Verdict">
      <p class="word"><span aria-hidden="true">${sign}</span> ${word.toUpperCase()}</p>
      <p class="why">${why}</p>
    </section>`;
}

async function chartSection(
  title: string,
  lead: string,
  charts: Parameters<typeof renderCharts>[0],
): Promise<Markup | undefined> {
  const drawn = await renderCharts(charts);
  if (drawn.length === 0) return undefined;
  return html`<section aria-label="${title}">
    <h2>${title}</h2>
    <p class="lead">${lead}</p>
    ${drawn}
  </section>`;
}

function breakList(report: PlanReport): Markup | undefined {
  const sentences = breakSentences(report);
  if (sentences.length === 0) return undefined;
  return html`<ul class="remarks">
    ${sentences.map((text) => html`<li>${text}</li>`)}
  </ul>`;
}

function candidatesSection(report: PlanReport): Markup {
  const { plan, assessment } = report;
  const columns = tableColumns(
    [
      "Candidate",
      "Verdict",
      "Cost an hour",
      "Above best",
      "Room",
      ...plan.objectives.map(({ metric, text }) => `${metric} ${text}`),
    ],
    ["Verdict"],
  );
  const rows = assessment.ranking.map((ranked, index): readonly Part[] => {
    return [
      [`#${index + 1} ${ranked.name}`, detailMarkup(ranked.isOnFrontier ? "on the frontier" : undefined)],
      judgementMarkup(ranked.judgement),
      ranked.costPerHour === null ? "–" : formatEstimate(ranked.costPerHour, "money"),
      ranked.costAboveBest === null ? "" : formatEstimate(ranked.costAboveBest, "money"),
      formatMargin(ranked),
      ...ranked.objectives.map(formatObjective),
    ];
  });
  return html`<section aria-label="Candidates">
    <h2>Candidates</h2>
    <p class="lead">
      Those that hold by cost, the others by how near they come. Intervals: 95 %, Student's t over replications.
    </p>
    ${dataTable(columns, rows)}
  </section>`;
}

function smallPrint({ plan }: PlanReport): Markup {
  const { skipped } = plan;
  const facts: readonly (readonly [string, string])[] = [
    ["Seed", `${plan.seed}; all candidates meet the same requests and the same luck`],
    ["Replications", `${plan.replications}, each with a seed of its own`],
    ["Squall", plan.squallVersion],
    ...(plan.trace === null ? [] : [["Trace", plan.trace] as const]),
  ];
  return html`<section class="small" aria-label="Small print">
    <h2>Small print</h2>
    <dl>
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${
      skipped.length === 0
        ? undefined
        : html`<h3>Left out, since they make no sense</h3>
            <ul class="remarks">
              ${skipped.map(({ name, why }) => html`<li>${name}: ${why}</li>`)}
            </ul>`
    }
  </section>`;
}
