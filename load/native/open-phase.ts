/**
 * The open loop: every request on its own instant, whatever has become of those before it.
 *
 * One timer waits for the next arrival. When it comes late, everything that has fallen due meanwhile is sent in the same
 * turn, so that lateness never adds up: the schedule is absolute. When there is no room, arrivals wait in the plan and keep
 * their instants, so that the wait shows in their latency.
 */
import type { OpenPhase } from "../../behavior/workload.ts";
import type { Stage } from "./stage.ts";

/** Sends in one turn of the event loop at most, so that answers are read (and timed) between bursts. */
const burstMax = 64;

/** Resolves when the phase has lasted as long as it should and everything that was sent has ended. */
export function playOpenPhase(phase: OpenPhase, stage: Stage): Promise<void> {
  return new Promise((resolve) => {
    const arrivals = phase.arrivals()[Symbol.iterator]();
    let next = arrivals.next();
    let inFlight = 0;
    let over = false;

    const settle = (): void => {
      if (over && inFlight === 0) resolve();
    };
    const ended = (): void => {
      inFlight -= 1;
      settle();
    };
    const sendWhatIsDue = (): void => {
      for (let burst = 0; next.done !== true; burst++) {
        const planned = next.value;
        if (burst === burstMax || stage.nowMs() < planned.atMs) return stage.at(planned.atMs, sendWhatIsDue);
        if (!stage.hasRoom()) return stage.whenRoom(sendWhatIsDue);
        inFlight += 1;
        stage.send(planned, planned.atMs, ended);
        next = arrivals.next();
      }
      stage.at(phase.durationMs, () => {
        over = true;
        settle();
      });
    };
    sendWhatIsDue();
  });
}
