/** How many requests a phase will send, for progress. */
import type { PlannedRequest, WorkloadPhase } from "../../behavior/workload.ts";

/** A plan longer than this is not counted: it would take noticeable time, and nobody watches the last digit. */
const countedMax = 100_000;

/** Undefined when time decides (a closed phase with an end) or when there are too many to count. */
export function plannedRequests(phase: WorkloadPhase): number | undefined {
  if (phase.kind === "open") return countUpTo(countedMax, phase.arrivals());
  if (phase.durationMs !== undefined) return undefined;
  let total = 0;
  for (let user = 0; user < phase.users; user++) {
    const more = countUpTo(countedMax - total, phase.script(user));
    if (more === undefined) return undefined;
    total += more;
  }
  return total;
}

function countUpTo(max: number, requests: Iterable<PlannedRequest>): number | undefined {
  let counted = 0;
  for (const _ of requests) {
    counted += 1;
    if (counted > max) return undefined;
  }
  return counted;
}
