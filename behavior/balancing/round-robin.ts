/** In turn; whoever has no room is passed over. */
import type { Balancer, Target } from "./balancer.ts";

export function roundRobin<T extends Target>(roomMax: number): Balancer<T> {
  let dealt = 0;
  return (targets) => {
    for (let tried = 0; tried < targets.length; tried++) {
      const target = targets[dealt++ % targets.length];
      if (target !== undefined && target.inFlight < roomMax) return target;
    }
    return undefined;
  };
}
