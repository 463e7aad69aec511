/** The Universal Scalability Law as a page: the points, the curve through them with its interval, and where the data ends. */
import { extrapolationMax, type UslFit } from "../../analyzers/usl.ts";
import { type Chart, type ChartLayer, chartWidths, renderCharts } from "../html/chart.ts";
import { html, type Part } from "../html/markup.ts";
import { pageOf } from "../html/page.ts";
import { dataTable, tableColumns } from "../html/table.ts";
import { answersInWords, digits, parameterRows, unsteady, type UslReport, verdictInWords } from "./words.ts";

export async function renderUslPage(report: UslReport): Promise<string> {
  const { title, points, seed, squallVersion, fit } = report;
  const charts = await renderCharts([uslChart(report)]);
  const filled = unsteady(points);
  const body: readonly Part[] = [
    html`<header>
      <p class="label">Squall scalability</p>
      <h1>${title}</h1>
      <p class="subtitle">${verdictInWords(report)}</p>
    </header>`,
    html`<section aria-label="Throughput and load">
      <h2>Throughput and load</h2>
      ${charts} ${answersInWords(report).map((line) => html`<p>${line}</p>`)}
    </section>`,
    html`<section aria-label="The law">
      <h2>The law</h2>
      <p class="lead">
        X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1)), R² = ${fit.rSquared.toFixed(3)}, seed ${seed}. It speaks
        of throughput, not of tails.
      </p>
      ${dataTable(
        tableColumns(["Parameter", "Value", "95 % interval", "What it means"]),
        parameterRows(report).map((row) => Object.values(row)),
      )}
    </section>`,
    html`<section aria-label="What was measured">
      <h2>What was measured</h2>
      ${
        filled.length === 0
          ? html`<p class="lead">Little's law holds of every point.</p>`
          : html`<p class="lead">${filled.length} of ${points.length} points fill up: no steady load.</p>`
      }
      ${dataTable(
        tableColumns(["Load", "In flight", "Answers a second"]),
        points.map(({ of, load, throughput }) => [of, digits(load), digits(throughput)]),
      )}
    </section>`,
  ];
  return pageOf(`${title} - Squall scalability`, squallVersion, body);
}

const curvePoints = 60;

function uslChart({ fit, points }: UslReport): Chart {
  const end = extrapolationMax * fit.largestLoad;
  const curve = curveOf(fit, end);
  const within = curve.filter(({ load }) => load <= fit.largestLoad);
  const beyond = curve.filter(({ load }) => load >= fit.largestLoad);
  const x: Axis = { field: "load", type: "quantitative", title: "Requests in flight", scale: { domain: [0, end] } };
  const y: Axis = { field: "throughput", type: "quantitative", title: "Answers a second" };
  const line = (values: CurvePoint[], dash: number[]): ChartLayer => ({
    data: { values },
    mark: { type: "line", strokeWidth: 2, color: "var(--live)", strokeDash: dash },
    encoding: { x, y },
  });
  return {
    id: "usl",
    title: "Throughput against load",
    description: `${points.length} points up to ${digits(fit.largestLoad)} requests in flight, and the curve through them.`,
    caption:
      "Points: what was measured. Line: the law; dashed beyond the data, and nothing beyond twice the data. Shade: 95 %.",
    spec: {
      width: chartWidths.full,
      height: 320,
      layer: [
        {
          data: { values: curve },
          mark: { type: "area", color: "var(--live)", opacity: 0.15 },
          encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
        },
        line(within, [1, 0]),
        line(beyond, [5, 5]),
        {
          data: { values: points.map(({ load, throughput }) => ({ load, throughput })) },
          mark: { type: "point", filled: true, size: 50, color: "var(--ink)", opacity: 1 },
          encoding: { x, y },
        },
      ],
    },
  };
}

interface Axis {
  field: string;
  type: "quantitative";
  title: string;
  scale?: { domain: number[] };
}

interface CurvePoint {
  readonly load: number;
  readonly throughput: number;
  readonly low: number;
  readonly high: number;
}

function curveOf(fit: UslFit, end: number): CurvePoint[] {
  // The largest load is one of them, so that both parts of the line meet there.
  const loads = Array.from({ length: curvePoints + 1 }, (_, index) => (end * index) / curvePoints);
  return loads.flatMap((load) => {
    const [throughput, between] = [fit.at(load), fit.between(load)];
    return throughput === undefined || between === undefined
      ? []
      : [{ load, throughput, low: between[0], high: between[1] }];
  });
}
