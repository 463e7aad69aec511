/**
 * One part of a sweep, so that several machines can share it: shard i of n plays the candidates i, i + n, i + 2n, ...
 *
 * Which part plays what depends on nothing but i and n, so the parts can run in any order, anywhere, and again.
 */
import { usageError } from "../../core/errors.ts";

export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** No matrix or Indexed Job of that size would be worth starting. */
export const shardsMax = 10_000;

/**
 * Reads `3/8`, or `job/8`, which takes the index from what Kubernetes gives each pod of an Indexed Job (from 0).
 * Throws `shard-invalid`.
 */
export function parseShard(text: string, jobCompletionIndex: string | undefined): Shard {
  const match = /^(\d{1,6}|job)\/(\d{1,6})$/.exec(text);
  const count = Number(match?.[2] ?? Number.NaN);
  const index = match?.[1] === "job" ? indexOfJob(jobCompletionIndex) : Number(match?.[1] ?? Number.NaN);
  if (count >= 1 && count <= shardsMax && index >= 1 && index <= count) return { index, count };
  throw usageError(`there is no shard "${text}"; allowed is i/n with i from 1 to n, at most ${shardsMax}`, {
    code: "shard-invalid",
    hint: "write 3/8 for the third of eight, or job/8 in a Kubernetes Indexed Job",
  });
}

function indexOfJob(completionIndex: string | undefined): number {
  if (completionIndex !== undefined && /^\d{1,6}$/.test(completionIndex)) return Number(completionIndex) + 1;
  throw usageError("job/n takes the index from JOB_COMPLETION_INDEX, which is not set to a whole number here", {
    code: "shard-invalid",
    hint: "Kubernetes sets it in Jobs with completionMode: Indexed; elsewhere write 3/8",
  });
}

/** Whether a shard plays the candidate at this position. Without a shard every one is played. */
export function isInShard(position: number, shard: Shard | undefined): boolean {
  return shard === undefined || position % shard.count === shard.index - 1;
}
