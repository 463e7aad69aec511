/**
 * Replicas over time against the load: how many were wished for, how many served, and how many the load kept busy; red where it
 * kept more busy than there were, which is where requests fail.
 */
import { readyAt } from "../../analyzers/flapping.ts";
import type { DemandBin, ReplicaAccount, ReplicaCounts, Run } from "../../core/run.ts";
import { formatShare, plural } from "../../core/units.ts";
import { type Chart, type ChartLayer, chartWidths, lineLooks } from "./chart.ts";
import { eventLayers } from "./events.ts";
import { loadSpan, type Span } from "./series.ts";
import { timeEncoding, type TimeEncoding } from "./time-axis.ts";

const serving = { name: "serving", color: "var(--live)", dash: [1, 0] } as const;
const wished = { name: "wished for", color: "var(--live-soft)", dash: [4, 3] } as const;
const busy = { name: "kept busy by the load", color: "var(--baseline)", dash: [1, 0] } as const;

/** Steps that can be told apart across the page. */
const stepsMost = 160;

/** A stretch of time, the replicas in it, and the load that they had. */
export interface DemandStep {
  readonly fromS: number;
  readonly toS: number;
  /** Undefined where nobody knows what a request takes of a replica. */
  readonly needed: number | undefined;
  readonly ready: number;
  readonly arrivedPerS: number;
}

/** Nothing where nobody wrote down how many replicas there were. */
export function replicasOverTime(run: Run, underShare: number | undefined): Chart | undefined {
  const { replicas } = run.manifest;
  const span = loadSpan(run);
  if (replicas === undefined || span.lengthMs <= 0) return undefined;
  const steps = demandSteps(replicas, span);
  const time = timeEncoding(span);
  const most = Math.max(1, ...steps.map(({ needed, ready }) => Math.max(needed ?? 0, ready)));
  const top = Math.max(most, ...countsWithin(replicas.counts, span).map((count) => count.wished)) * 1.15;
  const events = eventLayers(run, time);
  const short = steps.filter(({ needed, ready }) => needed !== undefined && needed > ready);
  return {
    id: "replicas-over-time",
    title: "Replicas over time",
    description: `At most ${plural(Math.max(0, ...steps.map(({ ready }) => ready)), "replica")} served.${underShare === undefined ? "" : ` The load kept more busy than there were for ${formatShare(underShare)} of the time.`}`,
    caption: [
      underShare === undefined
        ? "Replicas that serve, and replicas that were wished for. What a request takes of one is not known."
        : "Replicas that serve, replicas that were wished for, and how many the offered load keeps busy without a pause.",
      short.length === 0 ? "" : "Red: the load needs more than there are, and falls behind.",
      events.length === 0 ? "" : "Numbered lines are the events in the table below.",
    ]
      .filter((text) => text !== "")
      .join(" "),
    spec: {
      width: chartWidths.full,
      height: 240,
      layer: [
        ...shortageLayer(short, time),
        ...events,
        {
          data: { values: [...lineValues(replicas.counts, span), ...busyValues(steps)] },
          mark: { type: "line", interpolate: "step-after", strokeWidth: 2 },
          encoding: {
            x: { field: "atS", ...time },
            y: { field: "replicas", type: "quantitative", axis: { title: "Replicas" }, scale: { domain: [0, top] } },
            ...lineLooks("line", [serving, wished, busy]).encoding,
          },
        },
      ],
    },
  };
}

/** From what is there up to what is needed. */
function shortageLayer(short: readonly DemandStep[], time: TimeEncoding): readonly ChartLayer[] {
  if (short.length === 0) return [];
  return [
    {
      data: { values: short.map(({ fromS, toS, needed, ready }) => ({ fromS, toS, needed, ready })) },
      mark: { type: "rect", color: "var(--fail)", opacity: 0.28 },
      encoding: {
        x: { field: "fromS", ...time },
        x2: { field: "toS" },
        y: { field: "ready", type: "quantitative" },
        y2: { field: "needed" },
      },
    },
  ];
}

interface LinePoint {
  readonly atS: number;
  readonly replicas: number;
  readonly line: string;
}

/** Each change within the span, and both of its ends. */
function lineValues(counts: readonly ReplicaCounts[], span: Span): readonly LinePoint[] {
  const endMs = span.startMs + span.lengthMs;
  const within = countsWithin(counts, span);
  const last = within.at(-1);
  const shown = last === undefined ? [] : [...within, { ...last, atMs: endMs }];
  return shown.flatMap(({ atMs, ready, wished: wish }) => {
    const atS = Math.max(0, atMs - span.startMs) / 1_000;
    return [
      { atS, replicas: ready, line: serving.name },
      { atS, replicas: wish, line: wished.name },
    ];
  });
}

function busyValues(steps: readonly DemandStep[]): readonly LinePoint[] {
  const last = steps.at(-1);
  const shown = last === undefined ? [] : [...steps, { ...last, fromS: last.toS }];
  return shown.flatMap(({ fromS, needed }) =>
    needed === undefined ? [] : { atS: fromS, replicas: needed, line: busy.name },
  );
}

/** The counts in force at the start of a span, and every change within it. */
function countsWithin(counts: readonly ReplicaCounts[], { startMs, lengthMs }: Span): readonly ReplicaCounts[] {
  const first = counts.findLast(({ atMs }) => atMs <= startMs);
  const changes = counts.filter(({ atMs }) => atMs > startMs && atMs <= startMs + lengthMs);
  return first === undefined ? changes : [first, ...changes];
}

/** Neighbouring bins of demand put together until a page can show them. */
export function demandSteps({ counts, demand }: ReplicaAccount, { startMs, lengthMs }: Span): readonly DemandStep[] {
  const endMs = startMs + lengthMs;
  const within = demand.filter((bin) => bin.startMs + bin.widthMs > startMs && bin.startMs < endMs);
  const each = Math.ceil(within.length / stepsMost);
  return Array.from({ length: Math.ceil(within.length / Math.max(1, each)) }, (_, index): DemandStep => {
    const bins = within.slice(index * each, (index + 1) * each);
    const fromMs = Math.max(startMs, bins[0]?.startMs ?? startMs);
    const toMs = Math.min(endMs, endOf(bins.at(-1)) ?? endMs);
    return {
      fromS: (fromMs - startMs) / 1_000,
      toS: (toMs - startMs) / 1_000,
      needed: meanBusy(bins),
      ready: readyAt(counts, (fromMs + toMs) / 2),
      arrivedPerS: bins.reduce((sum, bin) => sum + bin.arrived, 0) / (sumOfWidths(bins) / 1_000),
    };
  });
}

function meanBusy(bins: readonly DemandBin[]): number | undefined {
  const known = bins.flatMap(({ replicas }) => replicas ?? []);
  return known.length < bins.length ? undefined : known.reduce((sum, replicas) => sum + replicas, 0) / bins.length;
}

function sumOfWidths(bins: readonly DemandBin[]): number {
  return bins.reduce((sum, { widthMs }) => sum + widthMs, 0);
}

function endOf(bin: DemandBin | undefined): number | undefined {
  return bin === undefined ? undefined : bin.startMs + bin.widthMs;
}
