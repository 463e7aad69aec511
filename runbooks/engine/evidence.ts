/** Looks at the world for a condition: does it hold, and what was seen. */
import { assertNever } from "../../core/invariant.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { parseLimit } from "../../core/scenario/metrics.ts";
import { formatDuration } from "../../core/time.ts";
import { amountInWords, type Condition, type OutputCondition, type SliCondition } from "./conditions.ts";
import { type Output, outputInWords, type Outputs } from "./outputs.ts";
import { describeReference } from "./references.ts";
import type { World } from "./world.ts";

export interface Evidence {
  readonly holds: boolean;
  /** `errors 3.2 %`, for journal and review. */
  readonly seen: string;
  /** What was measured, for later steps; undefined when nothing was. */
  readonly output?: Output;
}

/** Looks once. What cannot be measured does not hold. */
export async function look(condition: Condition, world: World, outputs: Outputs): Promise<Evidence> {
  switch (condition.kind) {
    case "sli":
      return lookAtSli(condition, world, outputs);
    case "alert": {
      const firing = (await world.alerts()).some(({ alert }) => alert === condition.alert);
      const state = firing ? "fires" : "is silent";
      return { holds: firing === condition.fires, seen: `alert ${condition.alert} ${state}`, output: { value: state } };
    }
    case "provider": {
      const { answers: came, tookMs, detail } = await world.probe(condition.provider);
      const { withinMs } = condition;
      const answers = came && (withinMs === undefined || (tookMs !== undefined && tookMs <= withinMs));
      const state = answers ? "answers" : "fails";
      return {
        holds: answers === condition.answers,
        seen: `provider ${condition.provider} ${state} (${detail})`,
        output: { value: state },
      };
    }
    case "deployment": {
      const last = (await world.deployments()).at(-1);
      const recent = last !== undefined && world.nowMs() - last.atMs <= condition.withinMs;
      const seen =
        last === undefined ? "no deployment" : `${last.version} ${formatDuration(world.nowMs() - last.atMs)} ago`;
      return { holds: recent === condition.recent, seen, output: { value: seen } };
    }
    case "output":
      return lookAtOutput(condition, outputs);
    case "all": {
      const parts: Evidence[] = [];
      for (const each of condition.of) parts.push(await look(each, world, outputs));
      const seen = parts.map((part) => part.seen).join("; ");
      return { holds: parts.every(({ holds }) => holds), seen, output: { value: seen } };
    }
    default:
      return assertNever(condition);
  }
}

async function lookAtSli(condition: SliCondition, world: World, outputs: Outputs): Promise<Evidence> {
  const { metric, scope, windowMs, unit } = condition;
  const name = scope === undefined ? metric : `${metric} of ${scope.kind} ${scope.name}`;
  const value = await world.measure(metric, windowMs, scope);
  if (value === undefined) return { holds: false, seen: `${name}: nothing measured` };
  const limit = typeof condition.limit === "number" ? condition.limit : outputs.read(condition.limit)?.value;
  const seen = `${name} ${amountInWords(value, unit)}`;
  const output: Output = { value, unit };
  if (typeof limit !== "number") return { holds: false, seen: `${seen}, and nothing to compare it with`, output };
  return { holds: compares(value, { comparison: condition.comparison, limit }), seen, output };
}

function lookAtOutput({ of, test }: OutputCondition, outputs: Outputs): Evidence {
  const output = outputs.read(of);
  const name = describeReference(of);
  if (output === undefined) return { holds: false, seen: `${name} is not known` };
  return { holds: passes(output, test), seen: `${name} is ${shortened(outputInWords(output))}`, output };
}

function passes({ value, unit }: Output, test: OutputCondition["test"]): boolean {
  if (test.kind === "number") {
    const limit = parseLimit(`${test.comparison} ${test.limit}`, unit ?? "count");
    return typeof value === "number" && limit !== undefined && compares(value, limit);
  }
  const text = String(value).trim();
  switch (test.verb) {
    case "is":
      return text === test.text;
    case "is not":
      return text !== test.text;
    case "contains":
      return text.includes(test.text);
    default:
      return assertNever(test.verb);
  }
}

/** Characters of a text that are shown as evidence. */
const shownMax = 200;

/** The beginning of what may be pages of output, in one line. */
export function shortened(said: string): string {
  const line = said.trim().replaceAll(/\s+/g, " ");
  return line.length <= shownMax ? line : `${line.slice(0, shownMax)}…`;
}

/** Whether a value is within a limit. */
export function compares(value: number, { comparison, limit }: Pick<Objective, "comparison" | "limit">): boolean {
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
