import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import type { Provider, ProviderAsk, ProviderDecision, Ticket } from "../../../behavior/provider.ts";
import { createProvider, type ProviderOptions } from "../../../behavior/provider-model.ts";
import { InvariantError } from "../../../core/invariant.ts";
import { randomStream } from "../../../core/random.ts";
import type { FaultSpec } from "../../../core/scenario/fault-spec.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import type { TimelineEntry } from "../../../core/scenario/scenario.ts";

const seed = 20_261_121;

describe("what stops a call", () => {
  const down = fault({ kind: "outage", how: "status", status: 503 });
  const resets = fault({ kind: "outage", how: "reset", status: 0 });

  it("is decided in the order of a hosted API: connection, key, model, credit, limits, context, answered fault", () => {
    const everything = { apiKey: "nobody", model: "gpt-0", maxOutputTokens: 200_000 };
    const limits = [model({ tokensPerMinute: 300_000 })];
    const first = (faults: readonly TimelineEntry[], call: Partial<ProviderAsk>): string =>
      reasonOf(provider({ faults: createFaultSchedule(faults), models: limits }).begin(0, ask(call)));
    expect(first([resets, down], everything)).toBe("drop reset");
    expect(first([down], everything)).toBe("unknown-key");
    expect(first([down], { ...everything, apiKey: "broke" })).toBe("unknown-model");
    expect(first([down], { apiKey: "broke", maxOutputTokens: 200_000 })).toBe("insufficient-quota");
    expect(first([down], { maxOutputTokens: 300_001 })).toBe("request-too-large");
    expect(first([down], { maxOutputTokens: 200_000 })).toBe("context-length");
    expect(first([down], {})).toBe("fault");
    expect(first([], {})).toBe("serve");
  });

  it("uses up quota once it has passed the limits, and none before", () => {
    const remainingAfter = (faults: readonly TimelineEntry[], call: Partial<ProviderAsk>): number | undefined => {
      const one = provider({ faults: createFaultSchedule(faults), models: [model({ requestsPerMinute: 10 })] });
      one.begin(0, ask(call));
      return one.snapshot(0, "key", "gpt-4o-mini").requests?.remaining;
    };
    expect(remainingAfter([resets], {})).toBe(10);
    expect(remainingAfter([], { model: "gpt-0" })).toBe(10);
    expect(remainingAfter([down], {})).toBe(9);
    expect(remainingAfter([], { maxOutputTokens: 200_000 })).toBe(9);
  });

  it("names the context length and what was asked of it, prompt and max_tokens together", () => {
    const fits = provider().begin(0, ask({ inputTokens: 100_000, maxOutputTokens: 28_000 }));
    expect(fits.kind).toBe("serve");
    const tooLong = provider().begin(0, ask({ inputTokens: 100_000, maxOutputTokens: 28_001 }));
    expect(tooLong).toMatchObject({ refusal: { kind: "context-length", limit: 128_000, requested: 128_001 } });
  });

  it("carries the fault's status and retry time", () => {
    const storm = fault({ kind: "error-rate", status: 429, retryAfterMs: 1_500 });
    const decision = provider({ faults: createFaultSchedule([storm]) }).begin(0, ask());
    expect(decision).toMatchObject({ refusal: { kind: "fault", status: 429, retryAfterMs: 1_500 } });
  });
});

