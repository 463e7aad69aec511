/**
 * What a person does whose request fails or takes too long: sends it again by hand, on top of what the client's library does.
 *
 * The model is the one that telephony has for repeated attempts: after each attempt a chance to make another one, a time until
 * then, and a patience (Cohen, "Basic problems of telephone traffic theory and the influence of repeated calls", 1957; Falin and
 * Templeton, "Retrial Queues", 1997). Whoever would not send again waits on; whoever leaves is said elsewhere
 * (`leave`). All draws for one attempt of one request come from a stream of their own, so live and simulated people do the same, and
 * a larger share keeps those who sent again before.
 */
import { distribution } from "../../core/distributions.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ResendSpec } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";
import { type FailedTry, isWorthRetrying } from "./client-retries.ts";

export interface Resends {
  /**
   * How long after sending a request, having sent it again so many times, its person sends it once more unless the answer has begun
   * by then; infinite: never.
   */
  readonly patienceMs: (key: string, resends: number) => Ms;
  /** How long after a failure its person sends it once more; undefined: never. */
  readonly pauseMs: (key: string, resends: number, failed: Pick<FailedTry, "outcome" | "status">) => Ms | undefined;
}

/** `random`: the workload's own stream. */
export function resendsOf(spec: ResendSpec, random: RandomStream): Resends {
  const people = random.split("resends");
  const patience = spec.patience === undefined ? undefined : distribution(spec.patience);
  const pause = distribution(spec.pause);
  const whoSendsAgain = (key: string, resends: number): RandomStream | undefined => {
    const person = people.split(key, resends);
    return resends < spec.max && person.uniform() < spec.share ? person : undefined;
  };
  return {
    patienceMs: (key, resends) => {
      const person = patience === undefined ? undefined : whoSendsAgain(key, resends);
      if (patience === undefined || person === undefined) return Number.POSITIVE_INFINITY;
      return patience.draw(person.split("patience"));
    },
    pauseMs: (key, resends, failed) => {
      const person = looksBroken(failed) ? whoSendsAgain(key, resends) : undefined;
      return person === undefined ? undefined : pause.draw(person.split("pause"));
    },
  };
}

/** A library asks for nothing again that has begun to come; a person does, when it breaks off. */
function looksBroken(failed: Pick<FailedTry, "outcome" | "status">): boolean {
  return failed.outcome === "cut-stream" || failed.outcome === "malformed" || isWorthRetrying(failed);
}
