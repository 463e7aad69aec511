/**
 * From a Vega-Lite specification to an inline SVG: compiled, laid out and drawn while the page is made, so that the page
 * needs no script and no network.
 *
 * Colours are CSS variables of the page (`style.ts`), which is how one SVG serves light, dark and paper. Widths of texts are
 * estimated by Vega itself rather than measured with a font, so that the bytes are the same on every machine.
 */
import type { Config, TopLevelSpec } from "vega-lite";
import { invariant } from "../../core/invariant.ts";
import { escapeHtml, html, type Markup, trustedMarkup } from "./markup.ts";

/** A chart and the words for those who cannot see it. */
export interface Chart {
  /** Unique within the page. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, with numbers: read out by a screen reader. */
  readonly description: string;
  /** What stands under the chart. */
  readonly caption: string;
  readonly spec: TopLevelSpec;
}

/** One layer of a layered chart. */
export type ChartLayer = Extract<TopLevelSpec, { readonly layer: unknown }>["layer"][number];

/** How a line looks. Dashes tell lines apart where colours do not. */
export interface LineLook {
  readonly name: string;
  readonly color: string;
  readonly dash: readonly [number, number];
}

/** The encodings that give each line, named in `field`, its colour and its dash, under one legend. */
export function lineLooks(field: string, looks: readonly LineLook[]): LineLooks {
  const scale = { domain: looks.map((look) => look.name) };
  const line = { field, type: "nominal", sort: null } as const;
  return {
    encoding: {
      color: { ...line, scale: { ...scale, range: looks.map((look) => look.color) } },
      strokeDash: { ...line, scale: { ...scale, range: looks.map((look) => [...look.dash]) } },
    },
  };
}

export interface LineLooks {
  readonly encoding: {
    readonly color: LineEncoding<string>;
    readonly strokeDash: LineEncoding<number[]>;
  };
}

interface LineEncoding<Range> {
  readonly field: string;
  readonly type: "nominal";
  readonly sort: null;
  readonly scale: { readonly domain: string[]; readonly range: Range[] };
}

/**
 * Width at which a chart is laid out across the page, and as one of two side by side, in CSS pixels. It is between the
 * column of a laptop (912) and that of A4 paper (680), so that its text stays readable when it is scaled to either.
 */
export const chartWidths = { full: 800, half: 390 } as const;

const faint = "var(--muted)";

const theme: Config = {
  aria: false,
  background: "transparent",
  font: "inherit",
  padding: { left: 2, right: 10, top: 4, bottom: 2 },
  autosize: { type: "fit", contains: "padding" },
  view: { stroke: null },
  axis: {
    labelColor: faint,
    titleColor: faint,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: "normal",
    gridColor: "var(--grid)",
    domainColor: "var(--rule)",
    tickColor: "var(--rule)",
    labelPadding: 5,
  },
  axisX: { grid: false, titlePadding: 8, tickSize: 4 },
  axisY: { domain: false, ticks: false, tickCount: 4, titlePadding: 10, minExtent: 34 },
  legend: {
    orient: "top",
    direction: "horizontal",
    labelColor: "var(--ink)",
    labelFontSize: 12,
    labelLimit: 400,
    symbolSize: 320,
    symbolStrokeWidth: 2,
    title: null,
    offset: 10,
    columnPadding: 20,
  },
};

/** The charts there are, each as a figure. */
export async function renderCharts(charts: readonly (Chart | undefined)[]): Promise<readonly Markup[]> {
  return Promise.all(charts.flatMap((chart) => (chart === undefined ? [] : [renderChart(chart)])));
}

/** A figure with the chart as SVG, its title for assistive technology, and its caption. */
async function renderChart(chart: Chart): Promise<Markup> {
  const svg = await drawSvg(chart.spec);
  const opening = /^<svg [^>]*viewBox="([^"]+)"[^>]*>/.exec(svg);
  invariant(opening !== null, `Vega drew no SVG for chart ${chart.id}`);
  const [, , width = "", height = ""] = (opening[1] ?? "").split(" ");
  const described =
    `<svg role="img" aria-labelledby="${chart.id}-title ${chart.id}-desc" viewBox="${opening[1]}" width="${width}" height="${height}" style="max-width:${Math.round(Number(width) * 1.2)}px">` +
    `<title id="${chart.id}-title">${escapeHtml(chart.title)}</title><desc id="${chart.id}-desc">${escapeHtml(chart.description)}</desc>`;
  return html`<figure>
    <h3>${chart.title}</h3>
    ${trustedMarkup(described + svg.slice(opening[0].length))}
    <figcaption>${chart.caption}</figcaption>
  </figure>`;
}

/** Vega is loaded when a page is drawn, so that commands without one start a fifth of a second sooner. */
async function drawSvg(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, { Error: errorLevel, logger, parse, View }] = await Promise.all([
    import("vega-lite"),
    import("vega"),
  ]);
  const quiet = logger(errorLevel);
  const compiled = compile({ ...spec, config: theme }, { logger: quiet }).spec;
  const view = new View(parse(compiled), { renderer: "none", logger: quiet });
  const svg = await view.toSVG();
  view.finalize();
  return svg;
}
