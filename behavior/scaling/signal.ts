/**
 * One number out of a metric reading, and its recent past: what alarm and threshold policies compare.
 */
import { assertNever } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";
import { readingTotal, type Replica, type ScalingObservation } from "./policy.ts";

export interface Signal {
  readonly metric: string;
  /**
   * `average`: over the replicas that were measured; a metric measured outside them is taken as it is (% of a limit).
   * `per-replica`: the total divided by the replicas wished for (a queue shared among them).
   * `sum`, `maximum`: over the replicas.
   */
  readonly statistic: "average" | "per-replica" | "sum" | "maximum";
}

/** Undefined when nothing was measured. `counts` leaves out the samples of replicas that are still warming up. */
export function signalValue(
  signal: Signal,
  observation: ScalingObservation,
  counts: (replica: Replica) => boolean = () => true,
): number | undefined {
  const reading = observation.metrics.get(signal.metric);
  const total = readingTotal(reading);
  if (reading === undefined || reading.kind === "failed" || total === undefined) return undefined;
  if (signal.statistic === "per-replica") return total / Math.max(1, observation.replicas);
  if (reading.kind === "total") return total;
  const counted = new Set(observation.fleet.filter(counts).map(({ name }) => name));
  const values = reading.samples.filter(({ replica }) => counted.has(replica)).map(({ value }) => value);
  return values.length === 0 ? undefined : aggregate(values, signal.statistic);
}

/** `queue per replica`, `cpu`. */
export function signalInWords({ metric, statistic }: Signal): string {
  return statistic === "per-replica" ? `${metric} per replica` : metric;
}

function aggregate(values: readonly number[], statistic: "average" | "sum" | "maximum"): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "average":
      return sum / values.length;
    case "sum":
      return sum;
    case "maximum":
      return Math.max(...values);
    default:
      return assertNever(statistic);
  }
}

export interface Sample {
  readonly atMs: Ms;
  readonly value: number;
}

/** Values of the last `keepMs`, oldest first; a value exactly that old is out. */
export function keepRecent(samples: readonly Sample[], latest: Sample, keepMs: Ms): readonly Sample[] {
  return [...samples.filter(({ atMs }) => atMs > latest.atMs - keepMs), latest];
}
