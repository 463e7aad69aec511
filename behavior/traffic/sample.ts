/**
 * A sample of the traffic by conversation: each is played whole or not at all, so caches, affinity and histories stay what they
 * were. Which ones is in their names alone: a larger sample keeps those of a smaller one.
 */
import { assertNever } from "../../core/invariant.ts";
import { hashOfText } from "../balancing/consistent-hash.ts";
import type { PlannedRequest, WorkloadPhase } from "../workload.ts";

const hashRange = 2 ** 32;

export function sampledPhase(phase: WorkloadPhase, share: number): WorkloadPhase {
  switch (phase.kind) {
    case "open":
      return { ...phase, arrivals: () => sampled(phase.arrivals(), share) };
    case "closed":
      return { ...phase, script: (user) => sampled(phase.script(user), share) };
    default:
      return assertNever(phase);
  }
}

function* sampled(requests: Iterable<PlannedRequest>, share: number): Generator<PlannedRequest, void, undefined> {
  for (const request of requests) if (hashOfText(request.session) < share * hashRange) yield request;
}
