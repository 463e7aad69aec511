import { describe, expect, it } from "vitest";
import { buildWorkload } from "../../../behavior/traffic/workload-builder.ts";
import { type ClosedPhase, type OpenPhase, peopleOf } from "../../../behavior/workload.ts";
import { invariant } from "../../../core/invariant.ts";
import type { SessionSpec } from "../../../core/scenario/traffic-spec.ts";
import { minuteMs } from "../../../core/time.ts";
import { phaseOf, scenarioOf } from "./made-scenario.ts";

const perMs = 0.02; // 20 requests a second
const agent: SessionSpec = { turns: { kind: "constant", value: 5 }, think: { kind: "constant", value: 2_000 } };

function loadOf(sessions: SessionSpec): OpenPhase | ClosedPhase | undefined {
  const segment = { forMs: 10 * minuteMs, fromPerMs: perMs, toPerMs: perMs, process: "poisson" } as const;
  return phaseOf(buildWorkload(scenarioOf({ load: { kind: "open", segments: [segment] }, sessions })), "load");
}

describe("chains of calls that depend on each other", () => {
  const phase = loadOf({ ...agent, dependent: true });
  invariant(phase?.kind === "closed", "they wait for answers");

  it("begin at the rate of requests over the calls of each: 20 a second of 5 make 2,400 in ten minutes", () => {
    expect(Math.abs(phase.users - 2_400)).toBeLessThan(3 * Math.sqrt(2_400));
    const starts = Array.from({ length: phase.users }, (_, chain) => phase.startMs(chain));
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });

  it("carry all that came before, and wait for their tools after each answer", () => {
    const calls = [...phase.script(7)];
    expect(calls.map(({ key }) => key)).toEqual(["s7.t0", "s7.t1", "s7.t2", "s7.t3", "s7.t4"]);
    expect(calls.map(({ thinkMs }) => thinkMs)).toEqual([0, 2_000, 2_000, 2_000, 2_000]);
    expect(calls.map(({ historyTokens }) => historyTokens?.length)).toEqual([0, 2, 4, 6, 8]);
  });

  it("ask for the same as conversations that do not wait, which begin at the same instants", () => {
    const open = loadOf(agent);
    invariant(open?.kind === "open", "they do not wait");
    const turns = [...open.arrivals()].filter(({ session }) => session === "s3");
    expect(turns[0]?.atMs).toBe(phase.startMs(3));
    expect([...phase.script(3)].map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens])).toEqual(
      turns.map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
    );
  });

  it("are no people who are there all the time", () => {
    const { comeAndGo: _comeAndGo, ...people } = phase;
    expect(peopleOf(phase)).toBeUndefined();
    expect(peopleOf(people)).toBe(phase.users);
  });
});
