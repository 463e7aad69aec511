/**
 * What a call has used up when it ends before its answer is whole, because nobody listens any more or a fault breaks it off.
 *
 * The same count as the mock's: of a stream the provider has begun to generate the event after the last one that was
 * due, and that one is lost; an answer in one piece is lost altogether.
 */
import type { ResponsePlan, Usage } from "../behavior/provider.ts";
import type { Ms } from "../core/time.ts";

/** `elapsedMs`: since admission. */
export function usageCutShort(plan: ResponsePlan, stream: boolean, elapsedMs: Ms): Usage {
  const due = chunksDue(plan, elapsedMs);
  const begun = due === 0 ? 0 : Math.min(plan.chunks, due + 1);
  if (!stream) {
    const outputTokens = tokensThrough(plan, begun);
    return { outputTokens, wastedTokens: outputTokens, completed: false };
  }
  const last = plan.breakAfterChunks ?? plan.chunks;
  const sent = Math.min(last, due);
  const outputTokens = tokensThrough(plan, Math.min(last, begun));
  return { outputTokens, wastedTokens: outputTokens - tokensThrough(plan, sent), completed: false };
}

export function usageWhole(plan: ResponsePlan): Usage {
  return { outputTokens: plan.outputTokens, wastedTokens: 0, completed: true };
}

/** Content events due within that time, by bisection. */
function chunksDue(plan: ResponsePlan, elapsedMs: Ms): number {
  let due = 0;
  let above = plan.chunks;
  while (due < above) {
    const middle = (due + above) >> 1;
    if (plan.chunkAtMs(middle) <= elapsedMs) due = middle + 1;
    else above = middle;
  }
  return due;
}

/** Output tokens in the first `chunks` content events, spread evenly. */
function tokensThrough(plan: ResponsePlan, chunks: number): number {
  return plan.chunks === 0 ? 0 : Math.floor((plan.outputTokens * chunks) / plan.chunks);
}
