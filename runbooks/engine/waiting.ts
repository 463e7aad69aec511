/** Conditions in time: those that hold now, and those that come to hold. */
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import type { Condition } from "./conditions.ts";
import { holdMs, waitsForAlert } from "./evidence.ts";
import { missed, type Outcome, outputsOf, seenOf, type Stage } from "./stage.ts";

/** How often a condition is looked at, unless a step says so. */
export const pollMs: Ms = 5 * secondMs;

/** Holds now and, where it is to hold for some time, all that time. */
export async function check(condition: Condition, stage: Stage): Promise<Outcome> {
  const { world, watch } = stage;
  const untilMs = world.nowMs() + holdMs(condition);
  for (;;) {
    const evidence = await seenOf(condition, stage);
    if (!evidence.holds) return missed(stage, `does not hold: ${evidence.seen}`, evidence);
    if (world.nowMs() >= untilMs) return { seen: evidence.seen, ...outputsOf(evidence) };
    await watch.passTo(Math.min(untilMs, world.nowMs() + pollMs));
  }
}

/** Looks until it holds. An alert that was waited for is a page: somebody is asked to look into it. */
export async function waitFor(
  condition: Condition,
  stage: Stage,
  { withinMs, everyMs = pollMs }: { readonly withinMs: Ms; readonly everyMs?: Ms },
): Promise<Outcome> {
  const { world, watch, people } = stage;
  const endMs = world.nowMs() + withinMs;
  let sinceMs: Ms | undefined;
  for (;;) {
    const evidence = await seenOf(condition, stage);
    const { holds, seen } = evidence;
    sinceMs = holds ? (sinceMs ?? world.nowMs()) : undefined;
    if (sinceMs !== undefined && world.nowMs() - sinceMs >= holdMs(condition)) {
      if (waitsForAlert(condition)) await people.acknowledge();
      return { seen, ...outputsOf(evidence) };
    }
    if (world.nowMs() >= endMs) {
      return missed(stage, `did not come to hold within ${formatDuration(withinMs)}: ${seen}`, evidence);
    }
    await watch.passTo(Math.min(endMs, world.nowMs() + everyMs));
  }
}
