/** A stage on a manual clock: requests end after a time that the test chooses, and everything sent is written down. */
import type { PlannedRequest } from "../../../behavior/workload.ts";
import type { Stage } from "../../../load/native/stage.ts";
import type { ManualClock } from "../manual-clock.ts";

export interface SentRequest {
  readonly planned: PlannedRequest;
  readonly dueMs: number;
  readonly sentMs: number;
  endMs: number | undefined;
}

export interface FakeStage extends Stage {
  readonly sent: readonly SentRequest[];
  readonly inFlightMax: () => number;
}

/** `answerAfterMs`: undefined for a request that is never answered. */
export function fakeStage(
  clock: ManualClock,
  answerAfterMs: (planned: PlannedRequest) => number | undefined,
  room: number = Number.POSITIVE_INFINITY,
): FakeStage {
  const sent: SentRequest[] = [];
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  let inFlightMax = 0;
  return {
    sent,
    inFlightMax: () => inFlightMax,
    nowMs: clock.nowMs,
    at: (instantMs, run) => void clock.at(instantMs, run),
    hasRoom: () => inFlight < room,
    whenRoom: (run) => void waiting.push(run),
    send: (planned, dueMs, onEnd) => {
      const request: SentRequest = { planned, dueMs, sentMs: clock.nowMs(), endMs: undefined };
      sent.push(request);
      inFlightMax = Math.max(inFlightMax, ++inFlight);
      const afterMs = answerAfterMs(planned);
      if (afterMs === undefined) return;
      clock.at(request.sentMs + afterMs, () => {
        inFlight -= 1;
        request.endMs = clock.nowMs();
        onEnd(request.endMs);
        const next = waiting.shift();
        if (next !== undefined) clock.at(request.endMs, next);
      });
    },
  };
}

/** Whether a promise has resolved by now, its reactions included. */
export async function hasResolved(promise: Promise<unknown>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => (resolved = true));
  await new Promise(setImmediate);
  return resolved;
}
