/** Scenarios for tests of traffic: everything that does not matter has a plain value. */
import type { ClosedLoad, RequestShape, Traffic } from "../../../core/scenario/traffic-spec.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import type { PlannedRequest, Workload, WorkloadPhase } from "../../../behavior/workload.ts";

export const chat: RequestShape = {
  share: 1,
  model: "gpt-4o-mini",
  input: { kind: "lognormal", median: 120, sigma: 0.5 },
  output: { kind: "lognormal", median: 24, sigma: 0.5 },
  stream: true,
  maxTokens: undefined,
  cachedShare: 0,
};

export const tenPeople: ClosedLoad = {
  kind: "closed",
  users: 10,
  baselineUsers: 1,
  sessionsPerUser: 2,
  turns: { kind: "uniform", low: 1.5, high: 5.5 },
  think: { kind: "exponential", mean: 1_000 },
  rampMs: 1_000,
  forMs: undefined,
};

export function scenarioOf(traffic: Partial<Traffic>, seed = 7): Scenario {
  return {
    name: "made",
    about: "",
    seed,
    traffic: {
      load: tenPeople,
      requests: [chat],
      tenants: [{ name: "default", share: 1 }],
      client: { timeoutMs: 30_000 },
      warmupRequests: 0,
      ...traffic,
    },
    providers: [],
    platform: { gateway: "direct", replicas: 1, routes: [], retries: { max: 0, on: [] } },
    timeline: [],
    objectives: [],
  };
}

/** Every request of a phase, user after user. A script without an end is cut at `perUserMax`. */
export function requestsOf(phase: WorkloadPhase | undefined, perUserMax = 1_000): readonly PlannedRequest[] {
  if (phase === undefined) return [];
  if (phase.kind === "open") return [...phase.arrivals()];
  return Array.from({ length: phase.users }, (_, user) => first(phase.script(user), perUserMax)).flat();
}

export function first<T>(items: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length === count) break;
    taken.push(item);
  }
  return taken;
}

export function phaseOf(workload: Workload, name: string): WorkloadPhase | undefined {
  return workload.phases.find((phase) => phase.name === name);
}
