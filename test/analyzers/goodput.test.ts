import { describe, expect, it } from "vitest";
import { goodput, requestLimits } from "../../analyzers/goodput.ts";
import { madeRecord, objective, refused } from "./made-run.ts";

describe("goodput", () => {
  it("takes the loosest upper limit of each latency for a single request, and ignores means and lower limits", () => {
    const limits = requestLimits([
      objective("ttft.p50", "<", 1_000),
      objective("ttft.p95", "<=", 2_000),
      objective("e2e.mean", "<", 9_999),
      objective("e2e.p99", "<", 5_000),
      objective("itl.p50", ">", 1),
      objective("errors", "<", 0.01),
    ]);
    expect(limits).toEqual([
      { kind: "ttft", limitMs: 2_000, inclusive: true },
      { kind: "e2e", limitMs: 5_000, inclusive: false },
    ]);
  });

  it("counts requests that were answered within every limit at once", () => {
    const records = [
      madeRecord({ key: "good", firstTokenMs: 100, endMs: 900 }),
      madeRecord({ key: "slow start", firstTokenMs: 101, endMs: 900 }),
      madeRecord({ key: "slow end", firstTokenMs: 100, endMs: 1_000 }),
      refused("refused"),
    ];
    const limits = requestLimits([objective("ttft.p95", "<=", 100), objective("e2e.p95", "<", 1_000)]);
    expect(goodput(records, limits)).toEqual({ part: 1, whole: 4, share: 0.25 });
  });

  it("is the share of answered requests when no latency is limited", () => {
    expect(goodput([madeRecord(), refused("r1")], []).share).toBe(0.5);
  });

  it("does not hold the lack of an inter-token latency against an answer that was not streamed", () => {
    expect(goodput([madeRecord({ stream: false })], requestLimits([objective("itl.p95", "<", 1)])).share).toBe(1);
  });
});
