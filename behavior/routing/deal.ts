/**
 * Who is asked first where providers share the traffic by weight: a draw from a stream that is named by what is to stay together (a
 * conversation, or a single request). Live and simulated draw alike.
 */
import type { RandomStream } from "../../core/random.ts";

/** Place in the route; without any weight above 0 the first. `stream` is split by `name`. */
export function dealtPlace(weights: readonly number[], stream: RandomStream, name: string): number {
  let rest = stream.split(name).uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [place, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return place;
  }
  return 0;
}
