import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Balancer, balancer, type BalancerOptions, type Target } from "../../../behavior/balancing/balancer.ts";
import type { BalanceName } from "../../../core/scenario/platform-spec.ts";

interface Busy extends Target {
  inFlight: number;
}

function targets(count: number, changes: (id: number) => Partial<Busy> = () => ({})): Busy[] {
  return Array.from({ length: count }, (_, id) => ({ id, inFlight: 0, version: "v1", region: "eu", ...changes(id) }));
}

const unbounded: BalancerOptions = { roomMax: Number.POSITIVE_INFINITY };
const geography = {
  regionOf: (session: string) => session.slice(0, 2),
  roundTripMs: (from: string, to: string) => (from === to ? 0 : 80),
};

/** Ids of those who get the sessions, one after the other, each keeping its place. */
function dealt(choose: Balancer<Busy>, to: readonly Busy[], sessions: readonly string[]): (number | undefined)[] {
  return sessions.map((session) => {
    const target = choose(to, { session });
    if (target !== undefined) target.inFlight += 1;
    return target?.id;
  });
}

const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);

describe("every balancer", () => {
  const names: readonly BalanceName[] = [
    "round-robin",
    "least-connections",
    "consistent-hash",
    "weighted",
    "geographic",
  ];

  it.each(names)("%s: finds somebody with room where there is one, and nobody where there is none", (name) => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), fc.string(), (busy, session) => {
        const options = { roomMax: 3, weights: { v1: 0.9, v2: 0.1 }, geography };
        const to = targets(busy.length, (id) => ({ inFlight: busy[id] ?? 0, version: id % 2 === 0 ? "v1" : "v2" }));
        const chosen = balancer<Busy>(name, options)(to, { session });
        expect(chosen !== undefined).toBe(busy.some((inFlight) => inFlight < 3));
        expect(chosen?.inFlight ?? 0).toBeLessThan(3);
      }),
      { seed: 1 },
    );
  });
});

describe("round robin", () => {
  it("deals in turn and passes over whoever is full", () => {
    const to = targets(3, (id) => ({ inFlight: id === 1 ? 5 : 0 }));
    expect(dealt(balancer("round-robin", { roomMax: 5 }), to, many(4))).toEqual([0, 2, 0, 2]);
  });
});

describe("least connections", () => {
  it("deals to the idlest, of equals to the next in turn", () => {
    const to = targets(3, (id) => ({ inFlight: id === 0 ? 2 : 0 }));
    expect(dealt(balancer("least-connections", unbounded), to, many(5))).toEqual([1, 2, 2, 1, 1]);
  });
});

describe("consistent hash", () => {
  it("sends a conversation to the same replica every time", () => {
    const choose = balancer<Busy>("consistent-hash", unbounded);
    const to = targets(5);
    const sessions = many(50);
    expect(dealt(choose, to, sessions)).toEqual(dealt(choose, to, sessions));
  });

  it("moves only the conversations of a replica that goes", () => {
    const choose = balancer<Busy>("consistent-hash", unbounded);
    const sessions = many(500);
    const before = dealt(choose, targets(5), sessions);
    const after = dealt(
      choose,
      targets(5).filter(({ id }) => id !== 3),
      sessions,
    );
    const moved = sessions.filter((_, index) => before[index] !== after[index]);
    expect(moved.length).toBe(before.filter((id) => id === 3).length);
  });

  it("spreads conversations within a third of evenly over ten replicas", () => {
    const to = targets(10);
    dealt(balancer("consistent-hash", unbounded), to, many(10_000));
    for (const { inFlight } of to) {
      expect(inFlight).toBeGreaterThan(667);
      expect(inFlight).toBeLessThan(1_333);
    }
  });

  it("gives nobody more than its bound of the even share", () => {
    const to = targets(4);
    // One conversation asks a hundred times: ceil(1.25 x 100 / 4) = 32 may stay together.
    dealt(
      balancer("consistent-hash", { ...unbounded, loadBound: 1.25 }),
      to,
      Array.from({ length: 100 }, () => "s"),
    );
    expect(Math.max(...to.map(({ inFlight }) => inFlight))).toBe(32);
  });
});

describe("weighted", () => {
  const weights = { v1: 0.9, v2: 0.1 };

  it("gives a version its share, smoothly", () => {
    const to = targets(3, (id) => ({ version: id === 2 ? "v2" : "v1" }));
    const ids = dealt(balancer("weighted", { ...unbounded, weights }), to, many(20));
    expect(ids.filter((id) => id === 2)).toHaveLength(2);
    expect(ids.indexOf(2)).toBeLessThan(10); // one in each ten, not both at the end
  });

  it("gives a version without a replica's room to the others, and one without a weight nothing", () => {
    const full = targets(2, (id) => ({ version: id === 0 ? "v1" : "v2", inFlight: id === 0 ? 1 : 0 }));
    expect(dealt(balancer("weighted", { roomMax: 1, weights }), full, ["s"])).toEqual([1]);
    const strange = targets(2, (id) => ({ version: id === 0 ? "v3" : "v1" }));
    expect(dealt(balancer("weighted", { ...unbounded, weights }), strange, many(3))).toEqual([1, 1, 1]);
  });
});

describe("geographic", () => {
  it("keeps requests in their client's region until that is full, and then goes to the nearest", () => {
    const to = targets(2, (id) => ({ region: id === 0 ? "eu" : "us" }));
    const choose = balancer<Busy>("geographic", { roomMax: 2, geography });
    expect(dealt(choose, to, ["eu1", "eu2", "eu3", "us1", "us2"])).toEqual([0, 0, 1, 1, undefined]);
  });
});
