/**
 * Waiting for an answer whose times depend on calls still to come: an engine with continuous batching.
 *
 * Its plan promises bounds. So when a chunk or the end is due, the plan is asked again, and what is not there yet is waited for
 * again. All other plans keep to their word and cost one comparison.
 */
import type { Ms } from "../core/time.ts";
import { gatewayTimeout } from "./answers.ts";
import { type Step, steps } from "./events.ts";
import type { Journey } from "./journey.ts";
import { chunksToCome, type StreamPassage } from "./stream-passage.ts";

/** An instant that has been through a subtraction and back. */
const roundingMs: Ms = 1e-6;

/** What to wait for in place of a step that has come too early; undefined: it is there, or is no part of such an answer. */
export function awaitedAgain(
  journey: Journey,
  step: Step,
  nowMs: Ms,
  stream: StreamPassage,
): { readonly step: Step; readonly atMs: Ms } | undefined {
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
