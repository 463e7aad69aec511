import { describe, expect, it } from "vitest";
import { degradation, pairRecords } from "../../analyzers/degradation.ts";
import { conversationOf } from "../../core/conversation.ts";
import { objectiveFindings } from "../../analyzers/objectives.ts";
import type { Judgement } from "../../core/finding.ts";
import { randomStream } from "../../core/random.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "./made-run.ts";

interface Planted {
  readonly conversations: number;
  readonly turns: number;
  /** Load latency over baseline latency. */
  readonly factor: number;
  /** Standard deviation of the logarithm of what each side adds by chance. */
  readonly noise: number;
}

/** A run whose load phase is slower than its baseline by a known factor. Seed 20. */
function planted({ conversations, turns, factor, noise }: Planted): Run {
  const random = randomStream(20);
  const records: RequestRecord[] = [];
  for (let index = 0; index < conversations * turns; index++) {
    const key = `u${index % conversations}.s0.t${Math.floor(index / conversations)}`;
    const e2eMs = 2_000 * Math.exp(0.4 * random.normal());
    const alone = e2eMs * Math.exp(noise * random.normal());
    const together = e2eMs * factor * Math.exp(noise * random.normal());
    records.push(madeRecord({ key, phase: "baseline", endMs: alone, firstTokenMs: alone / 4 }));
    records.push(madeRecord({ key, phase: "load", endMs: together, firstTokenMs: together / 4 }));
  }
  return madeRun(records);
}

const atMostTenPercent = madeScenario([
  objective("degradation.ttft.p95", "<=", 0.1),
  objective("degradation.e2e.p95", "<=", 0.1),
]);

function judgements(run: Run): readonly (Judgement | undefined)[] {
  return objectiveFindings(run, atMostTenPercent).map((finding) => finding.judgement);
}

describe("degradation against the baseline", () => {
  it("passes identical phases, with no change at all", () => {
    const run = planted({ conversations: 20, turns: 4, factor: 1, noise: 0 });
    const found = degradation(run, "e2e", 0.95);
    expect(found).toMatchObject({ kind: "estimate", change: 0, interval: [0, 0], pairs: 80, conversations: 20 });
    expect(judgements(run)).toEqual(["pass", "pass"]);
  });

  it("fails a planted slow-down of 20 %", () => {
    const run = planted({ conversations: 20, turns: 4, factor: 1.2, noise: 0.01 });
    const [ttft] = objectiveFindings(run, atMostTenPercent);
    expect(ttft?.measured).toBeCloseTo(0.2, 1);
    expect(ttft?.interval?.[0]).toBeGreaterThan(0.1);
    expect(judgements(run)).toEqual(["fail", "fail"]);
  });

  it("passes a slow-down of 5 % that is known to a percent", () => {
    expect(judgements(planted({ conversations: 20, turns: 4, factor: 1.05, noise: 0.005 }))).toEqual(["pass", "pass"]);
  });

  it("is inconclusive about a small, noisy sample, whose interval holds the limit", () => {
    const run = planted({ conversations: 20, turns: 3, factor: 1.08, noise: 0.3 });
    const [ttft] = objectiveFindings(run, atMostTenPercent);
    expect(ttft?.interval?.[0]).toBeLessThan(0.1);
    expect(ttft?.interval?.[1]).toBeGreaterThan(0.1);
    expect(judgements(run)).toEqual(["inconclusive", "inconclusive"]);
  });

  it("is inconclusive with 58 pairs and says that p95 needs 59, and judges 59", () => {
    const short = planted({ conversations: 29, turns: 2, factor: 1, noise: 0 });
    const [ttft] = objectiveFindings(short, atMostTenPercent);
    expect(ttft).toMatchObject({ judgement: "inconclusive", samples: 58 });
    expect(ttft?.detail).toBe("59 pairs are needed to bound this percentile, 58 are there");
    expect(judgements(planted({ conversations: 59, turns: 1, factor: 1, noise: 0 }))).toEqual(["pass", "pass"]);
  });

  it("is inconclusive with enough pairs from too few conversations", () => {
    const found = degradation(planted({ conversations: 9, turns: 10, factor: 1, noise: 0 }), "ttft", 0.95);
    expect(found).toMatchObject({ kind: "none", why: "10 conversations are needed for an interval, 9 are there" });
  });

  it("is inconclusive without a baseline", () => {
    const run = madeRun([madeRecord()]);
    expect(degradation(run, "ttft", 0.95)).toMatchObject({ kind: "none", why: expect.stringContaining("no baseline") });
    expect(judgements(run)).toEqual(["inconclusive", "inconclusive"]);
  });

  it("is inconclusive when the baseline took no time", () => {
    const run = planted({ conversations: 60, turns: 1, factor: 1, noise: 0 });
    const instant = run.records.map((record) => (record.phase === "baseline" ? { ...record, endMs: 0 } : record));
    expect(degradation({ ...run, records: instant }, "e2e", 0.95)).toMatchObject({ kind: "none" });
  });

  it("gives the same interval again from the same run, and does not depend on the order of its records", () => {
    const run = planted({ conversations: 20, turns: 4, factor: 1.1, noise: 0.1 });
    const first = degradation(run, "ttft", 0.95);
    expect(first).toMatchObject({ kind: "estimate" });
    expect(degradation(run, "ttft", 0.95)).toEqual(first);
    expect(degradation({ ...run, records: run.records.toReversed() }, "ttft", 0.95)).toEqual(first);
  });
});

describe("pairing", () => {
  it("leaves out pairs with a failed side and says so, whichever side failed", () => {
    const run = planted({ conversations: 31, turns: 2, factor: 1, noise: 0 });
    const failing = run.records.map((record) => {
      const fails =
        (record.phase === "load" && record.key === "u3.s0.t0") ||
        (record.phase === "baseline" && record.key === "u4.s0.t1");
      return fails ? refused(record.key, { phase: record.phase }) : record;
    });
    expect(degradation({ ...run, records: failing }, "ttft", 0.95)).toMatchObject({
      kind: "estimate",
      pairs: 60,
      note: "60 pairs from 31 conversations; 2 pairs with a failed request are left out",
    });
  });

  it("counts requests that only one phase has", () => {
    const baseline = [madeRecord({ key: "a", phase: "baseline" }), madeRecord({ key: "b", phase: "baseline" })];
    const load = [madeRecord({ key: "b" }), madeRecord({ key: "c" }), madeRecord({ key: "d" })];
    expect(pairRecords(baseline, load)).toMatchObject({ failedPairs: 0, unpaired: 3 });
    expect(pairRecords(baseline, load).pairs.map((pair) => pair.load.key)).toEqual(["b"]);
  });

  it.each([
    { key: "u3.s0.t2", expected: "u3.s0" },
    { key: "u3.t1.t12", expected: "u3.t1" },
    { key: "r17", expected: "r17" },
  ])("takes $key for a turn of $expected", ({ key, expected }) => {
    expect(conversationOf(key)).toBe(expected);
  });
});
