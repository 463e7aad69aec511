/**
 * The one interface between a fleet and whatever scales it.
 *
 * The simulated platform (virtual time) and the live fleet (wall time) ask the same policies: every `syncMs` they say what
 * was observed and get back how many replicas are wished for, and why, in words. A policy is a state machine: it remembers
 * its own windows and cooldowns, is told the time, and never sees a clock, a fleet or a random number.
 *
 * What is observed passes through a metric pipeline first (scrape interval, lag, missing samples). That pipeline belongs to
 * the platform; a policy judges what reached it.
 */
import type { Ms } from "../../core/time.ts";

/** Asked in order of time; an instance serves one fleet. */
export interface ScalingPolicy {
  /** One line for reports: `HPA cpu 70 %, 2..50`. */
  readonly describe: string;
  /** How often it wants to be asked. */
  readonly syncMs: Ms;
  readonly decide: (observation: ScalingObservation) => ScalingDecision;
}

export interface ScalingObservation {
  readonly nowMs: Ms;
  /** Wished for at present: what the last decision, or somebody by hand, set. */
  readonly replicas: number;
  /** Serving traffic now. */
  readonly ready: number;
  /** Every replica that exists, those starting and draining included. */
  readonly fleet: readonly Replica[];
  /** By metric name; a metric that nobody measures is absent, one whose collection failed is `failed`. */
  readonly metrics: ReadonlyMap<string, MetricReading>;
}

/** One replica as Kubernetes would describe its pod; other platforms fill in what they know. */
export interface Replica {
  readonly name: string;
  readonly phase: "pending" | "running" | "succeeded" | "failed" | "unknown";
  /** Told to go: draining. */
  readonly deleting: boolean;
  /** When its process was started; undefined: not yet scheduled. */
  readonly startedAtMs: Ms | undefined;
  /** Last change of readiness; undefined: never reported. */
  readonly readiness: Readiness | undefined;
  /** Reserved per resource (`cpu` in millicores, ...), in thousandths: what a utilization is a share of. */
  readonly requestsMilli: Readonly<Record<string, number>>;
}

export interface Readiness {
  readonly state: "ready" | "unready" | "unknown";
  readonly sinceMs: Ms;
}

export type MetricReading =
  /** Measured on each replica, in the metric's own unit; a replica without a sample is missing. */
  | { readonly kind: "per-replica"; readonly samples: readonly ReplicaSample[] }
  /** Measured outside the replicas (a queue, a gateway total, % of a provider limit); several series are added up. */
  | { readonly kind: "total"; readonly values: readonly number[] }
  | { readonly kind: "failed"; readonly why: string };

export interface ReplicaSample {
  readonly replica: string;
  readonly value: number;
  readonly takenAtMs: Ms;
  /** The sample is an average over this long before `takenAtMs`. */
  readonly windowMs: Ms;
}

export interface ScalingDecision {
  /** Equal to the observed `replicas` when nothing is to change. */
  readonly replicas: number;
  /** `HPA: tokens_per_minute 91 of target 75, 4 -> 5, limited by policy 4 pods/15 s`. */
  readonly reason: string;
}

/** The sum of a reading, whichever way it was measured; undefined when there is nothing to sum. */
export function readingTotal(reading: MetricReading | undefined): number | undefined {
  if (reading === undefined || reading.kind === "failed") return undefined;
  const values = reading.kind === "total" ? reading.values : reading.samples.map((sample) => sample.value);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** Written into reasons: `4 -> 5`, or `stays at 4`. */
export function stepInWords(from: number, to: number): string {
  return from === to ? `stays at ${from}` : `${from} -> ${to}`;
}
