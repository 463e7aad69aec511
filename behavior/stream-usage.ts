/**
 * How much of a planned answer has been generated, for those who must know before it is whole: the mock and the simulator,
 * when nobody listens any more or a fault breaks the answer off.
 */
import type { Ms } from "../core/time.ts";
import type { ResponsePlan } from "./provider.ts";

/** Output tokens in the first `chunks` content events, spread evenly. */
export function tokensThrough(plan: ResponsePlan, chunks: number): number {
  return plan.chunks === 0 ? 0 : Math.floor((plan.outputTokens * chunks) / plan.chunks);
}

/** What an answer says of a number of tokens that it used, which is not the truth while a fault falsifies it. */
export function reportedTokens({ usageFactor = 1 }: Pick<ResponsePlan, "usageFactor">, tokens: number): number {
  return Math.round(tokens * usageFactor);
}

/** When a broken answer breaks off: its next event would be due, or all its content is out. */
export function brokenAtMs(plan: ResponsePlan, afterChunks: number): Ms {
  return afterChunks < plan.chunks ? plan.chunkAtMs(afterChunks) : plan.totalMs;
}

/** Content events that are due that long after admission, by bisection. */
export function chunksDue(plan: ResponsePlan, elapsedMs: Ms): number {
  plan.notBeforeMs?.(0, elapsedMs); // now it knows all that has come
  let due = 0;
  let above = plan.chunks;
  while (due < above) {
    const middle = (due + above) >> 1;
    if (plan.chunkAtMs(middle) <= elapsedMs) due = middle + 1;
    else above = middle;
  }
  return due;
}

/**
 * Content events that a provider has begun to generate when it notices that nobody listens any more: those that were due, and
 * the one under way, which is lost. None while it still reads the prompt.
 */
export function chunksBegun(plan: ResponsePlan, elapsedMs: Ms): number {
  const due = chunksDue(plan, elapsedMs);
  return due === 0 ? 0 : Math.min(plan.chunks, due + 1);
}
