/**
 * The faults of a run and when each is in force.
 *
 * A scenario's timeline fills it before the run; the mock's control API adds to it while it runs.
 */
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";

/** A fault in force, with its place in the schedule: the name of its own random draws. */
export type ActiveFault = FaultSpec & { readonly index: number };

export interface FaultSchedule {
  /** Puts one more fault on the schedule; `atMs` may lie in the past. */
  add(entry: TimelineEntry): void;
  clear(): void;
  /** Faults in force now for calls of this model at this provider, in the order in which they were added. */
  activeAt(nowMs: Ms, provider: string, model: string): readonly ActiveFault[];
  entries(): readonly TimelineEntry[];
}

export function createFaultSchedule(entries: readonly TimelineEntry[] = []): FaultSchedule {
  const scheduled: TimelineEntry[] = [];
  const faults: ActiveFault[] = [];
  const add = (entry: TimelineEntry): void => {
    faults.push({ ...entry.fault, index: scheduled.length });
    scheduled.push(entry);
  };
  for (const entry of entries) add(entry);
  return {
    add,
    clear: () => {
      scheduled.length = 0;
      faults.length = 0;
    },
    activeAt: (nowMs, provider, model) => {
      if (faults.length === 0) return faults;
      return faults.filter((fault) => {
        const entry = scheduled[fault.index];
        return entry !== undefined && inForce(entry, nowMs) && aimedAt(fault, provider, model);
      });
    },
    entries: () => [...scheduled],
  };
}

/** From `atMs` on, for `forMs`: the end is no longer in force. */
function inForce(entry: TimelineEntry, nowMs: Ms): boolean {
  return nowMs >= entry.atMs && (entry.forMs === undefined || nowMs < entry.atMs + entry.forMs);
}

function aimedAt(fault: FaultSpec, provider: string, model: string): boolean {
  return fault.provider === provider && (fault.model === undefined || fault.model === model);
}
