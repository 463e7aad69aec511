/**
 * One way of scaling against the traffic it was given: demand and capacity in requests a second, red where capacity is below
 * demand (the failure zone), and a triangle wherever a provider's limit refused calls.
 *
 * What one replica takes is not written down anywhere: it follows from the run, as the requests that arrived over the replicas
 * that they kept busy.
 */
import { flappingOf } from "../../analyzers/flapping.ts";
import type { Run } from "../../core/run.ts";
import { formatCount, formatShare, plural } from "../../core/units.ts";
import { type Chart, type ChartLayer, chartWidths, lineLooks } from "../html/chart.ts";
import { type DemandStep, demandSteps } from "../html/replicas-chart.ts";
import { loadSpan } from "../html/series.ts";
import { timeEncoding, type TimeEncoding } from "../html/time-axis.ts";
import { marksOf, refusalMark, refusalsWithin } from "../html/tokens-chart.ts";

const demand = { name: "demand", color: "var(--baseline)", dash: [1, 0] } as const;
const capacity = { name: "capacity", color: "var(--live)", dash: [1, 0] } as const;

/** A stretch of time in requests a second. */
interface RateStep {
  readonly fromS: number;
  readonly toS: number;
  readonly demand: number;
  readonly capacity: number;
}

/** The most that any of the runs asked for or could take: the common height of their charts. */
export function highestRate(runs: readonly Run[]): number {
  return Math.max(1, ...runs.flatMap((run) => ratesOf(run).flatMap((step) => [step.demand, step.capacity])));
}

/** Nothing where nobody wrote down how many replicas there were. */
export function capacityChart(run: Run, id: string, title: string, top: number): Chart | undefined {
  const rates = ratesOf(run);
  if (rates.length === 0) return undefined;
  const span = loadSpan(run);
  const time = timeEncoding(span);
  const short = rates.filter((step) => step.demand > step.capacity);
  const refused = run.manifest.providers.flatMap((ledger) => refusalsWithin(ledger, span));
  const refusedCalls = refused.reduce((sum, bin) => sum + bin.refused, 0);
  const underShare = flappingOf(run)?.underShare ?? 0;
  return {
    id,
    title,
    description: `Demand grows to ${formatCount(Math.round(Math.max(...rates.map((step) => step.demand))))} requests a second, capacity to ${formatCount(Math.round(Math.max(...rates.map((step) => step.capacity))))}.`,
    caption: [
      short.length === 0
        ? "Capacity follows."
        : `Red: capacity is below demand, for ${formatShare(underShare)} of the time.`,
      refusedCalls === 0
        ? "The providers refuse nothing."
        : `Triangles: a provider's limit refuses calls, ${plural(refusedCalls, "call")} in all.`,
    ].join(" "),
    spec: {
      width: chartWidths.full,
      height: 150,
      layer: [
        ...failureZone(short, time),
        lines(rates, time, top),
        {
          data: { values: marksOf(refused, span) },
          ...refusalMark,
          encoding: { x: { field: "atS", ...time }, y: { value: 4 } },
        },
      ],
    },
  };
}

function failureZone(short: readonly RateStep[], time: TimeEncoding): readonly ChartLayer[] {
  if (short.length === 0) return [];
  return [
    {
      data: { values: short.map((step) => ({ ...step })) },
      mark: { type: "rect", color: "var(--fail)", opacity: 0.28 },
      encoding: {
        x: { field: "fromS", ...time },
        x2: { field: "toS" },
        y: { field: "capacity", type: "quantitative" },
        y2: { field: "demand" },
      },
    },
  ];
}

function lines(rates: readonly RateStep[], time: TimeEncoding, top: number): ChartLayer {
  const last = rates.at(-1);
  const shown = last === undefined ? [] : [...rates, { ...last, fromS: last.toS }];
  const values = shown.flatMap((step) => [
    { atS: step.fromS, perS: step.demand, line: demand.name },
    { atS: step.fromS, perS: step.capacity, line: capacity.name },
  ]);
  return {
    data: { values },
    mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
    encoding: {
      x: { field: "atS", ...time },
      y: {
        field: "perS",
        type: "quantitative",
        axis: { title: "Requests a second" },
        scale: { domain: [0, top * 1.1], nice: false },
      },
      ...lineLooks("line", [demand, capacity]).encoding,
    },
  };
}

function ratesOf(run: Run): readonly RateStep[] {
  const { replicas } = run.manifest;
  const span = loadSpan(run);
  if (replicas === undefined || span.lengthMs <= 0) return [];
  const steps = demandSteps(replicas, span);
  const perReplica = requestsOfOneReplica(steps);
  if (perReplica === undefined) return [];
  return steps.map(({ fromS, toS, arrivedPerS, ready }) => ({
    fromS,
    toS,
    demand: arrivedPerS,
    capacity: ready * perReplica,
  }));
}

/** Requests a second that keep one replica busy, over the whole run; undefined where nobody knows what one takes. */
function requestsOfOneReplica(steps: readonly DemandStep[]): number | undefined {
  if (steps.some(({ needed }) => needed === undefined)) return undefined;
  const total = (of: (step: DemandStep) => number): number =>
    steps.reduce((sum, step) => sum + of(step) * (step.toS - step.fromS), 0);
  const busy = total(({ needed = 0 }) => needed);
  return busy === 0 ? 0 : total(({ arrivedPerS }) => arrivedPerS) / busy;
}
