/** The hidden half of a drill in words and instants: what the responder learns at the review. */
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { describeAction } from "./actions.ts";
import type { DrillHalf } from "./runbook.ts";

/** Everything that goes wrong, with instants that count from the start of the load. */
export interface Hidden {
  readonly faults: readonly TimelineEntry[];
  readonly events: readonly TimedAction[];
  readonly said: readonly HiddenThing[];
}

export interface HiddenThing {
  readonly atMs: Ms;
  /** undefined: until the end. */
  readonly forMs: Ms | undefined;
  readonly what: string;
}

/** `startMs`: when the drill begins. Hidden faults and events count from there, what the scenario brings from the start of the load. */
export function hiddenFrom(drill: DrillHalf, startMs: Ms): Hidden {
  const faults = drill.faults.map((entry) => ({ ...entry, atMs: entry.atMs + startMs }));
  const events = drill.events.map((entry) => ({ ...entry, atMs: entry.atMs + startMs }));
  const { begins } = drill;
  const said = [
    ...faults.map(({ atMs, forMs, fault }) => ({ atMs, forMs, what: describeFault(fault) })),
    ...events.map(({ atMs, forMs, action }) => ({ atMs, forMs, what: describeEvent(action) })),
    ...(begins === undefined ? [] : [{ atMs: begins.atMs, forMs: undefined, what: begins.what }]),
  ];
  return { faults, events, said: said.toSorted((left, right) => left.atMs - right.atMs) };
}

function describeFault({ kind, provider, region, model, share }: TimelineEntry["fault"]): string {
  const where = provider ?? `all providers of ${region ?? "every region"}`;
  const which = model === undefined ? "" : `, model ${model}`;
  return `${kind} at ${where}${which}${share < 1 ? `, ${formatShare(share)} of the calls` : ""}`;
}

function describeEvent(action: TimedAction["action"]): string {
  const text = describeAction(action);
  if (action.kind !== "rollout" || (action.errorShare === 0 && action.slowdown === 1)) return text;
  const fails = action.errorShare === 0 ? [] : [`fails ${formatShare(action.errorShare)} of its requests`];
  const slow = action.slowdown === 1 ? [] : [`needs ${action.slowdown} times the computing`];
  return `${text}, which ${[...fails, ...slow].join(" and ")}`;
}
