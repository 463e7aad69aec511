/** The shards of one plan as the whole plan: the same bytes as if one machine had played it all. */
import { usageError } from "../core/errors.ts";
import { assess, type Plan, type PlanCandidate } from "./plan.ts";

/** Throws `merge-mismatch` for parts of different plans, or for a part that is given twice. */
export function mergePlans(parts: readonly Plan[]): Plan {
  const [first] = parts;
  if (first === undefined)
    throw mismatch("there is nothing to merge", "give the folders that squall plan --shard wrote");
  if (parts.some(({ asked }) => asked !== first.asked)) {
    throw mismatch(
      "these are not parts of one plan: scenario, candidates or choices differ",
      "give the shards of one plan, made with the same files and options",
    );
  }
  const candidates = parts.flatMap((part) => part.candidates).toSorted((left, right) => left.position - right.position);
  const twice = candidates.find(({ position }, index) => candidates[index - 1]?.position === position);
  if (twice !== undefined) throw mismatch(`"${twice.name}" is in two of the parts`, "give each shard once");
  const isWhole = candidates.length === first.size;
  const isComplete = isWhole && parts.every(({ status }) => status === "complete");
  return {
    ...first,
    shard: null,
    status: isComplete ? "complete" : "interrupted",
    candidates: isWhole ? withoutStrayBreaks(first, candidates) : candidates,
  };
}

/** A shard looks for the break points of its own frontier; the frontier of all is a part of those. */
function withoutStrayBreaks(plan: Plan, candidates: readonly PlanCandidate[]): readonly PlanCandidate[] {
  if (plan.breakPoints !== "frontier") return candidates;
  const { frontier } = assess({ ...plan, candidates });
  return candidates.map((candidate) =>
    frontier.includes(candidate.position) ? candidate : { ...candidate, breakPoint: null },
  );
}

function mismatch(message: string, hint: string): Error {
  return usageError(message, { code: "merge-mismatch", hint });
}
