/**
 * A scenario under a multiple of its load, with everything else as it is: what the search for a break point turns up.
 *
 * An open load has its rates multiplied, a closed one its users (to whole ones, and at least one), and a trace is played that many
 * times as fast: the same requests, closer together. Requests keep their keys, so they keep their draws too: the
 * comparison between two loads is as paired as it can be.
 */
import type { TraceRows } from "../../behavior/traffic/trace.ts";
import { assertNever } from "../../core/invariant.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Traffic } from "../../core/scenario/traffic-spec.ts";

/** Load 1 is the scenario itself. */
export function scenarioAtLoad(scenario: Scenario, factor: number): Scenario {
  if (factor === 1) return scenario;
  return { ...scenario, traffic: { ...scenario.traffic, load: loadTimes(scenario.traffic.load, factor) } };
}

/** A trace for `scenarioAtLoad`; its columns of tokens are shared. */
export function traceAtLoad(rows: TraceRows, factor: number): TraceRows {
  return factor === 1 ? rows : { ...rows, atMs: rows.atMs.map((atMs) => atMs / factor) };
}

/** Users at a multiple of a closed load. */
export function usersAtLoad(users: number, factor: number): number {
  return Math.max(1, Math.round(users * factor));
}

function loadTimes(load: Traffic["load"], factor: number): Traffic["load"] {
  switch (load.kind) {
    case "open":
      return {
        ...load,
        segments: load.segments.map((segment) => ({
          ...segment,
          fromPerMs: segment.fromPerMs * factor,
          toPerMs: segment.toPerMs * factor,
        })),
      };
    case "closed":
      return { ...load, users: usersAtLoad(load.users, factor) };
    case "trace":
      return load;
    default:
      return assertNever(load);
  }
}
