import { describe, expect, it } from "vitest";
import type { FaultEffect } from "../../../behavior/faults/effect.ts";
import { combinedEffect, effectOf, limitFactor, noEffect } from "../../../behavior/faults/kinds.ts";
import { type ActiveFault, createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { statusOf } from "../../../behavior/faults/statuses.ts";
import { randomStream } from "../../../core/random.ts";
import type { FaultKind, FaultSpec, FaultTarget } from "../../../core/scenario/fault-spec.ts";

const everywhere: FaultTarget = { provider: "openai", model: undefined, share: 1 };
const reset: FaultSpec = { ...everywhere, kind: "outage", how: "reset", status: 0 };
const down: FaultSpec = { ...everywhere, kind: "outage", how: "status", status: 503 };
const storm: FaultSpec = { ...everywhere, kind: "error-rate", status: 429, retryAfterMs: 2_000 };
const slow: FaultSpec = { ...everywhere, kind: "latency", factor: 3 };

interface KindCase {
  readonly why: string;
  readonly fault: FaultKind;
  readonly strength?: number;
  readonly effect: FaultEffect;
}

const status = (of: number | "overloaded", retryAfterMs?: number): FaultEffect => ({
  kind: "error",
  status: of,
  retryAfterMs,
});

const cases: readonly KindCase[] = [
  {
    why: "an outage by reset drops the connection",
    fault: { kind: "outage", how: "reset", status: 0 },
    effect: { kind: "drop", how: "reset", afterMs: 0 },
  },
  {
    why: "an outage by status answers with it",
    fault: { kind: "outage", how: "status", status: 503 },
    effect: status(503),
  },
  {
    why: "a region that is down answers with a status where it says so",
    fault: { kind: "region-down", how: "status", status: 502 },
    effect: status(502),
  },
  {
    why: "a region that cannot be reached keeps clients waiting for a connection",
    fault: { kind: "region-down", how: "timeout", status: 503 },
    effect: { kind: "drop", how: "timeout", afterMs: 10_000 },
  },
  {
    why: "an error rate answers with its status and its retry time",
    fault: { kind: "error-rate", status: 500, retryAfterMs: 2_000 },
    effect: status(500, 2_000),
  },
  {
    why: "a storm answers 429",
    fault: { kind: "rate-limit-storm", retryAfterMs: 100 },
    effect: status(429, 100),
  },
  {
    why: "overload has the provider's own status",
    fault: { kind: "overload", retryAfterMs: undefined },
    effect: status("overloaded"),
  },
  {
    why: "a cut of limits does nothing to a call alone",
    fault: { kind: "quota-cut", to: 0.1 },
    effect: { kind: "none" },
  },
  {
    why: "half a latency fault adds half of what it would",
    fault: { kind: "latency", factor: 3 },
    strength: 0.5,
    effect: { kind: "slow", factor: 2, failing: undefined },
  },
  {
    why: "a brownout that fails nobody is slow",
    fault: { kind: "brownout", factor: 5, errors: 0, status: 503 },
    strength: 0.25,
    effect: { kind: "slow", factor: 2, failing: undefined },
  },
  {
    why: "a brownout that fails everybody fails",
    fault: { kind: "brownout", factor: 5, errors: 1, status: 503 },
    effect: { kind: "slow", factor: 5, failing: { status: 503, retryAfterMs: undefined } },
  },
  {
    why: "a slow first token delays",
    fault: { kind: "slow-first-token", byMs: 400 },
    strength: 0.5,
    effect: { kind: "delay", byMs: 200 },
  },
  {
    why: "a stalled stream stalls",
    fault: { kind: "stalled-stream", after: 0.3 },
    effect: { kind: "break", how: "stall", after: 0.3 },
  },
  {
    why: "a cut stream is cut",
    fault: { kind: "cut-stream", after: 0 },
    effect: { kind: "break", how: "cut", after: 0 },
  },
  {
    why: "a malformed chunk is malformed",
    fault: { kind: "malformed-chunk", after: 0.5 },
    effect: { kind: "break", how: "malformed", after: 0.5 },
  },
  {
    why: "a truncated stream ends early",
    fault: { kind: "truncated-stream", after: 1 },
    effect: { kind: "break", how: "truncate", after: 1 },
  },
  {
    why: "an error event carries a status's error",
    fault: { kind: "error-event", after: 0.5, error: "rate-limit" },
    effect: { kind: "break", how: "error-event", after: 0.5, status: 429 },
  },
  {
    why: "wrong usage multiplies what is reported",
    fault: { kind: "wrong-usage", factor: 3 },
    effect: { kind: "usage", factor: 3 },
  },
  {
    why: "a refused connection is noticed at once",
    fault: { kind: "connection", how: "refused", waitMs: undefined },
    effect: { kind: "drop", how: "refused", afterMs: 0 },
  },
  {
    why: "a connection that nobody takes is noticed after ten seconds",
    fault: { kind: "connection", how: "timeout", waitMs: undefined },
    effect: { kind: "drop", how: "timeout", afterMs: 10_000 },
  },
  {
    why: "a failed connection is noticed after the time given",
    fault: { kind: "connection", how: "dns", waitMs: 700 },
    effect: { kind: "drop", how: "dns", afterMs: 700 },
  },
  { why: "a revoked key is not known", fault: { kind: "credential-revoked" }, effect: { kind: "unknown-key" } },
  {
    why: "a content filter ends answers early",
    fault: { kind: "content-filter", after: 0.25 },
    effect: { kind: "filter", after: 0.25 },
  },
  {
    why: "a content filter turns prompts away",
    fault: { kind: "content-filter", at: "prompt", after: undefined },
    effect: { kind: "filter", at: "prompt", after: 0 },
  },
];

describe("each kind of fault", () => {
  it.each(cases)("$why", ({ fault, strength = 1, effect }) => {
    expect(effectOf({ ...everywhere, ...fault }, strength, randomStream(1))).toEqual(effect);
  });

  it("breaks answers off at places of their own where it does not say where", () => {
    const places = Array.from({ length: 1_000 }, (_, index) => {
      const broken = combinedEffect(
        active({ ...everywhere, kind: "cut-stream", after: undefined }),
        randomStream(index),
      ).broken;
      return broken?.after ?? expect.fail("was not broken off");
    });
    expect(new Set(places).size).toBe(1_000);
    expect(places.reduce((sum, place) => sum + place, 0) / 1_000).toBeCloseTo(0.5, 1);
  });
});

describe("the status of an overloaded provider", () => {
  it.each([
    ["anthropic", "claude-opus-4-8", 529],
    ["vertex", "claude-opus-4-8", 529],
    ["vertex", "gemini-2.5-pro", 503],
    ["openai", "gpt-4o", 503],
    ["bedrock", "anthropic.claude-opus-4-8", 503],
  ] as const)("at %s with %s is %i", (dialect, model, expected) => {
    expect(statusOf("overloaded", dialect, model)).toBe(expected);
  });

  it("is another one where a model fails at Bedrock", () => {
    expect([statusOf("model-failed", "bedrock", "m"), statusOf("model-failed", "openai", "m")]).toEqual([424, 500]);
  });
});

describe("several faults on one call", () => {
  it("do nothing when there are none", () => {
    expect(combinedEffect([], randomStream(1))).toBe(noEffect);
  });

  it("fold into one: the first of each kind counts, slowdowns multiply, delays add up", () => {
    const late: FaultSpec = { ...everywhere, kind: "slow-first-token", byMs: 100 };
    const cut: FaultSpec = { ...everywhere, kind: "cut-stream", after: 0.5 };
    const stalled: FaultSpec = { ...everywhere, kind: "stalled-stream", after: 0.1 };
    const usage: FaultSpec = { ...everywhere, kind: "wrong-usage", factor: 2 };
    const revoked: FaultSpec = { ...everywhere, kind: "credential-revoked" };
    const faults = [down, slow, storm, slow, reset, late, late, cut, stalled, usage, usage, revoked];
    expect(combinedEffect(active(...faults), randomStream(1))).toEqual({
      drop: { kind: "drop", how: "reset", afterMs: 0 },
      unknownKey: true,
      error: { kind: "error", status: 503, retryAfterMs: undefined },
      factor: 9,
      delayMs: 200,
      broken: { kind: "break", how: "cut", after: 0.5 },
      filteredAfter: undefined,
      promptBlocked: false,
      usageFactor: 4,
    });
  });

  it("cut limits together, each as far as it has come", () => {
    const cut: FaultSpec = { ...everywhere, kind: "quota-cut", to: 0.2 };
    const halfway: FaultSpec = { ...cut, shape: { kind: "ramp", overMs: 200 } };
    const at100 = createFaultSchedule(
      [cut, halfway, slow].map((fault) => ({ atMs: 0, forMs: undefined, fault })),
    ).activeAt(100, { name: "openai" }, call);
    expect(limitFactor(at100)).toBeCloseTo(0.2 * 0.6, 12);
  });
});

describe("the share of calls that a fault hits", () => {
  const root = randomStream(20_261_121);
  const hits = (faults: readonly ActiveFault[]): readonly boolean[] =>
    Array.from({ length: 20_000 }, (_, index) => combinedEffect(faults, root.split(index)).factor > 1);
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

  it("grows with a ramp for what has no size of its own", () => {
    const ramp: FaultSpec = { ...down, shape: { kind: "ramp", overMs: 100 } };
    const halfway = createFaultSchedule([{ atMs: 0, forMs: undefined, fault: ramp }]).activeAt(
      50,
      { name: "openai" },
      call,
    );
    const failed = Array.from({ length: 20_000 }, (_, index) => combinedEffect(halfway, root.split(index)).error);
    expect(failed.filter((error) => error !== undefined).length / 20_000).toBeCloseTo(0.5, 1);
  });
});

const call = { model: "gpt-4o", apiKey: "key" };

function active(...faults: readonly FaultSpec[]): readonly ActiveFault[] {
  const schedule = createFaultSchedule(faults.map((fault) => ({ atMs: 0, forMs: undefined, fault })));
  return schedule.activeAt(0, { name: "openai" }, call);
}
