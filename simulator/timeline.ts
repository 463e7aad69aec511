/**
 * The scenario's timeline: its instants count from the start of the load, as in a live run, so the faults go on the
 * providers' schedule when that phase begins.
 */
import type { FaultSchedule } from "../behavior/faults/schedule.ts";
import type { RunEvent } from "../core/run.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";

export function startTimeline(timeline: readonly TimelineEntry[], faults: FaultSchedule, loadStartMs: Ms): void {
  for (const entry of timeline) faults.add({ ...entry, atMs: loadStartMs + entry.atMs });
}

/** When faults came and went within the run. */
export function timelineEvents(faults: FaultSchedule, durationMs: Ms): readonly RunEvent[] {
  return faults
    .entries()
    .flatMap(({ atMs, forMs, fault }) => {
      const { provider, region, model, kind } = fault;
      const subject = [provider, region, model].filter((name) => name !== undefined).join(" ");
      const begins = { atMs, kind: "fault-on", subject, text: `${kind} begins` };
      if (forMs === undefined) return [begins];
      return [begins, { atMs: atMs + forMs, kind: "fault-off", subject, text: `${kind} ends` }];
    })
    .filter((event) => event.atMs <= durationMs);
}
