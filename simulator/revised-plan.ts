/**
 * Waiting again, where a step turns out to have come too early.
 *
 * The plan of an answer whose times depend on calls still to come (an engine with continuous batching) promises bounds. So when a
 * chunk or the end is due, the plan is asked again, and what is not there yet is waited for again. All other plans keep to their
 * word and cost one comparison. And a client whose person would not have waited any longer for the answer to begin stays if it has: not
 * every first chunk has an event of its own.
 */
import type { Ms } from "../core/time.ts";
import { gatewayTimeout } from "./answers.ts";
import { type Step, steps } from "./events.ts";
import type { Journey } from "./journey.ts";
import { chunksToCome, type StreamPassage } from "./stream-passage.ts";

interface Awaited {
  readonly step: Step;
  readonly atMs: Ms;
}

/** An instant that has been through a subtraction and back. */
const roundingMs: Ms = 1e-6;

/** What to wait for in place of a step that has come too early; undefined: it is time for it. */
export function awaitedAgain(journey: Journey, step: Step, nowMs: Ms, stream: StreamPassage): Awaited | undefined {
  if (step === steps.clientLeaves) return awaitedByWhoStays(journey, nowMs, stream);
  const { plan, begunMs, chunksPassed, untilMs } = journey;
  if (plan?.notBeforeMs === undefined || (step !== steps.chunkComes && step !== steps.answerEnds)) return undefined;
  const awaited = step === steps.chunkComes ? chunksPassed : Math.max(0, chunksToCome(journey) - 1);
  const dueMs = begunMs + plan.notBeforeMs(awaited, nowMs - begunMs);
  if (dueMs <= nowMs + roundingMs) return undefined;
  stream.stopFlow(journey, nowMs);
  if (chunksPassed === 0 && dueMs > untilMs) {
    journey.ending = gatewayTimeout;
    return { step: steps.callFails, atMs: untilMs };
  }
  if (step === steps.answerEnds && journey.planned.stream) stream.startFlow(journey, nowMs, dueMs);
  return { step, atMs: dueMs };
}

/** What was to come, had the end of its person's patience not come first; undefined: the client leaves. */
function awaitedByWhoStays(journey: Journey, nowMs: Ms, stream: StreamPassage): Awaited | undefined {
  if (nowMs >= journey.wholeByMs) return undefined;
  stream.passSeen(journey, nowMs);
  const { deadlineMs, interruptedStep, interruptedMs } = journey;
  if (nowMs >= deadlineMs) return undefined;
  journey.interruptedStep = undefined;
  return interruptedStep === undefined
    ? { step: steps.clientLeaves, atMs: deadlineMs }
    : { step: interruptedStep, atMs: interruptedMs };
}
