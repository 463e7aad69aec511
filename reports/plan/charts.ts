/** The charts of a plan: cost against room, where candidates break, and what the replicas of each cost. */
import { factorText } from "../../analyzers/break-point.ts";
import { toDollars } from "../../core/money.ts";
import { plural } from "../../core/units.ts";
import { type Chart, type ChartLayer, chartWidths } from "../html/chart.ts";
import { breakInShort, candidateAt, meanFigure, type PlanReport } from "./words.ts";

/** Bars that a page can show before their names run into each other. */
const barsMax = 30;

/** Points with a label: the best ones, where there are too many to read. */
const labelsMax = 12;

/** Room below this is all the same: missed by all of it. */
const marginLeast = -1;

interface FrontierPoint {
  readonly rank: string;
  readonly name: string;
  /** Dollars an hour. */
  readonly cost: number;
  /** Percent of the nearest limit. */
  readonly room: number;
  readonly judgement: string;
  readonly isOnFrontier: boolean;
}

/** Every candidate as a point; those on the frontier are joined. */
export function frontierChart({ assessment }: PlanReport): Chart | undefined {
  const points = assessment.ranking.flatMap(
    ({ name, costPerHour, margin, judgement, isOnFrontier }, index): FrontierPoint[] =>
      costPerHour === null
        ? []
        : [
            {
              rank: `#${index + 1}`,
              name,
              cost: toDollars(Math.round(costPerHour.mean)),
              room: Math.max(marginLeast, margin) * 100,
              judgement,
              isOnFrontier,
            },
          ],
  );
  if (points.length < 2) return undefined;
  const onFrontier = points.filter((point) => point.isOnFrontier);
  return {
    id: "frontier",
    title: "Cost against room",
    description: `${plural(points.length, "candidate")}, ${onFrontier.length} of them on the frontier: ${onFrontier.map(({ name }) => name).join(", ")}.`,
    caption:
      "Up is safer, left is cheaper; above zero every objective holds. The line joins the candidates that no other beats in both; numbers are ranks in the table below. Circles hold, crosses miss, squares are not sure.",
    spec: { width: chartWidths.full, height: 320, layer: [...frontierLayers(points, onFrontier)] },
  };
}

function frontierLayers(points: readonly FrontierPoint[], onFrontier: readonly FrontierPoint[]): readonly ChartLayer[] {
  const x = {
    field: "cost",
    type: "quantitative",
    axis: { title: "Cost per hour, dollars", tickCount: 6 },
    scale: { zero: false, nice: true, padding: 24 },
  } as const;
  const y = {
    field: "room",
    type: "quantitative",
    axis: { title: "Room to the nearest limit, %" },
    scale: { zero: true, nice: true },
  } as const;
  return [
    {
      data: { values: [{ zero: 0 }] },
      mark: { type: "rule", color: "var(--fail)", strokeDash: [4, 3] },
      encoding: { y: { field: "zero", type: "quantitative" } },
    },
    {
      data: { values: [...onFrontier] },
      mark: { type: "line", color: "var(--live-soft)", strokeWidth: 1.5, interpolate: "step-after" },
      encoding: { x, y },
    },
    {
      data: { values: [...points] },
      mark: { type: "point", filled: true, size: 70, opacity: 0.9 },
      encoding: { x, y, ...judgementLooks },
    },
    {
      data: { values: [...labelsOf(points)] },
      mark: { type: "text", align: "left", baseline: "bottom", dx: 7, dy: -5, fontSize: 11, color: "var(--ink)" },
      encoding: { x, y, text: { field: "rank", type: "nominal" } },
    },
  ];
}

const judgementDomain: string[] = ["pass", "inconclusive", "fail"];

/** Shape and colour, so that neither is needed alone. */
const judgementLooks: {
  readonly shape: {
    readonly field: "judgement";
    readonly type: "nominal";
    readonly scale: { readonly domain: string[]; readonly range: string[] };
  };
  readonly color: {
    readonly field: "judgement";
    readonly type: "nominal";
    readonly scale: { readonly domain: string[]; readonly range: string[] };
  };
} = {
  shape: {
    field: "judgement",
    type: "nominal",
    scale: { domain: judgementDomain, range: ["circle", "square", "cross"] },
  },
  color: {
    field: "judgement",
    type: "nominal",
    scale: { domain: judgementDomain, range: ["var(--pass)", "var(--inconclusive)", "var(--fail)"] },
  },
};