describe("a served call", () => {
  it.each([
    { why: "gives what was wished for", wish: { outputTokens: 200 }, outputTokens: 200, finish: "stop" },
    {
      why: "stops at max_tokens",
      wish: { outputTokens: 200, maxOutputTokens: 50 },
      outputTokens: 50,
      finish: "length",
    },
    {
      why: "ends by itself at max_tokens",
      wish: { outputTokens: 50, maxOutputTokens: 50 },
      outputTokens: 50,
      finish: "stop",
    },
    {
      why: "stops where the context is full",
      wish: { inputTokens: 127_990, outputTokens: 200 },
      outputTokens: 10,
      finish: "length",
    },
  ])("$why", ({ wish, outputTokens, finish }) => {
    expect(planOf(provider().begin(0, ask(wish)))).toMatchObject({ outputTokens, chunks: outputTokens, finish });
  });

  it("takes the same time for the same request, whatever came before it and at whatever instant", () => {
    const busy = provider();
    for (let call = 0; call < 50; call++) busy.begin(call, ask({ requestKey: `other${call}` }));
    const [alone, among] = [planOf(provider().begin(0, ask())), planOf(busy.begin(9_000, ask()))];
    expect(alone.ttftMs).toBeGreaterThan(0);
    expect(timesOf(among)).toEqual(timesOf(alone));
  });

  it("takes another time for a retry, for another request and at another provider", () => {
    const others = [
      provider().begin(0, ask({ attempt: 2 })),
      provider().begin(0, ask({ requestKey: "another" })),
      provider({ name: "fallback" }).begin(0, ask()),
    ];
    const times = [provider().begin(0, ask()), ...others].map((decision) => planOf(decision).ttftMs);
    expect(new Set(times).size).toBe(4);
  });

  it("is slower by both scales, by a latency fault and by the share of tokens in use", () => {
    const base = planOf(provider().begin(0, ask()));
    const slow = fault({ kind: "latency", factor: 3 });
    const factorOf = (given: Given, before: readonly ProviderAsk[] = []): number => {
      const one = provider(given);
      for (const earlier of before) one.begin(0, earlier);
      return planOf(one.begin(0, ask())).totalMs / base.totalMs;
    };
    expect(factorOf({ latencyScale: 0.1 })).toBeCloseTo(0.1, 9);
    expect(factorOf({ models: [model({ latencyScale: 2 })] })).toBeCloseTo(2, 9);
    expect(factorOf({ faults: createFaultSchedule([slow, slow]) })).toBeCloseTo(9, 9);
    const half = ask({ requestKey: "half", maxOutputTokens: 50_000 });
    expect(factorOf({ models: [model({ tokensPerMinute: 100_000 })] }, [half])).toBeCloseTo(1 + 0.15 / 4, 9);
    expect(factorOf({ latencyScale: 0 })).toBe(0);
  });

  it("costs what was really generated, rounded once", () => {
    const one = provider();
    const ticket = ticketOf(one.begin(0, ask({ inputTokens: 1_000, cachedTokens: 400, outputTokens: 200 })));
    expect(one.inFlight()).toBe(1);
    // 600 x $0.15 + 400 x $0.075 + 120 x $0.60 per million
    expect(one.finish(500, ticket, { outputTokens: 120, wastedTokens: 20, completed: false })).toBe(192_000);
    expect(one.inFlight()).toBe(0);
    expect(one.ledger(500)).toMatchObject({ cost: 192_000, outputTokens: 120, wastedTokens: 20, unpricedModels: [] });
  });

  it("costs nothing where there is no price, and the ledger says so", () => {
    const one = provider({ models: [model({ model: "in-house" })] });
    const ticket = ticketOf(one.begin(0, ask({ model: "in-house" })));
    expect(one.finish(1, ticket, { outputTokens: 5, wastedTokens: 0, completed: true })).toBe(0);
    expect(one.ledger(1).unpricedModels).toEqual(["in-house"]);
  });

  it("is finished once", () => {
    const one = provider();
    const ticket = ticketOf(one.begin(0, ask()));
    const usage = { outputTokens: 1, wastedTokens: 0, completed: true };
    one.finish(1, ticket, usage);
    expect(() => one.finish(1, ticket, usage)).toThrow(InvariantError);
    expect(() => provider().finish(1, { id: 99 }, usage)).toThrow(InvariantError);
  });
});

describe("a provider as a whole", () => {
  it("has served, refused or failed every call, and its bins add up to its totals, for any traffic", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { one, decisions, costs } = played(steps);
        const ledger = one.ledger(steps.length * 1_000);
        expect(ledger.calls).toBe(steps.length);
        expect(ledger.calls).toBe(ledger.served + ledger.refused + ledger.failed);
        expect(ledger.failed).toBe(decisions.filter(byFault).length);
        expect(ledger.served).toBe(decisions.filter((decision) => decision.kind === "serve").length);
        expect(one.inFlight()).toBe(ledger.served - costs.length);
        expect(ledger.cost).toBe(costs.reduce((sum, cost) => sum + cost, 0));
        for (const field of ["calls", "refused", "inputTokens", "outputTokens", "cost"] as const) {
          expect(
            ledger.usage.reduce((sum, bin) => sum + bin[field], 0),
            field,
          ).toBe(ledger[field]);
        }
      }),
      { seed },
    );
  });

  it("decides the same again for the same seed", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const [once, again] = [played(steps), played(steps)];
        expect(JSON.stringify(again.decisions)).toBe(JSON.stringify(once.decisions));
        expect(again.one.ledger(1e6)).toEqual(once.one.ledger(1e6));
      }),
      { seed, numRuns: 20 },
    );
  });

  it("reports the limits of its busiest key, scaled to a minute", () => {
    const one = provider({ models: [model({ requestsPerMinute: 500 })] });
    expect(one.ledger(0).limits).toEqual([{ model: "gpt-4o-mini", requestsPerMinute: 500, tokensPerMinute: null }]);
    one.begin(0, ask({ apiKey: "tight" }));
    expect(one.ledger(0).limits).toEqual([{ model: "gpt-4o-mini", requestsPerMinute: 36, tokensPerMinute: null }]);
  });

  it("shows no limits to a key or model it does not know", () => {
    const nothing = { requests: undefined, tokens: undefined };
    const one = provider({ models: [model({ requestsPerMinute: 500 })] });
    expect(one.snapshot(0, "nobody", "gpt-4o-mini")).toEqual(nothing);
    expect(one.snapshot(0, "key", "gpt-0")).toEqual(nothing);
  });

  it("cannot have one key twice", () => {
    const twice = { apiKey: "key", organization: "org", state: "active" } as const;
    expect(() => provider({ accounts: [twice, twice] })).toThrow(InvariantError);
  });
});

