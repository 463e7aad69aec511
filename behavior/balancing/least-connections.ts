/** To whoever has the fewest requests in flight; of equals, the next in turn. */
import type { Balancer, Target } from "./balancer.ts";

export function leastConnections<T extends Target>(roomMax: number): Balancer<T> {
  let dealt = 0;
  return (targets) => {
    let least: T | undefined;
    for (let tried = 0; tried < targets.length; tried++) {
      const target = targets[(dealt + tried) % targets.length];
      if (target !== undefined && target.inFlight < (least?.inFlight ?? roomMax)) least = target;
    }
    dealt += 1;
    return least;
  };
}
