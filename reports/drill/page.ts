/** The review of a drill as a page: verdict first, what users got over time, then everything that was seen and done. */
import { formatShare } from "../../core/units.ts";
import type { Ms } from "../../core/time.ts";
import { type Chart, chartWidths, renderCharts } from "../html/chart.ts";
import { html, type Markup } from "../html/markup.ts";
import { pageOf } from "../html/page.ts";
import { dataTable, tableColumns } from "../html/table.ts";
import { timeEncoding } from "../html/time-axis.ts";

/** What a page of a drill shows; plain, so that this room needs to know nothing of runbooks. */
export interface DrillPage {
  readonly title: string;
  readonly subtitle: string;
  readonly verdict: "pass" | "fail" | "inconclusive" | "interrupted" | "tabletop";
  readonly why: string;
  readonly tiles: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly {
    readonly heading: string;
    readonly lead: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  }[];
  readonly items: readonly string[];
  readonly samples: readonly {
    readonly atMs: Ms;
    readonly errors: number | undefined;
    readonly ttftP95Ms: Ms | undefined;
  }[];
  readonly marks: readonly { readonly atMs: Ms; readonly text: string }[];
}

/** Renders the page. Same input, same bytes. */
export async function renderDrillPage(page: DrillPage, squallVersion: string): Promise<string> {
  const charts = await renderCharts([errorsChart(page), latencyChart(page)]);
  const body = [
    head(page),
    html`<section aria-label="What users got">
      <h2>What users got${page.verdict === "tabletop" ? " while nothing was done" : ""}</h2>
      ${charts}
    </section>`,
    ...page.sections.map(sectionOf),
    itemsSection(page),
  ];
  return pageOf(`${page.title} - Squall drill`, squallVersion, body);
}

const signs = { pass: "✓", fail: "✗", inconclusive: "?", interrupted: "?", tabletop: "" } as const;

function head({ title, subtitle, verdict, why, tiles }: DrillPage): Markup {
  const tone = verdict === "interrupted" || verdict === "tabletop" ? "inconclusive" : verdict;
  return html`<header>
      <p class="label">Squall ${verdict === "tabletop" ? "tabletop" : "drill"}</p>
      <h1>${title}</h1>
      <p class="subtitle">${subtitle}</p>
    </header>
    <section class="verdict ${tone}" aria-label="Verdict">
      <p class="word"><span aria-hidden="true">${signs[verdict]}</span> ${verdict.toUpperCase()}</p>
      <p class="why">${why}</p>
    </section>
    <dl class="tiles">
      ${tiles.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
}

/** Columns of figures; all others are words. */
const figures: ReadonlySet<string> = new Set([
  "Requests",
  "Lost",
  "Error budget",
  "Cost",
  "Paid for lost requests",
  "Errors",
  "First token",
  "After the fault",
]);

function sectionOf({ heading, lead, columns, rows }: DrillPage["sections"][number]): Markup {
  const words = columns.filter((column) => !figures.has(column));
  return html`<section aria-label="${heading}">
    <h2>${heading}</h2>
    ${lead === "" ? undefined : html`<p class="lead">${lead}</p>`} ${dataTable(tableColumns(columns, words), rows)}
  </section>`;
}

function itemsSection({ items }: DrillPage): Markup {
  const list = html`<ul class="remarks">
    ${items.map((item) => html`<li>☐ ${item}</li>`)}
  </ul>`;
  return html`<section aria-label="Action items">
    <h2>Action items</h2>
    ${items.length === 0 ? html`<p class="lead">None.</p>` : list}
  </section>`;
}

function errorsChart(page: DrillPage): Chart | undefined {
  const points = page.samples.map(({ atMs, errors }) => ({ atMs, value: errors }));
  const peak = peakOf(points);
  return lineChart(page, points, {
    id: "errors",
    title: "Share of requests that failed",
    axis: "Failed",
    format: ".0%",
    most: Math.min(1, Math.max(peak, 0.05) * 1.25),
    said: `At most ${formatShare(peak)} failed.`,
  });
}

function latencyChart(page: DrillPage): Chart | undefined {
  const points = page.samples.map(({ atMs, ttftP95Ms }) => {
    return { atMs, value: ttftP95Ms === undefined ? undefined : ttftP95Ms / 1_000 };
  });
  const peak = peakOf(points);
  return lineChart(page, points, {
    id: "first-token",
    title: "Time to first token, 95th percentile",
    axis: "Seconds",
    format: "~g",
    most: Math.max(0.001, peak * 1.25),
    said: `At most ${Number(peak.toPrecision(3))} seconds. The line breaks where no answer came.`,
  });
}

interface Point {
  readonly atMs: Ms;
  /** Undefined where nothing was measured: the line breaks there. */
  readonly value: number | undefined;
}

function peakOf(points: readonly Point[]): number {
  return Math.max(0, ...points.map(({ value = 0 }) => value));
}

interface LineWords {
  readonly id: string;
  readonly title: string;
  readonly axis: string;
  readonly format: string;
  readonly most: number;
  readonly said: string;
}

function lineChart(
  { samples, marks }: DrillPage,
  points: readonly Point[],
  { id, title, axis, format, most, said }: LineWords,
): Chart | undefined {
  if (points.every(({ value }) => value === undefined)) return undefined;
  const endMs = Math.max(0, ...samples.map(({ atMs }) => atMs), ...marks.map(({ atMs }) => atMs));
  const time = timeEncoding({ startMs: 0, lengthMs: endMs });
  const x = { field: "atS", ...time } as const;
  // Names of neighbours stand on lines of their own, so that none hides another.
  const named = marks.map(({ atMs, text }, index) => {
    const isLate = atMs > endMs * 0.9;
    return { atS: atMs / 1_000, text, row: 8 + (index % 3) * 12, isLate };
  });
  return {
    id,
    title,
    description: said,
    caption: `Over the minute before, taken every quarter of a minute.${marks.length === 0 ? "" : " Lines are the instants that the measures count from."}`,
    spec: {
      width: chartWidths.full,
      height: 170,
      layer: [
        {
          data: { values: named },
          mark: { type: "rule", color: "var(--muted)", strokeWidth: 1, strokeDash: [1, 2] },
          encoding: { x },
        },
        ...named.map(({ atS, text, row, isLate }) => ({
          data: { values: [{ atS, text }] },
          mark: {
            type: "text",
            color: "var(--muted)",
            fontSize: 10,
            align: isLate ? "right" : "left",
            baseline: "top",
            dx: isLate ? -3 : 3,
          } as const,
          encoding: { x, y: { value: row }, text: { field: "text" } },
        })),
        {
          data: { values: points.map(({ atMs, value }) => ({ atS: atMs / 1_000, value: value ?? null })) },
          mark: { type: "line", strokeWidth: 2, color: "var(--live)", invalid: "break-paths-show-domains" },
          encoding: {
            x,
            y: {
              field: "value",
              type: "quantitative",
              axis: { title: axis, format },
              scale: { domain: [0, Math.max(most, 0.001)] },
            },
          },
        },
      ],
    },
  };
}
