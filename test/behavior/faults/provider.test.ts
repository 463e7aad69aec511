/** What a provider plans, refuses and limits while faults are in force. */
import { describe, expect, it } from "vitest";
import { createFaultSchedule, type FaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import type { Provider, ProviderAsk, ProviderDecision, ResponsePlan } from "../../../behavior/provider.ts";
import { randomStream } from "../../../core/random.ts";
import type { FaultKind, FaultTarget } from "../../../core/scenario/fault-spec.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";

const model: ModelSpec = {
  model: "gpt-4o-mini",
  requestsPerMinute: 100,
  requestsPerDay: undefined,
  tokensPerMinute: undefined,
  tokensPerDay: undefined,
  latencyProfile: "openai-gpt-4o-mini",
  latencyScale: 1,
};

const ask: ProviderAsk = {
  apiKey: "key",
  requestKey: "r1",
  attempt: 1,
  model: "gpt-4o-mini",
  inputTokens: 100,
  cachedTokens: 0,
  promptCharacters: 400,
  maxOutputTokens: undefined,
  outputTokens: 40,
  stream: true,
};

function providerWith(faults: FaultSchedule, latencyScale = 1): Provider {
  return createProvider({
    spec: { name: "openai", dialect: "openai", region: "eu", models: [model], sliceMs: 0 },
    accounts: ["key", "other"].map((apiKey) => ({ apiKey, organization: "org", state: "active" })),
    random: randomStream(3),
    prices: genaiPrices("openai"),
    faults,
    latencyScale,
  });
}

function scheduled(fault: FaultKind, aim: Partial<FaultTarget> = {}): FaultSchedule {
  const target = { provider: "openai", model: undefined, share: 1, ...aim };
  return createFaultSchedule([{ atMs: 0, forMs: 1_000, fault: { ...target, ...fault } }]);
}

function decided(fault: FaultKind, call: Partial<ProviderAsk> = {}, latencyScale = 1): ProviderDecision {
  return providerWith(scheduled(fault), latencyScale).begin(0, { ...ask, ...call });
}

function planned(fault: FaultKind, call: Partial<ProviderAsk> = {}, latencyScale = 1): ResponsePlan {
  const decision = decided(fault, call, latencyScale);
  if (decision.kind !== "serve") return expect.fail(`the call was not served: ${decision.kind}`);
  return decision.plan;
}

const nothing: FaultKind = { kind: "latency", factor: 1 };

describe("the plan of an answer", () => {
  it("is later by a slow first token, every event by as much, and not at all where nothing takes time", () => {
    const late: FaultKind = { kind: "slow-first-token", byMs: 700 };
    const [usual, slow] = [planned(nothing), planned(late)];
    expect(slow.ttftMs - usual.ttftMs).toBeCloseTo(700, 9);
    expect(slow.totalMs - usual.totalMs).toBeCloseTo(700, 9);
    expect(slow.chunkAtMs(5) - usual.chunkAtMs(5)).toBeCloseTo(700, 9);
    expect(slow.chunkAtMs(0)).toBe(slow.ttftMs);
    expect(planned(late, {}, 0.5).ttftMs).toBeCloseTo(slow.ttftMs / 2, 9);
    expect(planned(late, {}, 0).ttftMs).toBe(0);
  });

  it("ends early for a content filter, and says so", () => {
    expect(planned({ kind: "content-filter", after: 0.25 })).toMatchObject({
      outputTokens: 10,
      chunks: 10,
      finish: "content_filter",
    });
  });

  it("breaks off after a share of its events, with the status that an error would have", () => {
    expect(planned({ kind: "cut-stream", after: 0.5 }).broken).toEqual({ how: "cut", afterChunks: 20 });
    expect(planned({ kind: "stalled-stream", after: 1 }).broken).toEqual({ how: "stall", afterChunks: 40 });
    const error = planned({ kind: "error-event", after: 0, error: "overloaded" }).broken;
    expect(error).toEqual({ how: "error-event", status: 503, afterChunks: 0 });
  });

  it.each([
    { fault: { kind: "truncated-stream", after: 0.5 }, how: undefined },
    { fault: { kind: "error-event", after: 0.5, error: "internal" }, how: undefined },
    { fault: { kind: "cut-stream", after: 0.5 }, how: "cut" },
    { fault: { kind: "malformed-chunk", after: 0.5 }, how: "malformed" },
  ] as const)("in one piece has no events to leave out or to add: $fault.kind", ({ fault, how }) => {
    expect(planned(fault, { stream: false }).broken?.how).toBe(how);
  });

  it("reports wrong usage only while it is wrong", () => {
    expect(planned({ kind: "wrong-usage", factor: 3 }).usageFactor).toBe(3);
    expect(planned(nothing).usageFactor ?? 1).toBe(1);
  });
});

describe("a connection that fails", () => {
  it("is noticed after its time, scaled like every other", () => {
    const dead: FaultKind = { kind: "connection", how: "timeout", waitMs: undefined };
    expect(decided(dead, {}, 0.1)).toEqual({ kind: "drop", how: "timeout", afterMs: 1_000 });
  });
});

describe("a revoked key", () => {
  it("is refused as unknown, and no other", () => {
    const one = providerWith(scheduled({ kind: "credential-revoked" }, { key: "other" }));
    expect(one.begin(0, { ...ask, apiKey: "other" })).toMatchObject({ refusal: { kind: "unknown-key" } });
    expect(one.begin(0, ask).kind).toBe("serve");
  });
});

describe("a cut of limits", () => {
  it("holds for every key that shares them, while it is in force", () => {
    const one = providerWith(scheduled({ kind: "quota-cut", to: 0.1 }));
    const limitAt = (nowMs: number, apiKey: string): number | undefined =>
      one.snapshot(nowMs, apiKey, model.model).requests?.limit;
    expect(limitAt(0, "key")).toBe(10);
    expect(limitAt(999, "other")).toBe(10);
    expect(limitAt(1_000, "key")).toBe(100);
  });

  it("is over for keys that were not used while it lasted", () => {
    const one = providerWith(scheduled({ kind: "quota-cut", to: 0.1 }));
    one.begin(0, ask);
    expect(one.begin(1_000, { ...ask, apiKey: "other" })).toMatchObject({ quota: { requests: { limit: 100 } } });
  });

  it("may be a raise: twice the limit passes, and no more", () => {
    const one = providerWith(scheduled({ kind: "quota-cut", to: 2 }));
    const kinds = Array.from({ length: 201 }, (_, call) => one.begin(0, { ...ask, requestKey: `r${call}` }).kind);
    expect(one.snapshot(0, "key", model.model).requests?.limit).toBe(200);
    expect([kinds[0], kinds[199], kinds[200]]).toEqual(["serve", "serve", "refuse"]);
  });

  it("refuses what is above it, with a wait that is true", () => {
    const one = providerWith(scheduled({ kind: "quota-cut", to: 0.02 }));
    const decisions = ["a", "b", "c"].map((requestKey) => one.begin(0, { ...ask, requestKey }));
    expect(decisions.map(({ kind }) => kind)).toEqual(["serve", "serve", "refuse"]);
  });
});
