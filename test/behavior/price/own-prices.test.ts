import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { charge } from "../../../behavior/price/charge.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { pricesInWords, withOwnPrices } from "../../../behavior/price/own-prices.ts";
import { type PriceSpec, priceTier } from "../../../core/scenario/price-spec.ts";
import type { ModelSpec, ProviderSpec } from "../../../core/scenario/provider-spec.ts";

const list = genaiPrices("openai");
const own: PriceSpec = {
  source: "scenario",
  tiers: [priceTier({ input: 1_000_000, output: 4_000_000, cached: 100_000, reasoning: 5_000_000 })],
};

function provider(model: Partial<ModelSpec>, more: Partial<ProviderSpec> = {}): ProviderSpec {
  const spec: ModelSpec = {
    model: "gpt-4o-mini",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...model,
  };
  return { name: "a", dialect: "openai", models: [spec], sliceMs: 0, ...more };
}

const tokens = { input: 1_000, cached: 400, output: 200, reasoning: 50 };

describe("a model's own price", () => {
  it("comes before the list's, reasoning apart", () => {
    const prices = withOwnPrices(list, provider({ price: own }));
    // 600 x $1 + 400 x $0.10 + 150 x $4 + 50 x $5, per million.
    expect(prices.price("gpt-4o-mini", tokens)).toBe(1_490_000);
    expect(prices.price("gpt-4.1", tokens)).toBe(list.price("gpt-4.1", tokens));
  });

  it.each(["batch", "flex"] as const)("and the list's are halved for %s", (billing) => {
    const half = withOwnPrices(list, provider({}, { billing }));
    expect(half.price("gpt-4o-mini", tokens)).toBe((list.price("gpt-4o-mini", tokens) ?? 0) / 2);
    expect(withOwnPrices(list, provider({ price: own }, { billing })).price("gpt-4o-mini", tokens)).toBe(745_000);
  });

  it("of a batch is used as it is where it is known, and not halved again", () => {
    const batch = [priceTier({ input: 300_000, output: 1_000_000 })];
    const prices = withOwnPrices(list, provider({ price: { ...own, batch } }, { billing: "batch" }));
    expect(prices.price("gpt-4o-mini", tokens)).toBe(500_000);
    const flex = withOwnPrices(list, provider({ price: { ...own, batch } }, { billing: "flex" }));
    expect(flex.price("gpt-4o-mini", tokens)).toBe(745_000);
  });

  it.each(["flex", "priority"] as const)("of %s is used where it is known", (billing) => {
    const dear = { [billing]: [priceTier({ input: 2_000_000, output: 8_000_000 })] };
    const prices = withOwnPrices(list, provider({ price: { ...own, ...dear } }, { billing }));
    expect(prices.price("gpt-4o-mini", tokens)).toBe(3_600_000);
  });

  it("has to say what coming first costs: it is not priced otherwise", () => {
    expect(
      withOwnPrices(list, provider({ price: own }, { billing: "priority" })).price("gpt-4o-mini", tokens),
    ).toBeUndefined();
    expect(withOwnPrices(list, provider({}, { billing: "priority" })).price("gpt-4o-mini", tokens)).toBeUndefined();
  });

  it("leaves a model without any price unpriced", () => {
    expect(withOwnPrices(list, provider({}, { billing: "batch" })).price("in-house-7b", tokens)).toBeUndefined();
  });

  it("is named beside the list, with whom it is for", () => {
    expect(pricesInWords("list 1", [provider({ price: own }), provider({}, { name: "b", billing: "batch" })])).toBe(
      "list 1; scenario for gpt-4o-mini; batch prices at b",
    );
    expect(pricesInWords("list 1", [provider({})])).toBe("list 1");
  });
});

describe("a charge", () => {
  it("is rounded once, to the nearest nano-dollar", () => {
    const tiers = [priceTier({ input: 400, output: 0 })];
    expect(charge(tiers, { input: 1, cached: 0, output: 0 })).toBe(0);
    expect(charge(tiers, { input: 2, cached: 0, output: 0 })).toBe(1);
    expect(charge(tiers, { input: 5, cached: 0, output: 0 })).toBe(2);
    expect(charge(tiers, { input: 5, cached: 0, output: 0 }, 0.5)).toBe(1);
  });

  it("is the exact sum of its parts within half a nano-dollar, whatever they are", () => {
    const rate = fc.integer({ min: 0, max: 100_000_000 });
    const count = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(
        rate,
        rate,
        rate,
        rate,
        count,
        count,
        count,
        (input, cached, output, reasoning, plain, read, shown) => {
          const thought = Math.floor(shown / 3);
          const tiers = [priceTier({ input, output, cached, reasoning })];
          const nano = charge(tiers, { input: plain + read, cached: read, output: shown, reasoning: thought });
          const pico =
            BigInt(plain) * BigInt(input) +
            BigInt(read) * BigInt(cached) +
            BigInt(shown - thought) * BigInt(output) +
            BigInt(thought) * BigInt(reasoning);
          expect(Math.abs(Number(BigInt(nano ?? -1) * 1_000n - pico))).toBeLessThanOrEqual(500);
        },
      ),
      { seed: 20_261_121 },
    );
  });
});
