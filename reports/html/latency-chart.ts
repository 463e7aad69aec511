/**
 * Latency over time: the median and the 95th percentile, or in a small run every request as a dot and the median; a cross
 * wherever requests failed.
 */
import { type LatencyKind, latencies, latencyNames } from "../../analyzers/latency.ts";
import { percentile } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import { type Chart, chartWidths, lineLooks } from "./chart.ts";
import { eventLayers } from "./events.ts";
import { binWidthMs, failureBins, latencyBins, loadSpan, singleRequests } from "./series.ts";
import { timeEncoding } from "./time-axis.ts";

const median = { name: "p50, half of the requests", color: "var(--live)", dash: [1, 0] } as const;
const tail = { name: "p95, 95 of 100 requests", color: "var(--live-soft)", dash: [5, 3] } as const;

/** A cross, in the unit square that Vega scales symbols from. */
const cross = "M-.6,-.6L.6,.6M.6,-.6L-.6,.6";

/** The chart of one latency; nothing when no request has it. */
export function latencyOverTime(run: Run, kind: LatencyKind): Chart | undefined {
  const span = loadSpan(run);
  const records = recordsOf(run, "load");
  const bins = latencyBins(records, kind, span);
  if (bins.length === 0) return undefined;
  const failures = failureBins(records, span);
  const failed = failures.reduce((sum, bin) => sum + bin.count, 0);
  const singles = singleRequests(records, kind, span);
  const largestMs = Math.max(...bins.map((bin) => bin.p95Ms), ...singles.map((single) => single.ms));
  const unit = latencyUnit(largestMs);
  const width = formatDuration(binWidthMs(records.length, span));
  const lines = singles.length > 0 ? [median] : [median, tail];
  const time = timeEncoding(span);
  const events = eventLayers(run, time);
  return {
    id: `${kind}-over-time`,
    title: `${latencyNames[kind]} over time`,
    description: `${half(run, kind)} ${failed === 0 ? "No request" : plural(failed, "request")} failed.`,
    caption: [
      `Answered requests by when they were due, in bins of ${width}.`,
      singles.length === 0 ? "" : "Each dot is one request.",
      failed === 0 ? "" : "A cross marks a bin in which requests failed.",
      events.length === 0 ? "" : "Numbered lines are the events in the table below.",
    ]
      .filter((text) => text !== "")
      .join(" "),
    spec: {
      width: chartWidths.full,
      height: 200,
      layer: [
        ...events,
        {
          data: { values: singles.map(({ atS, ms }) => ({ atS, value: ms / unit.ms })) },
          mark: { type: "point", filled: true, size: 16, color: "var(--live)", opacity: 0.35 },
          encoding: { x: { field: "atS", ...time }, y: { field: "value", type: "quantitative" } },
        },
        {
          data: {
            values: bins.flatMap(({ atS, p50Ms, p95Ms }) =>
              lines.map((line) => ({ atS, value: (line === median ? p50Ms : p95Ms) / unit.ms, line: line.name })),
            ),
          },
          mark: { type: "line", strokeWidth: 2, point: bins.length < 3 },
          encoding: {
            x: { field: "atS", ...time },
            y: {
              field: "value",
              type: "quantitative",
              axis: { title: unit.title },
              scale: { domain: [0, (largestMs / unit.ms) * 1.15] },
            },
            ...lineLooks("line", lines).encoding,
          },
        },
        {
          data: { values: failures.map(({ atS }) => ({ atS })) },
          mark: { type: "point", shape: cross, size: 60, strokeWidth: 1.6, color: "var(--fail)" },
          encoding: { x: { field: "atS", ...time }, y: { value: 3 } },
        },
      ],
    },
  };
}

export interface LatencyUnit {
  /** Milliseconds in one unit. */
  readonly ms: Ms;
  readonly title: string;
}

/** What an axis counts in: seconds from two seconds on, milliseconds below. */
export function latencyUnit(largestMs: Ms): LatencyUnit {
  return largestMs >= 2_000 ? { ms: 1_000, title: "Seconds" } : { ms: 1, title: "Milliseconds" };
}

function half(run: Run, kind: LatencyKind): string {
  const sample = latencies(recordsOf(run, "load"), kind);
  const [p50 = 0, p95 = 0] = [percentile(sample, 0.5), percentile(sample, 0.95)];
  return `Half of the requests took at most ${formatDuration(p50)}, 95 of 100 at most ${formatDuration(p95)}.`;
}
