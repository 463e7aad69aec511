/**
 * What scaling policies ask for, read from a Prometheus: the names of simulator/metric-pipeline.ts as queries over what a live run
 * exposes (`exporter.ts`).
 *
 * Prometheus counts wall time, policies scenario time: at `--time-scale 10` ten requests a second on the wall are one. A core
 * that is busy all the time is so in both. A range reaches one sample further back than the window, so that a rate over a window
 * of one interval has two samples, as in the pipeline.
 */
import { perReplicaMetric } from "../../behavior/scaling/metric-names.ts";
import type { MetricReading } from "../../behavior/scaling/policy.ts";
import type { MetricPipelineSpec } from "../../core/scenario/platform-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { QueriedSeries, RunningPrometheus } from "../../gateways/prometheus/server.ts";

/** Reads everything at an instant of scenario time. Never rejects: what could not be read has failed. */
export type ReadMetrics = (atMs: Ms) => Promise<ReadonlyMap<string, MetricReading>>;

export interface ReadingsOptions {
  readonly prometheus: Pick<RunningPrometheus, "query">;
  readonly spec: MetricPipelineSpec;
  readonly timeScale: number;
  /** Wall time between two samples. */
  readonly scrapeMs: Ms;
  /** Wall time since the epoch. */
  readonly wallMs: () => number;
}

/** Readings as old as the platform's lag makes them. */
export function readingsFrom({ prometheus, spec, timeScale, scrapeMs, wallMs }: ReadingsOptions): ReadMetrics {
  const range = `[${Math.round(spec.windowMs / timeScale + scrapeMs)}ms]`;
  const queries = metricQueries(range, timeScale);
  return async (atMs) => {
    const evaluatedMs = wallMs() - spec.lagMs / timeScale;
    const read = queries.map(async ({ names, expression, isPerReplica }) => {
      const reading = await prometheus.query(expression, evaluatedMs).then(
        (series) => (isPerReplica ? perReplica(series, atMs - spec.lagMs, spec.windowMs) : totalOf(series)),
        (cause: unknown): MetricReading => ({
          kind: "failed",
          why: cause instanceof Error ? cause.message : String(cause),
        }),
      );
      return names.flatMap(([name, factor]) =>
        reading === undefined ? [] : [[name, times(reading, factor)] as const],
      );
    });
    return new Map((await Promise.all(read)).flat());
  };
}

interface MetricQuery {
  /** Names of the metric in each of its units, with what the value is multiplied by. */
  readonly names: readonly (readonly [name: string, factor: number])[];
  readonly expression: string;
  readonly isPerReplica: boolean;
}

/** `range`: as PromQL writes it, `[30s]`. */
export function metricQueries(range: string, timeScale: number): readonly MetricQuery[] {
  const rate = (metric: string): string => `rate(${metric}${range})`;
  const scaled = (expression: string): string => (timeScale === 1 ? expression : `${expression} / ${timeScale}`);
  const tokens = scaled(`sum by (provider) (${rate("squall_provider_tokens_total")})`);
  const total = (names: MetricQuery["names"], expression: string): MetricQuery => ({
    names,
    expression,
    isPerReplica: false,
  });
  const each = (names: MetricQuery["names"], expression: string): MetricQuery => ({
    names,
    expression,
    isPerReplica: true,
  });
  const requests = "squall_replica_requests_total";
  return [
    total(
      [
        ["rps", 1],
        ["requests_per_second", 1],
        ["requests_per_minute", 60],
      ],
      scaled(`sum(${rate("squall_fleet_requests_total")})`),
    ),
    total([["concurrency", 1]], "sum(squall_fleet_in_flight) + sum(squall_queue_depth)"),
    total([["queue_depth", 1]], "sum(squall_queue_depth)"),
    total([["tokens_per_minute", 60]], `sum(${tokens})`),
    // With several providers the one nearest to its limit counts: it is the first to refuse.
    total([["token_usage_rate", 100]], `max(${tokens} * 60 / on (provider) squall_provider_token_limit)`),
    each(
      [
        ["cpu", 1],
        ["cpu_utilization", 100],
      ],
      rate("squall_replica_cpu_seconds_total"),
    ),
    each(
      [
        [perReplicaMetric("rps"), 1],
        [perReplicaMetric("requests_per_second"), 1],
        [perReplicaMetric("requests_per_minute"), 60],
      ],
      scaled(rate(requests)),
    ),
    each([[perReplicaMetric("concurrency"), 1]], "squall_replica_in_flight"),
  ];
}

/** What nobody measures is absent, as in the pipeline. */
function totalOf(series: readonly QueriedSeries[]): MetricReading | undefined {
  const values = series.flatMap(({ samples }) => samples.at(-1)?.[1] ?? []).filter((value) => Number.isFinite(value));
  return values.length === 0 ? undefined : { kind: "total", values };
}

function perReplica(series: readonly QueriedSeries[], takenAtMs: Ms, windowMs: Ms): MetricReading {
  return {
    kind: "per-replica",
    samples: series.flatMap(({ labels, samples }) => {
      const value = samples.at(-1)?.[1];
      const { replica } = labels;
      return replica === undefined || value === undefined ? [] : [{ replica, value, takenAtMs, windowMs }];
    }),
  };
}

function times(reading: MetricReading, factor: number): MetricReading {
  switch (reading.kind) {
    case "failed":
      return reading;
    case "total":
      return { kind: "total", values: reading.values.map((value) => value * factor) };
    case "per-replica":
      return {
        kind: "per-replica",
        samples: reading.samples.map((sample) => ({ ...sample, value: sample.value * factor })),
      };
  }
}
