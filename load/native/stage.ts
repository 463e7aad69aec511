/**
 * What a phase plays on: scenario time from its own start, room for requests, and a way to send one.
 *
 * Pacing (`open-phase.ts`, `closed-phase.ts`) knows nothing of wall time or HTTP; the engine knows nothing of arrivals and
 * users.
 */
import type { PlannedRequest } from "../../behavior/workload.ts";
import type { Ms } from "../../core/time.ts";

export interface Stage {
  /** Scenario time since the phase began. */
  readonly nowMs: () => Ms;
  /** Calls back at that instant of the phase, or at once but never before `at` has returned when it has passed. */
  readonly at: (instantMs: Ms, run: () => void) => void;
  /** False while as many requests are in flight as the limits allow. */
  readonly hasRoom: () => boolean;
  /** Calls back once a request has ended. First come, first served; ask `hasRoom` again then. */
  readonly whenRoom: (run: () => void) => void;
  /** Sends now. `dueMs`: when the plan wanted it. `onEnd` is told when it ended, however it ended. */
  readonly send: (planned: PlannedRequest, dueMs: Ms, onEnd: (endMs: Ms) => void) => void;
}