/** Ranks beside the points; those that lie on each other share a label. */
function labelsOf(points: readonly FrontierPoint[]): readonly FrontierPoint[] {
  const alike = Map.groupBy(points, ({ cost, room }) => `${cost.toPrecision(3)} ${room.toPrecision(3)}`);
  return [...alike.values()].slice(0, labelsMax).flatMap(([first, ...others]) => {
    return first === undefined ? [] : [{ ...first, rank: [first, ...others].map(({ rank }) => rank).join(" ") }];
  });
}

/** Multiples of the load that each candidate held, where somebody looked. */
export function breakChart(report: PlanReport): Chart | undefined {
  const bars = report.assessment.ranking.flatMap(({ position, name }, index) => {
    const candidate = candidateAt(report, position);
    const point = candidate?.breakPoint ?? null;
    return candidate === undefined || point === null
      ? []
      : [{ name: `#${index + 1} ${name}`, held: point.heldAt ?? 0, words: breakInShort(candidate) }];
  });
  if (bars.length === 0) return undefined;
  const shown = bars.slice(0, barsMax);
  const breakScale: { readonly domain: number[] } = {
    domain: [0, Math.max(1, ...shown.map(({ held }) => held)) * 1.6],
  };
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    axis: { title: null, labelLimit: 300, labelFontSize: 12 },
  } as const;
  const x = {
    field: "held",
    type: "quantitative",
    axis: { title: "Times the load of the scenario" },
    scale: breakScale,
  } as const;
  return {
    id: "break-points",
    title: "Where they break",
    description: shown.map(({ name, held }) => `${name}: ${factorText(held)} times`).join("; "),
    caption:
      "The largest multiple of the scenario's load at which every objective held, and what is missed first beyond it. The dashed line is the load as written.",
    spec: {
      width: chartWidths.full,
      height: 40 + 30 * shown.length,
      layer: [
        { data: { values: shown }, mark: { type: "bar", color: "var(--live)", height: 14 }, encoding: { x, y } },
        {
          data: { values: shown },
          mark: { type: "text", align: "left", dx: 6, color: "var(--ink)", fontSize: 12, limit: 420 },
          encoding: { x, y, text: { field: "words", type: "nominal" } },
        },
        {
          data: { values: [{ one: 1 }] },
          mark: { type: "rule", color: "var(--baseline)", strokeDash: [4, 3] },
          encoding: { x: { field: "one", type: "quantitative" } },
        },
      ],
    },
  };
}

/** Mean replicas of each candidate, best first. */
export function replicasChart(report: PlanReport): Chart | undefined {
  const bars = report.assessment.ranking.slice(0, barsMax).flatMap(({ position, name }, index) => {
    const candidate = candidateAt(report, position);
    const mean = candidate === undefined ? undefined : meanFigure(candidate, "replicas.mean");
    const most = candidate === undefined ? undefined : meanFigure(candidate, "scaling.replicas.max");
    const cost = candidate === undefined ? undefined : meanFigure(candidate, "cost.replicas.per-hour");
    if (mean === undefined || most === undefined) return [];
    const words = cost === undefined ? "" : `$${toDollars(Math.round(cost)).toFixed(2)} an hour`;
    return [{ name: `#${index + 1} ${name}`, mean, most, words }];
  });
  if (bars.length === 0) return undefined;
  const y = {
    field: "name",
    type: "nominal",
    sort: null,
    axis: { title: null, labelLimit: 300, labelFontSize: 12 },
  } as const;
  const scale = { domain: [0, Math.max(1, ...bars.map(({ most }) => most)) * 1.25] };
  const x = { field: "mean", type: "quantitative", axis: { title: "Replicas that serve" }, scale } as const;
  const xMost = { field: "most", type: "quantitative", scale } as const;
  return {
    id: "plan-replicas",
    title: "Replicas and what they cost",
    description: bars
      .map(({ name, mean, most }) => `${name}: ${mean.toFixed(1)} on average, ${most.toFixed(1)} at most`)
      .join("; "),
    caption:
      "Bars: replicas that serve, on average. Ticks: the most that served at one time. The cost is that of the replicas alone.",
    spec: {
      width: chartWidths.full,
      height: 40 + 26 * bars.length,
      layer: [
        { data: { values: bars }, mark: { type: "bar", color: "var(--ok)", height: 14 }, encoding: { x, y } },
        {
          data: { values: bars },
          mark: { type: "tick", color: "var(--ink)", thickness: 2, height: 18 },
          encoding: { x: xMost, y },
        },
        {
          data: { values: bars },
          mark: { type: "text", align: "left", dx: 6, color: "var(--ink)", fontSize: 12 },
          encoding: { x: xMost, y, text: { field: "words", type: "nominal" } },
        },
      ],
    },
  };
}
