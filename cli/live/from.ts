/**
 * A live run that goes on where another one was broken off: what lies before that instant of its load is left out, and what had begun
 * and still lasts begins at once.
 */
import type { Workload, WorkloadPhase } from "../../behavior/workload.ts";
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";

/** From an instant of the load on; the phases before the load are left out, unless it is the start. */
export function workloadFrom(workload: Workload, fromMs: Ms): Workload {
  if (fromMs === 0) return workload;
  const phases = workload.phases.filter(({ name }) => name === "load").map((phase) => loadFrom(phase, fromMs));
  return { ...workload, phases };
}

/** Users of a closed phase begin their scripts anew: nobody knows how far they had come. */
function loadFrom(phase: WorkloadPhase, fromMs: Ms): WorkloadPhase {
  if (phase.kind === "closed") {
    const { durationMs } = phase;
    return { ...phase, durationMs: durationMs === undefined ? undefined : Math.max(0, durationMs - fromMs) };
  }
  return {
    ...phase,
    durationMs: Math.max(0, phase.durationMs - fromMs),
    arrivals: function* () {
      for (const planned of phase.arrivals()) {
        if (planned.atMs >= fromMs) yield { ...planned, atMs: planned.atMs - fromMs };
      }
    },
  };
}

/** A fault as it stands at an instant; undefined: it is over. */
export function faultFrom(entry: TimelineEntry, fromMs: Ms): TimelineEntry | undefined {
  const lateMs = fromMs - entry.atMs;
  if (lateMs <= 0 || entry.forMs === undefined) return { ...entry, atMs: Math.max(entry.atMs, fromMs) };
  return entry.forMs <= lateMs ? undefined : { ...entry, atMs: fromMs, forMs: entry.forMs - lateMs };
}

/** An event likewise: one that has ended, or was noticed and mended, is over. */
export function eventFrom(event: TimedAction, fromMs: Ms): TimedAction | undefined {
  const { atMs, forMs, action } = event;
  const lateMs = fromMs - atMs;
  if (lateMs <= 0) return event;
  if (forMs !== undefined) return forMs <= lateMs ? undefined : { ...event, atMs: fromMs, forMs: forMs - lateMs };
  if (action.kind !== "node-loss") return { ...event, atMs: fromMs };
  if (action.replacedAfterMs <= lateMs) return undefined;
  return { ...event, atMs: fromMs, action: { ...action, replacedAfterMs: action.replacedAfterMs - lateMs } };
}
