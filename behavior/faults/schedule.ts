/**
 * The faults of a run: when each is in force, how strongly, and for which calls.
 *
 * A scenario's timeline fills it when the load begins; the mock's control API and runbooks add to it and take from it while it
 * runs. An id is never given twice, also not after a fault was removed, and names the draws of its fault.
 */
import { assertNever } from "../../core/invariant.ts";
import type { FaultShape, FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";

export interface ScheduledFault extends TimelineEntry {
  readonly id: number;
}

/** A fault in force, and how much of it: 0 < strength <= 1. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: FaultSpec;
  readonly strength: number;
}

/** What a fault may aim at in a provider. */
export interface ProviderAim {
  readonly name: string;
  readonly region?: string | undefined;
}

/** What it may aim at in a call. */
export interface CallAim {
  readonly model: string;
  readonly apiKey: string;
}

export interface FaultSchedule {
  /** Puts one more fault on the schedule and answers its id; `atMs` may lie in the past. */
  add(entry: TimelineEntry): number;
  /** Takes one fault off, in force or not; false when there is none of this id. */
  remove(id: number): boolean;
  clear(): void;
  /** Faults in force now for this call, in the order in which they were added. */
  activeAt(nowMs: Ms, provider: ProviderAim, call: CallAim): readonly ActiveFault[];
  entries(): readonly ScheduledFault[];
}

const none: readonly ActiveFault[] = [];

export function createFaultSchedule(entries: readonly TimelineEntry[] = []): FaultSchedule {
  let scheduled: readonly ScheduledFault[] = [];
  let lastId = 0;
  const add = (entry: TimelineEntry): number => {
    lastId += 1;
    scheduled = [...scheduled, { ...entry, id: lastId }];
    return lastId;
  };
  for (const entry of entries) add(entry);
  return {
    add,
    remove: (id) => {
      const before = scheduled.length;
      scheduled = scheduled.filter((entry) => entry.id !== id);
      return scheduled.length < before;
    },
    clear: () => {
      scheduled = [];
    },
    activeAt: (nowMs, provider, call) => {
      if (scheduled.length === 0) return none;
      return scheduled.flatMap((entry): readonly ActiveFault[] => {
        const { id, fault } = entry;
        if (!aimedAt(fault, provider, call)) return none;
        const strength = strengthAt(entry, nowMs);
        return strength > 0 ? [{ id, fault, strength }] : none;
      });
    },
    entries: () => scheduled,
  };
}

function aimedAt(fault: FaultSpec, provider: ProviderAim, call: CallAim): boolean {
  return (
    meets(fault.provider, provider.name) &&
    meets(fault.region, provider.region) &&
    meets(fault.model, call.model) &&
    meets(fault.key, call.apiKey)
  );
}

function meets(wanted: string | undefined, given: string | undefined): boolean {
  return wanted === undefined || wanted === given;
}

/** How much of a fault is in force, 0..1: from `atMs` on, for `forMs`, whose end is no longer in force. */
export function strengthAt({ atMs, forMs, fault }: TimelineEntry, nowMs: Ms): number {
  const sinceMs = nowMs - atMs;
  if (sinceMs < 0 || (forMs !== undefined && sinceMs >= forMs)) return 0;
  const shape = fault.shape ?? (fault.kind === "brownout" ? usualBrownout : step);
  switch (shape.kind) {
    case "step":
      return 1;
    case "ramp": {
      const overMs = shape.overMs ?? forMs ?? 0;
      return sinceMs >= overMs ? 1 : sinceMs / overMs;
    }
    case "pulse":
      return sinceMs % shape.everyMs < shape.everyMs * shape.on ? 1 : 0;
    default:
      return assertNever(shape);
  }
}

const step: FaultShape = { kind: "step" };
const usualBrownout: FaultShape = { kind: "ramp", overMs: undefined };
