/** Looks at the world for a condition: does it hold, and what was seen. */
import { assertNever } from "../../core/invariant.ts";
import { formatDuration } from "../../core/time.ts";
import { amountInWords, type Condition, type SliCondition } from "./conditions.ts";
import type { World } from "./world.ts";

export interface Evidence {
  readonly holds: boolean;
  /** `errors 3.2 %`, for journal and review. */
  readonly seen: string;
}

/** Looks once. What cannot be measured does not hold. */
export async function look(condition: Condition, world: World): Promise<Evidence> {
  switch (condition.kind) {
    case "sli":
      return lookAtSli(condition, world);
    case "alert": {
      const firing = (await world.alerts()).some(({ alert }) => alert === condition.alert);
      return { holds: firing === condition.fires, seen: `alert ${condition.alert} ${firing ? "fires" : "is silent"}` };
    }
    case "provider": {
      const { answers: came, tookMs, detail } = await world.probe(condition.provider);
      const { withinMs } = condition;
      const answers = came && (withinMs === undefined || (tookMs !== undefined && tookMs <= withinMs));
      return {
        holds: answers === condition.answers,
        seen: `provider ${condition.provider} ${answers ? "answers" : "fails"} (${detail})`,
      };
    }
    case "deployment": {
      const last = (await world.deployments()).at(-1);
      const recent = last !== undefined && world.nowMs() - last.atMs <= condition.withinMs;
      const seen =
        last === undefined ? "no deployment" : `${last.version} ${formatDuration(world.nowMs() - last.atMs)} ago`;
      return { holds: recent === condition.recent, seen };
    }
    case "all": {
      const parts: Evidence[] = [];
      for (const each of condition.of) parts.push(await look(each, world));
      return { holds: parts.every(({ holds }) => holds), seen: parts.map(({ seen }) => seen).join("; ") };
    }
    default:
      return assertNever(condition);
  }
}

async function lookAtSli(condition: SliCondition, world: World): Promise<Evidence> {
  const { metric, scope, windowMs, unit } = condition;
  const name = scope === undefined ? metric : `${metric} of ${scope.kind} ${scope.name}`;
  const value = await world.measure(metric, windowMs, scope);
  if (value === undefined) return { holds: false, seen: `${name}: nothing measured` };
  return { holds: compares(value, condition), seen: `${name} ${amountInWords(value, unit)}` };
}

/** Whether a value is within a limit. */
export function compares(value: number, { comparison, limit }: Pick<SliCondition, "comparison" | "limit">): boolean {
  switch (comparison) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "==":
      return value === limit;
    default:
      return assertNever(comparison);
  }
}

/** How long a condition has to hold without a break: the longest of its parts. */
export function holdMs(condition: Condition): number {
  if (condition.kind === "sli" || condition.kind === "provider") return condition.forMs;
  return condition.kind === "all" ? Math.max(0, ...condition.of.map(holdMs)) : 0;
}

/** Whether it waits for an alert to fire. */
export function waitsForAlert(condition: Condition): boolean {
  if (condition.kind === "alert") return condition.fires;
  return condition.kind === "all" && condition.of.some(waitsForAlert);
}
