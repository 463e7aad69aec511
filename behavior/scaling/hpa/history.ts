/**
 * What an HPA remembers between two syncs: past recommendations and past scale events.
 *
 * Ported from `pkg/controller/podautoscaler/horizontal.go` (Kubernetes v1.37). Entries that fell out of every window are
 * not dropped but overwritten, the last such entry first. That never changes a decision while the spec stays the same,
 * and does when it is edited, so the lists are kept exactly so.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import type { FilledBehavior, FilledRules } from "./spec.ts";

/** What the metrics asked for at one sync, before any damping. */
export interface Recommendation {
  readonly replicas: number;
  readonly atMs: Ms;
}

export interface ScaleEvent {
  /** Replicas added or removed, above 0. */
  readonly change: number;
  readonly atMs: Ms;
  /** Once older than every period of its direction an event may be overwritten, for good. */
  readonly outdated: boolean;
}

export interface ScaleEvents {
  readonly up: readonly ScaleEvent[];
  readonly down: readonly ScaleEvent[];
}

export const noEvents: ScaleEvents = { up: [], down: [] };

/** Overwrites the last recommendation for which `isOld` holds, or appends. */
export function rememberRecommendation(
  recommendations: readonly Recommendation[],
  latest: Recommendation,
  isOld: (recommendation: Recommendation) => boolean,
): readonly Recommendation[] {
  return replaceLast(recommendations, latest, isOld);
}

/** `storeScaleEvent`. Without `behavior` nobody looks at events, and none are stored. */
export function rememberEvent(
  events: ScaleEvents,
  behavior: FilledBehavior | undefined,
  from: number,
  to: number,
  nowMs: Ms,
): ScaleEvents {
  if (behavior === undefined || from === to) return events;
  const direction = to > from ? "up" : "down";
  const rules = direction === "up" ? behavior.scaleUp : behavior.scaleDown;
  const cutoffMs = nowMs - longestPeriodMs(rules);
  const marked = events[direction].map((event) => (event.atMs < cutoffMs ? { ...event, outdated: true } : event));
  const latest: ScaleEvent = { change: Math.abs(to - from), atMs: nowMs, outdated: false };
  return { ...events, [direction]: replaceLast(marked, latest, (event) => event.outdated) };
}

/** `getReplicasChangePerPeriod`: an event exactly as old as the period is out. */
export function changeWithin(events: readonly ScaleEvent[], periodSeconds: number, nowMs: Ms): number {
  const cutoffMs = nowMs - periodSeconds * secondMs;
  let change = 0;
  for (const event of events) if (event.atMs > cutoffMs) change += event.change;
  return change;
}

function longestPeriodMs(rules: FilledRules): Ms {
  return Math.max(0, ...rules.policies.map((policy) => policy.periodSeconds)) * secondMs;
}

function replaceLast<T>(entries: readonly T[], latest: T, isOld: (entry: T) => boolean): readonly T[] {
  const index = entries.findLastIndex(isOld);
  return index < 0 ? [...entries, latest] : entries.with(index, latest);
}
