import { describe, expect, it } from "vitest";
import { summarize } from "../../analyzers/percentile.ts";
import { totalsFold } from "../../analyzers/run-totals.ts";
import { randomStream } from "../../core/random.ts";
import { answeredIn, madeRecord, refused } from "./made-run.ts";

describe("the totals of a run", () => {
  it("are the sums and percentiles of the records that went by, which are not kept", () => {
    const random = randomStream(3);
    const latenciesMs = Array.from({ length: 2_000 }, () => Math.exp(6 + random.normal()));
    const { add, totals } = totalsFold();
    const records = [...answeredIn(latenciesMs), refused("r1"), refused("r2")];
    for (const record of records) add(record);
    const { requests, outcomes, latency, cost, upstreamCalls } = totals();
    expect({ requests, outcomes }).toEqual({ requests: 2_002, outcomes: { ok: 2_000, "rate-limited": 2 } });
    expect(cost).toBe(records.reduce((sum, record) => sum + record.cost, 0));
    expect(upstreamCalls).toBe(records.reduce((sum, record) => sum + record.upstreamCalls, 0));
    const exact = summarize(records.slice(0, 2_000).map((record) => record.endMs - record.intendedMs));
    expect(latency.e2e.samples).toBe(2_000);
    expect(latency.e2e.maxMs).toBe(exact?.max);
    for (const [sketched, known] of [
      [latency.e2e.p50Ms, exact?.p50],
      [latency.e2e.p95Ms, exact?.p95],
      [latency.e2e.p99Ms, exact?.p99],
    ] as const) {
      expect(Math.abs((sketched ?? 0) / (known ?? 1) - 1)).toBeLessThan(0.011);
    }
  });

  it("leave warm-up out, and say where nothing was answered", () => {
    const { add, totals } = totalsFold();
    add(madeRecord({ phase: "warmup" }));
    add(refused("r1"));
    expect(totals()).toMatchObject({ requests: 1, latency: { e2e: { samples: 0, p95Ms: null, maxMs: null } } });
  });
});
