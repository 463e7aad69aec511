/**
 * Which question a request asks, as far as a cache can tell: one of the common ones, word for word, or one of its own.
 *
 * Common questions are unequally common: the n-th is asked 1/n as often as the first (Zipf's law with exponent 1; for web
 * requests Breslau et al., "Web Caching and Zipf-like Distributions", INFOCOM 1999, found 0.64 to 0.83, so this is on the
 * hopeful side). Drawn from a stream of the request's own, so that a cache changes nothing else.
 */
import type { RandomStream } from "../../core/random.ts";
import type { CacheSpec } from "../../core/scenario/resilience-spec.ts";

export interface Question {
  /** What a cache would look it up by. */
  readonly text: string;
  /** Whether it means the same as something that was asked before, in other words. */
  readonly alike: boolean;
}

export function questionsOf(
  spec: CacheSpec,
  random: RandomStream,
): (request: { readonly key: string; readonly model: string }) => Question {
  const questions = random.split("questions");
  const upTo = popularity(spec.questions);
  return ({ key, model }) => {
    const draws = questions.split(key);
    if (draws.uniform() < spec.repeats) {
      return { text: `${model}/common ${firstAbove(upTo, draws.uniform())}`, alike: false };
    }
    return { text: `${model}/${key}`, alike: draws.uniform() < spec.semantic };
  };
}

/** Share of the first, the first two, ... of `count` questions. */
function popularity(count: number): Float64Array {
  const upTo = new Float64Array(count);
  let sum = 0;
  for (let rank = 1; rank <= count; rank++) upTo[rank - 1] = sum += 1 / rank;
  return upTo.map((part) => part / sum);
}

function firstAbove(upTo: Float64Array, share: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((upTo[middle] ?? 1) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
