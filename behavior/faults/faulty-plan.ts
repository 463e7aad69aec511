/** What the faults that hit a served call make of its answer: later, broken off, reported wrongly. */
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import type { Ms } from "../../core/time.ts";
import { changedPlan } from "../changed-plan.ts";
import type { BrokenAnswer, ProviderAsk, ResponsePlan } from "../provider.ts";
import type { BrokenOff, CombinedEffect } from "./effect.ts";
import { statusOf } from "./statuses.ts";

export interface FaultyCall {
  readonly dialect: Dialect;
  readonly ask: Pick<ProviderAsk, "model" | "stream">;
  /** Scale of the plan's times. */
  readonly scale: number;
}

export function faultyPlan(plan: ResponsePlan, effect: CombinedEffect, call: FaultyCall): ResponsePlan {
  const { broken, usageFactor, promptBlocked } = effect;
  return changedPlan(delayed(plan, effect.delayMs * call.scale), {
    usageFactor,
    ...(promptBlocked ? { promptBlocked } : {}),
    broken: broken === undefined ? undefined : brokenAnswer(broken, plan.chunks, call),
  });
}

function delayed(plan: ResponsePlan, byMs: Ms): ResponsePlan {
  const { ttftMs, totalMs, notBeforeMs } = plan;
  if (byMs === 0) return plan;
  return changedPlan(plan, {
    ttftMs: ttftMs + byMs,
    totalMs: totalMs + byMs,
    chunkAtMs: (index: number) => plan.chunkAtMs(index) + byMs,
    ...(notBeforeMs === undefined
      ? {}
      : { notBeforeMs: (index: number, elapsedMs: Ms) => notBeforeMs(index, elapsedMs - byMs) + byMs }),
  });
}

/** An answer in one piece has no events to leave out or to add. */
function brokenAnswer(broken: BrokenOff, chunks: number, { dialect, ask }: FaultyCall): BrokenAnswer | undefined {
  const afterChunks = Math.floor(broken.after * chunks);
  if (broken.how === "error-event") {
    const status = statusOf(broken.status, dialect, ask.model);
    return ask.stream ? { how: broken.how, status, afterChunks } : undefined;
  }
  return broken.how === "truncate" && !ask.stream ? undefined : { how: broken.how, afterChunks };
}
