/** Plays a policy against a written timeline: one row a question, readable as a table. */
import type {
  MetricReading,
  Replica,
  ScalingDecision,
  ScalingObservation,
  ScalingPolicy,
} from "../../../behavior/scaling/policy.ts";

export interface Row {
  readonly atSeconds: number;
  /** Totals by metric name; null: the collection failed. */
  readonly totals?: Readonly<Record<string, number | null>>;
  /** The same value on each replica, by metric name. */
  readonly each?: Readonly<Record<string, number>>;
  /** Ready replicas, when not all are. */
  readonly ready?: number;
}

/** Follows the decisions: what one row wishes is what the next row runs. */
export function play(policy: ScalingPolicy, start: number, rows: readonly Row[]): readonly ScalingDecision[] {
  let replicas = start;
  return rows.map((row) => {
    const decision = policy.decide(observe(row, replicas));
    ({ replicas } = decision);
    return decision;
  });
}

export function observe(row: Row, replicas: number): ScalingObservation {
  const nowMs = row.atSeconds * 1_000;
  const ready = Math.min(replicas, row.ready ?? replicas);
  const fleet = Array.from({ length: replicas }, (_, index) => replicaNamed(`r${index}`, index < ready));
  const metrics = new Map<string, MetricReading>();
  for (const [name, total] of Object.entries(row.totals ?? {})) {
    metrics.set(name, total === null ? { kind: "failed", why: "no answer" } : { kind: "total", values: [total] });
  }
  for (const [name, value] of Object.entries(row.each ?? {})) {
    const samples = fleet.map((replica) => ({ replica: replica.name, value, takenAtMs: nowMs, windowMs: 15_000 }));
    metrics.set(name, { kind: "per-replica", samples });
  }
  return { nowMs, replicas, ready, fleet, metrics };
}

/** Started an hour ago with one core requested. */
function replicaNamed(name: string, isReady: boolean): Replica {
  return {
    name,
    phase: "running",
    deleting: false,
    startedAtMs: -3_600_000,
    readiness: { state: isReady ? "ready" : "unready", sinceMs: -3_500_000 },
    requestsMilli: { cpu: 1_000 },
  };
}
