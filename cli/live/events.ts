/** The events of a scenario in a live run: each on its instant, undone after its time, and told with what it did. */
import type { TimedAction } from "../../core/scenario/event-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { FleetClock } from "../../gateways/fleet/live-fleet.ts";
import { subjectOf } from "../../simulator/platform-control.ts";
import type { LiveControl } from "./control.ts";

export interface LiveEventsOptions {
  readonly control: LiveControl;
  readonly clock: FleetClock;
  readonly happened: (atMs: Ms, kind: string, subject: string, text: string) => void;
}

/** Plans them; instants count from `startMs`. Answers how to give up what has not been done. */
export function startLiveEvents(
  events: readonly TimedAction[],
  startMs: Ms,
  { control, clock, happened }: LiveEventsOptions,
): () => void {
  const timers = new Set<NodeJS.Timeout>();
  let isOver = false;
  const at = (atMs: Ms, act: () => Promise<void>): void => {
    if (isOver) return; // what was being done at the end is not undone after it
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        void act();
      },
      Math.max(0, atMs - clock.nowMs()) / clock.timeScale,
    );
    timers.add(timer);
  };
  const tell = async (subject: string, act: () => Promise<string>): Promise<void> => {
    const nowMs = clock.nowMs();
    const text = await act().catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)));
    happened(nowMs, "action", subject, text);
  };
  for (const { atMs, forMs, action } of events) {
    const subject = subjectOf(action);
    at(startMs + atMs, () =>
      tell(subject, async () => {
        const { text, undo } = await control.apply(action, forMs);
        if (forMs !== undefined && undo !== undefined) at(clock.nowMs() + forMs, () => tell(subject, undo));
        return text;
      }),
    );
  }
  return () => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  };
}
