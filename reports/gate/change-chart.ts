/**
 * Every metric's change in one picture, in units of what is tolerated: 0 is no change, 1 the tolerance, the dot the change and the line
 * through it its 95 % interval. What lies beyond the picture stands at its edge.
 */
import type { Comparison } from "../../analyzers/regression/regression.ts";
import { plural } from "../../core/units.ts";
import { type Chart, chartWidths } from "../html/chart.ts";

/** Tolerances to either side that are shown. */
const reach = 3;

const colors = { pass: "var(--live)", fail: "var(--fail)", inconclusive: "var(--inconclusive)" } as const;

/** Nothing where no metric has a tolerance to measure by. */
export function changeChart(comparisons: readonly Comparison[]): Chart | undefined {
  const rows = comparisons.flatMap(({ title, judgement, change, interval, tolerated }) => {
    if (change === undefined || tolerated === undefined || tolerated <= 0) return [];
    const [low, high] = interval ?? [change, change];
    return [
      {
        title,
        color: colors[judgement],
        at: withinReach(change / tolerated),
        low: withinReach(low / tolerated),
        high: withinReach(high / tolerated),
      },
    ];
  });
  if (rows.length === 0) return undefined;
  const worse = comparisons.filter(({ judgement }) => judgement === "fail").length;
  const y = {
    field: "title",
    type: "nominal",
    sort: rows.map(({ title }) => title),
    title: null,
    axis: { labelLimit: 300, minExtent: 200 },
  };
  const x = {
    type: "quantitative",
    scale: { domain: [-reach, reach] },
    title: "Change, in tolerances",
    axis: { tickCount: 7, grid: true },
  };
  const color = { field: "color", type: "nominal", scale: null };
  return {
    id: "changes",
    title: "Changes and what is tolerated",
    description: `${plural(rows.length, "metric")}, ${worse} of them worse beyond the tolerance.`,
    caption: "0 is no change, the broken bar the tolerance, the line through a dot its 95 % interval; right is worse.",
    spec: {
      width: chartWidths.full,
      height: 30 * rows.length,
      data: { values: rows },
      layer: [
        {
          data: { values: [{ at: 0 }] },
          mark: { type: "rule", color: "var(--rule)" },
          encoding: { x: { ...x, field: "at" } },
        },
        {
          data: { values: [{ at: 1 }] },
          mark: { type: "rule", color: "var(--ink)", strokeDash: [4, 4] },
          encoding: { x: { ...x, field: "at" } },
        },
        {
          mark: { type: "rule", strokeWidth: 2 },
          encoding: { y, x: { ...x, field: "low" }, x2: { field: "high" }, color },
        },
        {
          mark: { type: "point", filled: true, size: 90, opacity: 1 },
          encoding: { y, x: { ...x, field: "at" }, color },
        },
      ] as ChartLayers,
    },
  };
}

type ChartLayers = Extract<Chart["spec"], { readonly layer: unknown }>["layer"];

function withinReach(amount: number): number {
  return Math.max(-reach, Math.min(reach, amount));
}
