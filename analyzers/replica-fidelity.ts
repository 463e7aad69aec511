/**
 * How far the replicas of a simulation are from those of the live run: how many served at each instant, and when somebody
 * decided that there should be others.
 */
import type { ReplicaCounts, Run } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { readyAt } from "./flapping.ts";
import { percentile } from "./percentile.ts";

export interface ReplicaFidelity {
  /** Mean over time of the replicas that served. */
  readonly ready: { readonly live: number; readonly simulated: number };
  /** Mean over time of |simulated - live|. */
  readonly distance: number;
  /** Changes of the number wished for. */
  readonly decisions: { readonly live: number; readonly simulated: number };
  /** Median of simulated less live instant of the decisions that both made, the first with the first; undefined: none. */
  readonly shiftMs: Ms | undefined;
}

/** Over the time that both runs lasted, from their starts; undefined unless both wrote down how many replicas there were. */
export function replicaFidelity(live: Run, simulated: Run): ReplicaFidelity | undefined {
  const left = live.manifest.replicas?.counts;
  const right = simulated.manifest.replicas?.counts;
  if (left === undefined || right === undefined) return undefined;
  const endMs = Math.min(live.manifest.durationMs, simulated.manifest.durationMs);
  const instants = [...new Set([0, endMs, ...left.map(({ atMs }) => atMs), ...right.map(({ atMs }) => atMs)])]
    .filter((atMs) => atMs <= endMs)
    .toSorted((first, second) => first - second);
  const sums = { live: 0, simulated: 0, distance: 0 };
  for (const [index, fromMs] of instants.entries()) {
    const lengthMs = (instants[index + 1] ?? fromMs) - fromMs;
    const [there, expected] = [readyAt(left, fromMs), readyAt(right, fromMs)];
    sums.live += there * lengthMs;
    sums.simulated += expected * lengthMs;
    sums.distance += Math.abs(expected - there) * lengthMs;
  }
  const mean = (sum: number): number => (endMs === 0 ? 0 : sum / endMs);
  const [decided, foreseen] = [decisionsOf(left, endMs), decisionsOf(right, endMs)];
  return {
    ready: { live: mean(sums.live), simulated: mean(sums.simulated) },
    distance: mean(sums.distance),
    decisions: { live: decided.length, simulated: foreseen.length },
    shiftMs: percentile(shiftsOf(decided, foreseen), 0.5),
  };
}

interface Decision {
  readonly atMs: Ms;
  readonly isUp: boolean;
}

function decisionsOf(counts: readonly ReplicaCounts[], endMs: Ms): readonly Decision[] {
  return counts.flatMap(({ atMs, wished }, index): Decision[] => {
    const before = counts[index - 1]?.wished;
    return before === undefined || before === wished || atMs > endMs ? [] : [{ atMs, isUp: wished > before }];
  });
}

/** Ups with ups, downs with downs, in order of time. */
function shiftsOf(live: readonly Decision[], simulated: readonly Decision[]): readonly Ms[] {
  return [true, false].flatMap((isUp) => {
    const expected = simulated.filter((decision) => decision.isUp === isUp);
    return live
      .filter((decision) => decision.isUp === isUp)
      .flatMap(({ atMs }, index) => {
        const partner = expected[index];
        return partner === undefined ? [] : [partner.atMs - atMs];
      });
  });
}
