/**
 * The closed loop: each user sends the next request after the previous answer and a pause for thought.
 *
 * A request is due when its user would have sent it: `startMs` for the first, the end of the previous answer plus the
 * pause for all others. So a user never has two requests in flight, and lateness of the generator counts as latency here too.
 */
import type { ClosedPhase, PlannedRequest } from "../../behavior/workload.ts";
import type { Ms } from "../../core/time.ts";
import type { Stage } from "./stage.ts";

/** Resolves when every user has reached the end of the script or of the phase. */
export async function playClosedPhase(phase: ClosedPhase, stage: Stage): Promise<void> {
  await Promise.all(Array.from({ length: phase.users }, (_, user) => playUser(phase, user, stage)));
}

function playUser(phase: ClosedPhase, user: number, stage: Stage): Promise<void> {
  const lastMs = phase.durationMs ?? Number.POSITIVE_INFINITY;
  return new Promise((resolve) => {
    const script = phase.script(user)[Symbol.iterator]();

    const goOn = (dueMsOf: (planned: PlannedRequest) => Ms): void => {
      const next = script.next();
      if (next.done === true) return resolve();
      const planned = next.value;
      const dueMs = dueMsOf(planned);
      if (dueMs > lastMs) return resolve();
      const send = (): void => {
        if (!stage.hasRoom()) return stage.whenRoom(send);
        stage.send(planned, dueMs, (endMs) => goOn((following) => endMs + following.thinkMs));
      };
      stage.at(dueMs, send);
    };
    goOn(() => phase.startMs(user));
  });
}
