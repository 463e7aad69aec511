/**
 * Folds of records into the few hundred points that a chart can show. However long the run, a page stays small: time is cut
 * into some sixty bins, a distribution into a hundred quantiles.
 */
import { type LatencyKind, latencyOf } from "../../analyzers/latency.ts";
import { isFailed, outcomeCounts } from "../../analyzers/errors.ts";
import { ascending } from "../../analyzers/percentile.ts";
import { phaseSpan } from "../../analyzers/phases.ts";
import { isOk, type Outcome, outcomes, type RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import { quantileSorted } from "simple-statistics";

/** A stretch of time on the charts' common axis, in seconds since the load phase began. */
export interface Span {
  readonly startMs: Ms;
  readonly lengthMs: Ms;
}

/** The load phase; without one, the whole run. */
export function loadSpan(run: Run): Span {
  const load = phaseSpan(run, "load");
  return load === undefined
    ? { startMs: 0, lengthMs: run.manifest.durationMs }
    : { startMs: load.startMs, lengthMs: load.endMs - load.startMs };
}

export interface LatencyBin {
  /** Middle of the bin. */
  readonly atS: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly count: number;
}

/** One block of a stacked column: requests of one outcome, from `low` to `high` above the axis. */
export interface OutcomeBin {
  readonly fromS: number;
  readonly toS: number;
  readonly outcome: Outcome;
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

export interface DistributionPoint {
  readonly ms: number;
  /** Share of requests at or below it. */
  readonly share: number;
}

/** Up to this many requests are drawn one by one. */
const singlesMost = 400;

/** Widths that people read easily, in milliseconds. */
const niceWidthsMs: readonly Ms[] = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000,
  3_600_000,
];

/**
 * The narrowest easily read bin that cuts the span into at most sixty and holds enough requests on average: twenty, since of fewer
 * a 95th percentile is no more than the largest, or ten where requests are drawn one by one and only a median beside them. Wider
 * than all nice widths for spans beyond 60 hours.
 */
export function binWidthMs(requests: number, span: Span): Ms {
  const each = requests <= singlesMost ? 10 : 20;
  const bins = Math.max(1, Math.min(60, requests / each));
  return niceWidthsMs.find((widthMs) => span.lengthMs / widthMs <= bins) ?? Math.ceil(span.lengthMs / bins);
}

/** Median and 95th percentile of answered requests by the bin in which they were due. Empty bins are left out. */
export function latencyBins(records: readonly RequestRecord[], kind: LatencyKind, span: Span): readonly LatencyBin[] {
  const widthMs = binWidthMs(records.length, span);
  const byBin = Map.groupBy(records.filter(isOk), (record) => binOf(record, span, widthMs));
  return [...byBin]
    .toSorted(([left], [right]) => left - right)
    .flatMap(([bin, members]) => {
      const sorted = ascending(members.flatMap((record) => latencyOf(record, kind) ?? []));
      if (sorted.length === 0) return [];
      return [
        {
          atS: middleS(bin, span, widthMs),
          p50Ms: quantileSorted(sorted, 0.5),
          p95Ms: quantileSorted(sorted, 0.95),
          count: sorted.length,
        },
      ];
    });
}

/** Answered requests one by one, as long as there are few enough to be seen apart; none otherwise. */
export function singleRequests(
  records: readonly RequestRecord[],
  kind: LatencyKind,
  span: Span,
): readonly { readonly atS: number; readonly ms: Ms }[] {
  if (records.length > singlesMost) return [];
  return records.filter(isOk).flatMap((record) => {
    const ms = latencyOf(record, kind);
    return ms === undefined ? [] : [{ atS: Math.max(0, record.intendedMs - span.startMs) / 1_000, ms }];
  });
}

/** Number of requests by bin and outcome, stacked in the order of `outcomes`; only what occurred. */
export function outcomeBins(records: readonly RequestRecord[], span: Span): readonly OutcomeBin[] {
  const widthMs = binWidthMs(records.length, span);
  const byBin = Map.groupBy(records, (record) => binOf(record, span, widthMs));
  return [...byBin]
    .toSorted(([left], [right]) => left - right)
    .flatMap(([bin, members]) => {
      const fromS = (bin * widthMs) / 1_000;
      const toS = Math.min(span.lengthMs, (bin + 1) * widthMs) / 1_000;
      const counts = outcomeCounts(members);
      let high = 0;
      return outcomes.flatMap((outcome) => {
        const count = counts.get(outcome) ?? 0;
        if (count === 0) return [];
        const low = high;
        high += count;
        return [{ fromS, toS, outcome, count, low, high }];
      });
    });
}

/** Failed requests by bin, for marks along the time axis. */
export function failureBins(
  records: readonly RequestRecord[],
  span: Span,
): readonly { readonly atS: number; readonly count: number }[] {
  const widthMs = binWidthMs(records.length, span);
  const byBin = Map.groupBy(records.filter(isFailed), (record) => binOf(record, span, widthMs));
  return [...byBin]
    .map(([bin, members]) => ({ atS: middleS(bin, span, widthMs), count: members.length }))
    .toSorted((left, right) => left.atS - right.atS);
}

/**
 * The distribution of a sample as its quantiles from 0 to 99 %. It ends there, since the last percent of a heavy tail would take
 * most of the axis; the tables name p99 and the maximum.
 */
export function distribution(values: readonly number[]): readonly DistributionPoint[] {
  if (values.length === 0) return [];
  const sorted = ascending(values);
  return Array.from({ length: 100 }, (_, percent) => ({
    ms: quantileSorted(sorted, percent / 100),
    share: percent / 100,
  }));
}

/** At most 400 points: the largest of each run of neighbours, so that no peak is lost. */
export function thinned<T>(points: readonly T[], size: (point: T) => number): T[] {
  const each = Math.ceil(points.length / 400);
  if (each <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / each) }, (_, index) =>
    points.slice(index * each, (index + 1) * each).reduce((peak, point) => (size(point) > size(peak) ? point : peak)),
  );
}

/** Middle of a bin in seconds; the last bin may be cut short by the end of the span. */
function middleS(bin: number, span: Span, widthMs: Ms): number {
  return (bin * widthMs + Math.min(span.lengthMs, (bin + 1) * widthMs)) / 2_000;
}

/** A request due after the end of the span falls into its last bin. */
function binOf(record: RequestRecord, span: Span, widthMs: Ms): number {
  const last = Math.max(0, Math.ceil(span.lengthMs / widthMs) - 1);
  return Math.min(last, Math.max(0, Math.floor((record.intendedMs - span.startMs) / widthMs)));
}
