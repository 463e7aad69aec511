/** Whether users are served worse than the scenario's objectives allow: the same for simulated and live drills. */
import type { Objective } from "../../core/scenario/scenario.ts";
import { minuteMs } from "../../core/time.ts";
import { compares } from "../../runbooks/engine/evidence.ts";
import type { World } from "../../runbooks/engine/world.ts";

/** Fewer requests than this in a minute tell nothing of all users. */
const requestsMin = 10;

/** What users feel; what a service costs or how it scales is no harm to them. */
const felt = /^(?:(?:ttft|itl|e2e)\.|errors$|goodput$|rate-limited$)/;

/** By the objectives that users feel, over the past minute. */
export async function usersAffected(
  objectives: readonly Objective[],
  measure: World["measure"],
  recentRequests: number,
): Promise<boolean> {
  if (recentRequests < requestsMin) return false;
  for (const objective of objectives) {
    if (!felt.test(objective.metric)) continue;
    const value = await measure(objective.metric, minuteMs, undefined);
    if (value !== undefined && !compares(value, objective)) return true;
  }
  return false;
}
