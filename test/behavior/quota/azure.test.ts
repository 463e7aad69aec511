import { describe, expect, it } from "vitest";
import { quotaOf } from "../../../behavior/quota/algorithms.ts";
import { azureProvisionedQuota, provisionedModels, ptuThroughput } from "../../../behavior/quota/azure-provisioned.ts";
import { azureStandardQuota, derivedRequestLimit } from "../../../behavior/quota/azure-standard.ts";
import type { Admission, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import type { LimitState } from "../../../behavior/provider.ts";
import { SquallError } from "../../../core/errors.ts";
import { randomStream } from "../../../core/random.ts";
import {
  accountOf,
  type AzureCall,
  type AzureCase,
  type AzureExpectation,
  modelSpec,
  provisionedCases,
  standardCases,
} from "./azure-cases.ts";

describe("Azure's limiters, case by case", () => {
  it("have a table of at least 35 cases", () => {
    expect(standardCases.length + provisionedCases.length).toBeGreaterThanOrEqual(35);
  });

  it.each(standardCases.map((one) => [one.why, one] as const))("standard: %s", (_why, one) => play(one));
  it.each(provisionedCases.map((one) => [one.why, one] as const))("provisioned: %s", (_why, one) => play(one));
});

describe("limits that follow from tokens per minute", () => {
  it.each([
    ["gpt-35-turbo", 240_000, 240, 10_000],
    ["gpt-4o", 300_000, 300, 10_000],
    ["gpt-4o-mini", 2_000_000, 20_000, 60_000],
    ["gpt-4.1", 1_000_000, 1_000, 60_000],
    ["gpt-5.2", 1_000_000, 10_000, 60_000],
    ["gpt-5-mini", 1_000_000, 1_000, 60_000],
    ["gpt-5.5", 1_000_000, 1_000, 60_000],
    ["o1", 3_000_000, 500, 60_000],
    ["o3-mini", 5_000_000, 500, 60_000],
    ["o4-mini", 1_000_000, 1_000, 60_000],
    ["text-embedding-3-large", 1_000_000, 1_000, 10_000],
  ])(
    "%s with %i tokens has %i requests per %i ms, as the tier tables list it",
    (model, tokensPerMinute, amount, perMs) => {
      expect(derivedRequestLimit(model, tokensPerMinute)).toEqual({ amount, perMs });
    },
  );

  it("give way to limits on requests that a configuration names", () => {
    const limiter = azureStandardQuota({ sliceMs: 0 })(
      accountOf(),
      modelSpec({ tokensPerMinute: 1_000, requestsPerMinute: 6_000 }),
    );
    expect(limiter.perMinute).toEqual({ requests: 6_000, tokens: 1_000 });
  });
});

describe("who shares limits", () => {
  const ask: QuotaAsk = { inputTokens: 1, cachedTokens: 0, promptCharacters: 4, maxOutputTokens: undefined };
  const other = { ...accountOf(), apiKey: "other" };

  it.each([
    ["standard", azureStandardQuota({ sliceMs: 0 }), modelSpec({ requestsPerMinute: 1 })],
    ["provisioned", azureProvisionedQuota(), modelSpec({ provisionedUnits: 1 })],
  ])("two keys of one resource share a %s deployment, a key of another resource does not", (_kind, quota, model) => {
    const big = { ...ask, inputTokens: 5_000 };
    expect(quota(accountOf(), model).admit(0, big).kind).toBe("admitted");
    expect(quota(other, model).admit(0, ask).kind).toBe("refused");
    expect(quota({ ...other, organization: "elsewhere" }, model).admit(0, ask).kind).toBe("admitted");
  });

  it("a project's limits come on top of the deployment's", () => {
    const quota = azureStandardQuota({ sliceMs: 0 });
    const model = modelSpec({ requestsPerMinute: 60 });
    const limit = { dimension: "requests", amount: 1, perMs: 60_000, label: "of the project" } as const;
    const limiter = quota({ ...accountOf(), project: "p", projectLimits: [limit] }, model);
    expect(limiter.admit(0, ask).kind).toBe("admitted");
    expect(limiter.admit(1_000, ask)).toMatchObject({ refusal: { label: "of the project", retryAfterMs: 59_000 } });
    expect(quota(accountOf(), model).admit(1_000, ask).kind).toBe("admitted");
  });

  it("says which share of the tokens others had in use", () => {
    const limiter = azureStandardQuota({ sliceMs: 0 })(
      accountOf(),
      modelSpec({ tokensPerMinute: 1_000_000, requestsPerMinute: 6_000 }),
    );
    expect(limiter.admit(0, { ...ask, maxOutputTokens: 399_999 })).toMatchObject({ utilization: 0 });
    expect(limiter.admit(0, ask)).toMatchObject({ utilization: 0.4 });
    expect(limiter.admit(60_000, ask)).toMatchObject({ utilization: 0 });
  });
});

describe("throughput per PTU", () => {
  it("is known of every model that can be provisioned, in whole tokens", () => {
    expect(provisionedModels.length).toBeGreaterThan(10);
    for (const model of provisionedModels) {
      const { inputTokensPerMinute, outputRatio } = ptuThroughput(model);
      expect(Number.isInteger(inputTokensPerMinute) && Number.isInteger(outputRatio)).toBe(true);
    }
  });

  it("sizes Microsoft's own example: 1,000 requests a minute of 200 and 20 tokens need 105.88 PTUs of gpt-5.2", () => {
    const { inputTokensPerMinute, outputRatio } = ptuThroughput("gpt-5.2");
    expect((1_000 * (200 + 20 * outputRatio)) / inputTokensPerMinute).toBeCloseTo(105.88, 2);
  });

  it("is refused in words where none is published", () => {
    const sized = (): Limiter =>
      azureProvisionedQuota()(accountOf(), modelSpec({ model: "gpt-6-sol", provisionedUnits: 50 }));
    expect(sized).toThrow(SquallError);
    expect(sized).toThrow(/no throughput per PTU is published for "gpt-6-sol"; allowed are gpt-5\.5, /);
  });
});

function play(one: AzureCase): void {
  const spec = { name: "azure", dialect: "azure-openai", models: [one.model], sliceMs: one.sliceMs ?? 0 } as const;
  const limiter = quotaOf(spec, randomStream(1))(accountOf(one.limits), one.model);
  for (const [index, call] of one.calls.entries()) {
    for (let time = 1; time <= (call.times ?? 1); time++) {
      const admission = limiter.admit(call.atMs, askOf(call));
      expect(outcomeOf(admission), `call ${index}, time ${time}`).toBe(call.expect.outcome);
      if (admission.kind === "admitted" && call.answered !== undefined) {
        const usage = { outputTokens: call.answered, wastedTokens: 0, completed: true };
        limiter.settle(call.atMs, admission.chargedTokens, askOf(call), usage);
      }
      if (time === (call.times ?? 1)) expectDetails(limiter, call.atMs, admission, call.expect);
    }
  }
}

function askOf({ prompt = 0, cached = 0, maxTokens }: AzureCall): QuotaAsk {
  return { inputTokens: prompt, cachedTokens: cached, promptCharacters: prompt, maxOutputTokens: maxTokens };
}

function outcomeOf(admission: Admission): string {
  return admission.kind === "admitted" ? "admitted" : admission.refusal.kind;
}

function expectDetails(limiter: Limiter, atMs: number, admission: Admission, expected: AzureExpectation): void {
  if (expected.outcome === "admitted") {
    const { requests, tokens, utilization } = limiter.snapshot(atMs);
    if (expected.requests !== undefined) expect(shown(requests)).toEqual(expected.requests);
    if (expected.tokens !== undefined) expect(shown(tokens)).toEqual(expected.tokens);
    if (expected.utilization !== undefined) expect(utilization).toBeCloseTo(expected.utilization, 9);
  } else if (admission.kind === "refused" && expected.outcome === "rate-limit") {
    const { outcome, ...details } = expected;
    expect(admission.refusal).toMatchObject({ kind: outcome, ...details });
  }
}

function shown(state: LimitState | undefined): readonly number[] {
  return state === undefined ? [] : [state.remaining, state.resetMs];
}
