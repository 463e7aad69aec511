/** Plans with some of them changed. A plan may be an object with methods and getters, which a spread would leave behind. */
import type { Ms } from "../core/time.ts";
import type { ResponsePlan } from "./provider.ts";

/** What a plan tells of gaps stays true of one whose events come later, or further apart alike. */
export function changedPlan(plan: ResponsePlan, changes: Partial<ResponsePlan>): ResponsePlan {
  const { totalMs, gaps } = plan;
  const chunkAtMs = (index: number): Ms => plan.chunkAtMs(index);
  return { ...plan, totalMs, chunkAtMs, ...(gaps && { gaps }), ...changes };
}
