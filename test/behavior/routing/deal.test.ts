import { describe, expect, it } from "vitest";
import { dealtPlace } from "../../../behavior/routing/deal.ts";
import { randomStream } from "../../../core/random.ts";

const stream = randomStream(3);

describe("providers that share traffic by weight", () => {
  it("deals in proportion to the weights", () => {
    const places = Array.from({ length: 2_000 }, (_, index) => dealtPlace([0.9, 0.1], stream, `s${index}`));
    const second = places.filter((place) => place === 1).length;
    expect(second).toBeGreaterThan(150);
    expect(second).toBeLessThan(250);
  });

  it("deals the same name to the same place, whoever else asks", () => {
    expect(dealtPlace([1, 1], stream, "s7")).toBe(dealtPlace([1, 1], randomStream(3), "s7"));
  });

  it("never deals to a provider without weight, and to the first where nobody has any", () => {
    const places = new Set(Array.from({ length: 200 }, (_, index) => dealtPlace([0, 1, 0], stream, `s${index}`)));
    expect([...places]).toEqual([1]);
    expect(dealtPlace([0, 0], stream, "s1")).toBe(0);
  });
});
