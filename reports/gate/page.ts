/** A gate as a page: the verdict, what changed, the facts, each metric's change with its interval, and both sides' distributions. */
import type { GateOutcome } from "../../analyzers/gate.ts";
import { latencies, type LatencyKind, latencyNames } from "../../analyzers/latency.ts";
import { percentile } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import type { Comparison } from "../../analyzers/regression/regression.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import { judgementMarks } from "../format.ts";
import { type Chart, chartWidths, lineLooks, renderCharts } from "../html/chart.ts";
import { objectivesSection } from "../html/head-section.ts";
import { latencyUnit } from "../html/latency-chart.ts";
import { html, type Markup, type Part } from "../html/markup.ts";
import { pageOf } from "../html/page.ts";
import { distribution } from "../html/series.ts";
import { dataTable, detailMarkup, judgementMarkup, tableColumns } from "../html/table.ts";
import { describeRun } from "../verdict.ts";
import { changeChart } from "./change-chart.ts";
import { comparisonRow, gateVerdict, topFacts } from "./words.ts";

export async function renderGatePage(outcome: GateOutcome): Promise<string> {
  const [first] = outcome.candidate;
  const body: readonly (Part | undefined)[] = [
    headSection(outcome),
    changedSection(outcome),
    first === undefined
      ? undefined
      : objectivesSection({ run: first, findings: [...outcome.obstacles, ...outcome.objectives] }),
    await comparisonSection(outcome),
    await distributionSection(outcome),
  ];
  const version = first?.manifest.squallVersion ?? "";
  return pageOf(`${outcome.scenario} - Squall gate`, version, body);
}

function headSection(outcome: GateOutcome): Markup {
  const { judgement, why } = gateVerdict(outcome);
  const { sign, word } = judgementMarks[judgement];
  const [first] = outcome.candidate;
  const against =
    outcome.baseline.length === 0 ? "" : `, against a baseline of ${plural(outcome.baseline.length, "run")}`;
  const facts = judgement === "pass" ? [] : topFacts(outcome);
  return html`<header>
      <p class="label">Squall gate</p>
      <h1>${outcome.scenario}</h1>
      <p class="subtitle">
        ${plural(outcome.candidate.length, "run")}${against}${first === undefined ? "" : ` · ${describeRun(first)}`}
      </p>
    </header>
    <section class="verdict ${judgement}" aria-label="Verdict">
      <p class="word"><span aria-hidden="true">${sign}</span> ${word.toUpperCase()}</p>
      <p class="why">${why}</p>
    </section>
    ${
      facts.length === 0
        ? undefined
        : html`<ol>
            ${facts.map((fact) => html`<li>${fact}</li>`)}
          </ol>`
    }`;
}

function changedSection({ changed, baseline }: GateOutcome): Markup | undefined {
  if (baseline.length === 0) return undefined;
  const columns = tableColumns(["What", "Before", "Now"], ["Before", "Now"]);
  return html`<section aria-label="What changed">
    <h2>What changed</h2>
    ${
      changed.length === 0
        ? html`<p class="lead">Nothing that runs write down: the same scenario, versions and prices.</p>`
        : dataTable(
            columns,
            changed.map(({ what, before, after }) => [what, before, after]),
          )
    }
  </section>`;
}

async function comparisonSection({ comparisons }: GateOutcome): Promise<Markup | undefined> {
  if (comparisons.length === 0) return undefined;
  const columns = tableColumns(
    ["Against the baseline", "Before", "Now", "Change", "Tolerated", "Verdict"],
    ["Verdict"],
  );
  return html`<section aria-label="Against the baseline">
    <h2>Against the baseline</h2>
    ${await renderCharts([changeChart(comparisons)])} ${dataTable(columns, comparisons.map(comparisonCells))}
  </section>`;
}

function comparisonCells(comparison: Comparison): readonly Part[] {
  const { judgement, title, baseline, candidate, change, interval, tolerated, why } = comparisonRow(comparison);
  return [
    [title, detailMarkup(why)],
    baseline,
    candidate,
    [change, detailMarkup(interval)],
    tolerated,
    judgementMarkup(judgement),
  ];
}

const shownLatencies: readonly LatencyKind[] = ["ttft", "e2e"];

async function distributionSection({ baseline, candidate }: GateOutcome): Promise<Markup | undefined> {
  if (baseline.length === 0) return undefined;
  const charts = await renderCharts(shownLatencies.map((kind) => bothDistributions(kind, baseline, candidate)));
  return html`<section aria-label="Distributions">
    <h2>Distributions</h2>
    <p class="lead">All answered requests of all runs of each side.</p>
    <div class="pair">${charts}</div>
  </section>`;
}

function bothDistributions(kind: LatencyKind, baseline: readonly Run[], candidate: readonly Run[]): Chart | undefined {
  const valuesOf = (runs: readonly Run[]): readonly number[] =>
    runs.flatMap((run) => latencies(recordsOf(run, "load"), kind));
  const samples = [
    { name: "before", color: "var(--baseline)", dash: [4, 3] as const, values: valuesOf(baseline) },
    { name: "now", color: "var(--live)", dash: [1, 0] as const, values: valuesOf(candidate) },
  ].filter(({ values }) => values.length > 0);
  if (samples.length === 0) return undefined;
  const unit = latencyUnit(Math.max(...samples.map(({ values }) => percentile(values, 0.99) ?? 0)));
  const half = (values: readonly number[]): string => formatDuration(percentile(values, 0.5) ?? 0);
  return {
    id: `${kind}-both`,
    title: latencyNames[kind],
    description: samples.map(({ name, values }) => `${name}: half within ${half(values)}.`).join(" "),
    caption: samples.map(({ name, values }) => `${name} ${plural(values.length, "request")}`).join(", "),
    spec: {
      width: chartWidths.half,
      height: 240,
      data: {
        values: samples.flatMap(({ name, values }) =>
          distribution(values).map((point) => ({ side: name, value: point.ms / unit.ms, share: point.share })),
        ),
      },
      mark: { type: "line", strokeWidth: 2 },
      encoding: {
        x: { field: "value", type: "quantitative", axis: { title: unit.title, tickCount: 6 }, scale: { zero: true } },
        y: {
          field: "share",
          type: "quantitative",
          axis: { title: "Share of requests within it", labelExpr: "round(datum.value * 100) + ' %'" },
          scale: { domain: [0, 1] },
        },
        ...lineLooks("side", samples).encoding,
      },
    },
  };
}
