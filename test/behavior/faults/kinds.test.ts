import { describe, expect, it } from "vitest";
import { combinedEffect, effectOf, noEffect } from "../../../behavior/faults/kinds.ts";
import { type ActiveFault, createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { randomStream } from "../../../core/random.ts";
import type { FaultSpec } from "../../../core/scenario/fault-spec.ts";

const everywhere = { provider: "openai", model: undefined, share: 1 } as const;
const reset: FaultSpec = { ...everywhere, kind: "outage", how: "reset", status: 0 };
const down: FaultSpec = { ...everywhere, kind: "outage", how: "status", status: 503 };
const storm: FaultSpec = { ...everywhere, kind: "error-rate", status: 429, retryAfterMs: 2_000 };
const slow: FaultSpec = { ...everywhere, kind: "latency", factor: 3 };

describe("each kind of fault", () => {
  it.each([
    { why: "an outage by reset drops the connection", fault: reset, effect: { kind: "drop", how: "reset" } },
    {
      why: "an outage by status answers with it",
      fault: down,
      effect: { kind: "error", status: 503, retryAfterMs: undefined },
    },
    {
      why: "an error rate answers with its status and its retry time",
      fault: storm,
      effect: { kind: "error", status: 429, retryAfterMs: 2_000 },
    },
    { why: "a latency fault multiplies", fault: slow, effect: { kind: "slow", factor: 3 } },
  ])("$why", ({ fault, effect }) => {
    expect(effectOf(fault)).toEqual(effect);
  });
});

describe("several faults on one call", () => {
  it("do nothing when there are none", () => {
    expect(combinedEffect([], randomStream(1))).toEqual(noEffect);
  });

  it("fold into one: the first error counts, slowdowns multiply, a drop stands beside them", () => {
    expect(combinedEffect(active(down, slow, storm, slow, reset), randomStream(1))).toEqual({
      drop: { kind: "drop", how: "reset" },
      error: { kind: "error", status: 503, retryAfterMs: undefined },
      factor: 9,
    });
  });
});

describe("the share of calls that a fault hits", () => {
  const root = randomStream(20_261_121);
  const hits = (faults: readonly ActiveFault[]): readonly boolean[] =>
    Array.from({ length: 20_000 }, (_, call) => combinedEffect(faults, root.split(call)).factor > 1);
  const share = (hit: readonly boolean[]): number => hit.filter(Boolean).length / hit.length;

  it("is the share asked for", () => {
    expect(share(hits(active({ ...slow, share: 0.2 })))).toBeCloseTo(0.2, 1);
    expect(share(hits(active({ ...slow, share: 0 })))).toBe(0);
    expect(share(hits(active({ ...slow, share: 1 })))).toBe(1);
  });

  it("hits the same calls again, and the same ones when another fault is added", () => {
    const alone = hits(active({ ...slow, share: 0.2 }));
    expect(hits(active({ ...slow, share: 0.2 }))).toEqual(alone);
    expect(hits(active({ ...slow, share: 0.2 }, { ...down, share: 0.5 }))).toEqual(alone);
  });

  it("is drawn for each fault apart: two faults of one half leave a quarter alone", () => {
    const half = { ...slow, share: 0.5 };
    expect(Math.abs(share(hits(active(half, half))) - 0.75)).toBeLessThan(0.01);
  });
});

function active(...faults: readonly FaultSpec[]): readonly ActiveFault[] {
  return createFaultSchedule(faults.map((fault) => ({ atMs: 0, forMs: undefined, fault }))).activeAt(
    0,
    "openai",
    "gpt-4o",
  );
}
