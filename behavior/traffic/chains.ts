/**
 * Chains of calls that depend on each other: an agent, or anybody who needs the answer before the next question. One request
 * of a user begins a chain, at a rate that nobody's answers slow down; each further call is due a pause after the answer
 * before it. So a slow gateway makes chains longer, and more of them go on at once.
 *
 * The rate of a scenario is that of requests, so chains begin at that rate over their mean number of calls. Calls that would be
 * due after the end of the traffic are not made.
 */
import { distribution } from "../../core/distributions.ts";
import type { RandomStream } from "../../core/random.ts";
import type { OpenLoad, SessionSpec, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { ClosedPhase } from "../workload.ts";
import { arrivalTimes, segmentsDurationMs } from "./arrivals.ts";
import { conversationWriter } from "./conversations.ts";

/** A closed phase whose users are the chains `s0`, `s1`, ... in the order in which they begin. */
export function chainPhase(traffic: Traffic, load: OpenLoad, spec: SessionSpec, random: RandomStream): ClosedPhase {
  const calls = Math.max(1, distribution(spec.turns).mean);
  const starts = load.segments.map((segment) => ({
    ...segment,
    fromPerMs: segment.fromPerMs / calls,
    toPerMs: segment.toPerMs / calls,
  }));
  const startsMs = Float64Array.from(arrivalTimes(starts, random.split("arrivals")));
  const write = conversationWriter(traffic, spec, random);
  const startMs = (chain: number): number => startsMs[chain] ?? 0;
  return {
    kind: "closed",
    name: "load",
    users: startsMs.length,
    script: (chain) => write(`s${chain}`, undefined, startMs(chain)),
    startMs,
    durationMs: segmentsDurationMs(load.segments),
    comeAndGo: true,
  };
}
