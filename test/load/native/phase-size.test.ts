import { describe, expect, it } from "vitest";
import type { ClosedPhase } from "../../../behavior/workload.ts";
import { plannedRequests } from "../../../load/native/phase-size.ts";
import { planned } from "../planned.ts";

describe("plannedRequests", () => {
  const two = [planned({ key: "a" }), planned({ key: "b" })];
  const closed: ClosedPhase = {
    kind: "closed",
    name: "load",
    users: 3,
    script: () => two,
    startMs: () => 0,
    durationMs: undefined,
  };

  it("counts the arrivals of an open phase and the scripts of a closed one", () => {
    expect(plannedRequests({ kind: "open", name: "load", arrivals: () => two, durationMs: 0 })).toBe(2);
    expect(plannedRequests(closed)).toBe(6);
  });

  it("knows nothing about a closed phase that time ends", () => {
    expect(plannedRequests({ ...closed, durationMs: 1_000 })).toBeUndefined();
  });

  it("gives up on a plan that is too long to count", () => {
    const endless = function* () {
      for (;;) yield planned();
    };
    expect(plannedRequests({ kind: "open", name: "load", arrivals: endless, durationMs: 0 })).toBeUndefined();
    expect(plannedRequests({ ...closed, script: endless })).toBeUndefined();
    const long = Array.from({ length: 40_000 }, () => planned());
    expect(plannedRequests({ ...closed, script: () => long })).toBeUndefined();
  });
});
