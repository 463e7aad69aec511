/** Who is let in, who waits, and who gets an answer that is there already: worked out by hand. All times in milliseconds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BudgetsSpec } from "../../core/scenario/budget-spec.ts";
import type { PlatformSpec } from "../../core/scenario/platform-spec.ts";
import { hourMs, minuteMs } from "../../core/time.ts";
import {
  answerAt10,
  gatewayOf,
  nanoPerToken,
  openPhase,
  type Play,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const fiveTokens: Script = { kind: "answer", chunksAtMs: [10, 20, 30, 40, 50] };

interface Arrival {
  readonly atMs: number;
  readonly tenant?: string;
  readonly model?: string;
}

function played(platform: Partial<PlatformSpec>, arrivals: readonly Arrival[], script: Script = fiveTokens): Play {
  const provider = scriptedProvider("a", [script]);
  const requests = arrivals.map((arrival, index) => request(`r${index}`, arrival));
  const routes = ["m", "dear"].map((model) => ({ model, providers: ["a"] }));
  return play([openPhase(requests)], [provider], gatewayOf(), {
    platform: { routes, ...platform },
    dearness: new Map([
      ["m", 1],
      ["dear", 2],
    ]),
    timeoutMs: 2 * hourMs,
  });
}

const inOrder = ({ records }: Play): Play["records"] =>
  records.toSorted((left, right) => left.key.localeCompare(right.key, "en", { numeric: true }));
const reasons = (run: Play): readonly string[] => inOrder(run).map(({ reason }) => reason);

describe("a tenant's limits", () => {
  const limits = { tenant: "t", requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined };

  it("let so many requests pass in the minute that the first one begins", () => {
    const tenants = [{ ...limits, requestsPerMinute: 2 }];
    const run = played({ tenants }, [
      { atMs: 30_000, tenant: "t" },
      { atMs: 30_100, tenant: "t" },
      { atMs: 30_200, tenant: "t" },
      { atMs: 30_300, tenant: "other" },
      { atMs: 89_999, tenant: "t" },
      { atMs: 90_000, tenant: "t" },
    ]);
    expect(reasons(run)).toEqual(["", "", "tenant-requests", "", "tenant-requests", ""]);
  });

  it("count tokens when an answer has ended", () => {
    const tenants = [{ ...limits, tokensPerMinute: 25 }]; // each request has 10 of prompt and 5 of answer
    const run = played(
      { tenants },
      [0, 10, 100, 200].map((atMs) => ({ atMs, tenant: "t" })),
    );
    expect(reasons(run)).toEqual(["", "", "tenant-tokens", "tenant-tokens"]);
  });

  it("let so many requests in at once", () => {
    const tenants = [{ ...limits, concurrency: 1 }];
    const run = played(
      { tenants },
      [0, 49, 51].map((atMs) => ({ atMs, tenant: "t" })),
    );
    expect(reasons(run)).toEqual(["", "tenant-concurrency", ""]);
  });
});

describe("a budget", () => {
  const answer = 5 * nanoPerToken;
  const budgets = (changes: Partial<BudgetsSpec> = {}): BudgetsSpec => ({
    budgets: [{ tenant: "t", limit: 2 * answer, periodMs: minuteMs }],
    onBreach: "refuse",
    degradeFrom: 0.5,
    ...changes,
  });

  it("refuses whoever has spent it until the next period, and nobody else", () => {
    const run = played({ budgets: budgets() }, [
      { atMs: 0, tenant: "t" },
      { atMs: 100, tenant: "t" },
      { atMs: 200, tenant: "t" },
      { atMs: 250, tenant: "t" },
      { atMs: 300, tenant: "other" },
      { atMs: minuteMs, tenant: "t" },
    ]);
    expect(reasons(run)).toEqual(["", "", "budget-tenant", "budget-tenant", "", ""]);
    expect(run.events).toEqual([
      expect.objectContaining({
        atMs: 200,
        kind: "budget-spent",
        subject: "t",
        text: expect.stringContaining("refused"),
      }),
    ]);
  });

  it("of all tenants together holds for each of them", () => {
    const total = budgets({ budgets: [{ tenant: undefined, limit: 2 * answer, periodMs: hourMs }] });
    const run = played({ budgets: total }, [
      { atMs: 0, tenant: "t" },
      { atMs: 100, tenant: "other" },
      { atMs: 200, tenant: "third" },
    ]);
    expect(reasons(run)).toEqual(["", "", "budget-total"]);
  });

  it("lets requests wait for the next period where it is told to", () => {
    const run = played(
      { budgets: budgets({ onBreach: "queue" }) },
      [0, 100, 200].map((atMs) => ({ atMs, tenant: "t" })),
    );
    expect(inOrder(run)[2]).toMatchObject({ outcome: "ok", firstTokenMs: minuteMs + 10 });
  });

  it("only says so where it is told to", () => {
    const run = played(
      { budgets: budgets({ onBreach: "notify" }) },
      [0, 100, 200].map((atMs) => ({ atMs, tenant: "t" })),
    );
    expect(reasons(run)).toEqual(["", "", ""]);
    expect(run.events.map(({ kind }) => kind)).toEqual(["budget-spent"]);
  });

  it("is answered from by a cheaper model when it runs low, and refuses when it is spent", () => {
    const dear = { tenant: "t", model: "dear" };
    const run = played({ budgets: budgets({ onBreach: "cheaper-model" }) }, [
      { atMs: 0, ...dear },
      { atMs: 100, ...dear },
      { atMs: 200, ...dear },
    ]);
    expect(inOrder(run).map(({ model, servedModel }) => [model, servedModel])).toEqual([
      ["dear", undefined],
      ["dear", "m"],
      ["dear", undefined],
    ]);
    expect(reasons(run)).toEqual(["", "", "budget-tenant"]);
  });

  it("is never exceeded by more than what is in flight", () => {
    const arrivals = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 20 }), (gaps, answers) => {
        let atMs = 0;
        const requests = gaps.map((gapMs) => ({ atMs: (atMs += gapMs), tenant: "t" }));
        const limit = answers * answer;
        const spec = budgets({ budgets: [{ tenant: "t", limit, periodMs: 24 * hourMs }] });
        const { records } = played({ budgets: spec }, requests);
        const spent = records.reduce((sum, { cost }) => sum + cost, 0);
        const inFlight = Math.max(
          ...requests.map(
            ({ atMs: nowMs }) => requests.filter((each) => each.atMs <= nowMs && nowMs < each.atMs + 50).length,
          ),
        );
        expect(spent).toBeLessThanOrEqual(limit + inFlight * answer);
      }),
      { seed: 1 },
    );
  });
});

describe("a response cache", () => {
  const cache = { ttlMs: 1_000, entriesMax: 10, repeats: 1, questions: 1, semantic: 0 };

  it("answers the same question at once and for nothing, for as long as it keeps an answer", () => {
    const run = played({ resilience: { cache } }, [{ atMs: 0 }, { atMs: 100 }, { atMs: 1_050 }]);
    // The first answer is kept at 50, and until 1,050.
    expect(inOrder(run)).toMatchObject([
      { upstreamCalls: 1, endMs: 50 },
      { upstreamCalls: 0, endMs: 100, outcome: "ok", cost: 0, outputTokens: 5, answeredFrom: "cache" },
      { upstreamCalls: 1, endMs: 1_100 },
    ]);
  });

  it("knows nothing of questions that are asked once, unless they mean the same as another", () => {
    const own = { ...cache, repeats: 0 };
    const arrivals = [{ atMs: 0 }, { atMs: 100 }];
    const hits = (semantic: number): readonly unknown[] =>
      inOrder(played({ resilience: { cache: { ...own, semantic } } }, arrivals)).map((record) => record.answeredFrom);
    expect(hits(0)).toEqual([undefined, undefined]);
    expect(hits(1)).toEqual([undefined, "similar"]);
  });

  it("keeps models apart", () => {
    const run = played({ resilience: { cache } }, [{ atMs: 0 }, { atMs: 100, model: "dear" }]);
    expect(run.records.map(({ upstreamCalls }) => upstreamCalls)).toEqual([1, 1]);
  });

  it("does not keep a failure", () => {
    const run = played({ resilience: { cache } }, [{ atMs: 0 }, { atMs: 100 }], {
      kind: "status",
      status: 500,
      afterMs: 5,
    });
    expect(run.records.map(({ status }) => status)).toEqual([500, 500]);
  });

  it("is empty after it was lost", () => {
    const timed = { atMs: 200, forMs: undefined, action: { kind: "cache-loss" } } as const;
    const provider = scriptedProvider("a", [answerAt10]);
    const requests = [0, 100, 300].map((atMs, index) => request(`r${index}`, { atMs }));
    const { records } = play([openPhase(requests)], [provider], gatewayOf(), {
      scenario: {
        seed: 7,
        timeline: [],
        events: [timed],
        platform: {
          gateway: "scripted",
          replicas: 1,
          routes: [{ model: "m", providers: ["a"] }],
          retries: { max: 0, on: [] },
          resilience: { cache },
        },
      },
    });
    expect(records.map(({ upstreamCalls }) => upstreamCalls)).toEqual([1, 0, 1]);
  });
});