/** What a test wants different from one unlimited gpt-4o-mini behind three keys. */
type Given = Partial<Omit<ProviderOptions, "spec">> & {
  readonly name?: string;
  readonly models?: readonly ModelSpec[];
};

function provider({ name = "openai", models = [model()], ...more }: Given = {}): Provider {
  return createProvider({
    spec: { name, dialect: "openai", models, sliceMs: 0 },
    accounts: [
      { apiKey: "key", organization: "org", state: "active" },
      { apiKey: "broke", organization: "org-broke", state: "insufficient-quota" },
      {
        apiKey: "tight",
        organization: "org",
        state: "active",
        limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "requests per 5 s" }],
      },
    ],
    random: randomStream(seed),
    prices: genaiPrices("openai"),
    faults: createFaultSchedule(),
    latencyScale: 1,
    ...more,
  });
}

function model(more: Partial<ModelSpec> = {}): ModelSpec {
  return {
    model: "gpt-4o-mini",
    requestsPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerMinute: undefined,
    tokensPerDay: undefined,
    latencyProfile: "openai-gpt-4o-mini",
    latencyScale: 1,
    ...more,
  };
}

function ask(more: Partial<ProviderAsk> = {}): ProviderAsk {
  return {
    apiKey: "key",
    requestKey: "u1.s1.t1",
    attempt: 1,
    model: "gpt-4o-mini",
    inputTokens: 100,
    cachedTokens: 0,
    promptCharacters: 400,
    maxOutputTokens: undefined,
    outputTokens: 40,
    stream: true,
    ...more,
  };
}

type FaultKind =
  | Pick<Extract<FaultSpec, { kind: "outage" }>, "kind" | "how" | "status">
  | Pick<Extract<FaultSpec, { kind: "error-rate" }>, "kind" | "status" | "retryAfterMs">
  | Pick<Extract<FaultSpec, { kind: "latency" }>, "kind" | "factor">;

function fault(kind: FaultKind, share = 1): TimelineEntry {
  return { atMs: 0, forMs: undefined, fault: { provider: "openai", model: undefined, share, ...kind } };
}

function reasonOf(decision: ProviderDecision): string {
  if (decision.kind === "refuse") return decision.refusal.kind;
  return decision.kind === "drop" ? `drop ${decision.how}` : decision.kind;
}

function byFault(decision: ProviderDecision): boolean {
  return decision.kind === "drop" || (decision.kind === "refuse" && decision.refusal.kind === "fault");
}

function planOf(decision: ProviderDecision): Extract<ProviderDecision, { kind: "serve" }>["plan"] {
  if (decision.kind !== "serve") return expect.fail(`expected a served call, got ${reasonOf(decision)}`);
  return decision.plan;
}

function ticketOf(decision: ProviderDecision): Ticket {
  if (decision.kind !== "serve") return expect.fail(`expected a served call, got ${reasonOf(decision)}`);
  return decision.ticket;
}

function timesOf(plan: ReturnType<typeof planOf>): readonly number[] {
  return Array.from({ length: plan.chunks }, (_, index) => plan.chunkAtMs(index));
}

/** A call and whether its answer is finished at once. */
const step = fc.record({
  apiKey: fc.constantFrom("key", "key", "tight", "broke", "nobody"),
  model: fc.constantFrom("gpt-4o-mini", "gpt-4o-mini", "in-house", "gpt-0"),
  maxOutputTokens: fc.option(fc.integer({ min: 1, max: 200_000 }), { nil: undefined }),
  outputTokens: fc.integer({ min: 0, max: 500 }),
  finished: fc.boolean(),
});

interface Step {
  readonly apiKey: string;
  readonly model: string;
  readonly maxOutputTokens: number | undefined;
  readonly outputTokens: number;
  readonly finished: boolean;
}

function played(steps: readonly Step[]): {
  one: Provider;
  decisions: readonly ProviderDecision[];
  costs: readonly number[];
} {
  const faults = createFaultSchedule([
    fault({ kind: "outage", how: "reset", status: 0 }, 0.1),
    fault({ kind: "error-rate", status: 500, retryAfterMs: undefined }, 0.2),
    fault({ kind: "latency", factor: 2 }, 0.5),
  ]);
  const models = [model({ requestsPerMinute: 30, tokensPerMinute: 250_000 }), model({ model: "in-house" })];
  const one = provider({ faults, models });
  const costs: number[] = [];
  const decisions = steps.map(({ finished, ...call }, index) => {
    const decision = one.begin(index * 500, ask({ ...call, requestKey: `r${index}` }));
    if (decision.kind === "serve" && finished) {
      const usage = { outputTokens: decision.plan.outputTokens, wastedTokens: 0, completed: true };
      costs.push(one.finish(index * 500, decision.ticket, usage));
    }
    return decision;
  });
  return { one, decisions, costs };
}
