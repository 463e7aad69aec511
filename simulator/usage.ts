/**
 * What a call has used up: as planned when its answer is whole, else as the mock counts. Of a stream the provider has begun
 * to generate the event after the last one that was due, and that one is lost; an answer in one piece is lost altogether.
 */
import type { ResponsePlan, Usage } from "../behavior/provider.ts";
import { chunksBegun, chunksDue, tokensThrough } from "../behavior/stream-usage.ts";
import type { Ms } from "../core/time.ts";

/**
 * An instant less another is a little off, so that an event that comes just now could seem to be still to come. No rounding is
 * as large as a nanosecond.
 */
const roundingMs: Ms = 1e-6;

/** `passedMs`: since admission. */
export function usageCutShort(plan: ResponsePlan, stream: boolean, passedMs: Ms): Usage {
  const elapsedMs = passedMs + roundingMs;
  const last = stream ? (plan.broken?.afterChunks ?? plan.chunks) : plan.chunks;
  const sent = stream ? Math.min(last, chunksDue(plan, elapsedMs)) : 0;
  const outputTokens = tokensThrough(plan, Math.min(last, chunksBegun(plan, elapsedMs)));
  return { outputTokens, wastedTokens: outputTokens - tokensThrough(plan, sent), completed: false };
}

export function usageWhole(plan: ResponsePlan): Usage {
  return { outputTokens: plan.outputTokens, wastedTokens: 0, completed: true };
}

/** What a call that was taken back has used up: nobody got any of it. */
export function usageForNobody(plan: ResponsePlan, stream: boolean, elapsedMs: Ms): Usage {
  const usage = usageCutShort(plan, stream, elapsedMs);
  return { ...usage, wastedTokens: usage.outputTokens };
}
