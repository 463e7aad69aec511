/** Bursty arrivals, open-loop conversations, samples, prompts that grow, traces that are scaled. */
import { mean, sampleStandardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { arrivalTimes } from "../../../behavior/traffic/arrivals.ts";
import { buildWorkload } from "../../../behavior/traffic/workload-builder.ts";
import { randomStream } from "../../../core/random.ts";
import type { ArrivalSegment, OpenLoad, Traffic } from "../../../core/scenario/traffic-spec.ts";
import { chat, phaseOf, requestsOf, scenarioOf, tenPeople } from "./made-scenario.ts";

const steady = (changes: Partial<ArrivalSegment> = {}): ArrivalSegment => {
  return { forMs: 1_000_000, fromPerMs: 0.02, toPerMs: 0.02, process: "poisson", ...changes };
};

const times = (segment: ArrivalSegment): readonly number[] => [...arrivalTimes([segment], randomStream(7))];

const gaps = (instants: readonly number[]): number[] => instants.slice(1).map((atMs, at) => atMs - (instants[at] ?? 0));

const open = (segment: Partial<ArrivalSegment> = {}): OpenLoad => ({ kind: "open", segments: [steady(segment)] });

const planned = (traffic: Partial<Traffic>): ReturnType<typeof requestsOf> =>
  requestsOf(phaseOf(buildWorkload(scenarioOf(traffic)), "load"));

describe("bursty arrivals", () => {
  it.each([0.5, 1, 2, 3])("with a coefficient of variation of %s keep their rate and have that deviation", (cv) => {
    const seen = gaps(times(steady({ process: "gamma", cv })));
    // 20,000 gaps: four standard errors of the mean, and of the deviation for gaps whose fourth moment grows with cv.
    expect(Math.abs(mean(seen) / 50 - 1)).toBeLessThan((4 * cv) / Math.sqrt(20_000));
    expect(Math.abs(sampleStandardDeviation(seen) / mean(seen) / cv - 1)).toBeLessThan(0.03 + 0.02 * cv);
  });

  it("on and off keep the average rate, and send nothing when it is quiet", () => {
    const bursts = { onMs: 5_000, offMs: 20_000, low: 0 };
    const instants = times(steady({ forMs: 10_000_000, bursts }));
    // 400 periods; the share of time that is on has a standard error of about 4 %.
    expect(Math.abs(instants.length / 200_000 - 1)).toBeLessThan(0.16);
    const quiet = gaps(instants).filter((gapMs) => gapMs > 1_000);
    expect(Math.abs(mean(quiet) / 20_000 - 1)).toBeLessThan(0.25);
  });

  it("leave arrivals without bursts as they are", () => {
    const plain = steady({ forMs: 60_000 });
    const after = [
      ...arrivalTimes([plain, steady({ bursts: { onMs: 5_000, offMs: 5_000, low: 0.5 } })], randomStream(7)),
    ];
    const before = times(plain);
    expect(after.slice(0, before.length)).toEqual(before);
  });
});

describe("open-loop conversations", () => {
  const sessions = { turns: { kind: "constant", value: 4 }, think: { kind: "constant", value: 8_000 } } as const;

  it("begin at the rate over their turns, and send a turn after each pause", () => {
    const requests = planned({ load: open(), sessions });
    expect(requests.map(({ atMs }) => atMs)).toEqual(requests.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
    expect(Math.abs(requests.length / 20_000 - 1)).toBeLessThan(0.06); // 5,000 conversations, less what the end cuts off
    const one = requests.filter(({ session }) => session === "s3");
    expect(one.map(({ key, turn }) => [key, turn])).toEqual([
      ["s3.t0", 0],
      ["s3.t1", 1],
      ["s3.t2", 2],
      ["s3.t3", 3],
    ]);
    for (const gapMs of gaps(one.map(({ atMs }) => atMs))) expect(gapMs).toBeCloseTo(8_000, 6);
  });

  it("carry what was said before", () => {
    const [first, second] = planned({ load: open(), sessions }).filter(({ session }) => session === "s0");
    const history = (first?.inputTokens ?? 0) + (first?.outputTokens ?? 0);
    expect(second?.historyTokens).toEqual([first?.inputTokens, first?.outputTokens]);
    expect(second?.inputTokens).toBeGreaterThan(history);
  });

  it("send nothing after the end of the traffic", () => {
    const requests = planned({ load: open({ forMs: 20_000 }), sessions });
    expect(Math.max(...requests.map(({ atMs }) => atMs))).toBeLessThan(20_000);
  });
});

describe("a sample", () => {
  const sampled = (share: number | undefined): ReturnType<typeof requestsOf> =>
    planned({ load: { ...tenPeople, sessionsPerUser: 50 }, ...(share === undefined ? {} : { sample: share }) });

  it("keeps conversations whole, about as many as it says", () => {
    const all = sampled(undefined);
    const kept = sampled(0.2);
    const sessions = new Set(kept.map(({ session }) => session));
    expect(kept).toEqual(all.filter(({ session }) => sessions.has(session)));
    // Of 500, 100 with a standard deviation of 9.
    expect(Math.abs(sessions.size - 100)).toBeLessThan(36);
  });

  it("of a larger share keeps those of a smaller one", () => {
    const larger = new Set(sampled(0.5).map(({ key }) => key));
    expect(sampled(0.2).every(({ key }) => larger.has(key))).toBe(true);
  });
});

describe("prompts that grow", () => {
  it("are as long as they were at first, and twice as long when they have doubled", () => {
    const input = { kind: "constant", value: 1_000 } as const;
    const requests = [{ ...chat, input, growthPerMs: Math.log(2) / 500_000 }];
    const sent = planned({ load: open({ process: "constant" }), requests });
    expect([sent[0]?.inputTokens, sent[10_000]?.inputTokens]).toEqual([1_000, 2_000]); // the latter at 500 s
  });
});

describe("a trace", () => {
  const rows = {
    count: 3,
    atMs: Float64Array.of(0, 1_000, 4_000),
    inputTokens: Uint32Array.of(100, 200, 300),
    outputTokens: Uint32Array.of(10, 20, 30),
    prefixBlocks: new Uint32Array(3),
  };

  it("is replayed faster and with longer requests where that is wished", () => {
    const load = { kind: "trace", format: "azure", file: undefined, speed: 2, lengths: 1.5 } as const;
    const workload = buildWorkload(scenarioOf({ load }), { trace: rows });
    const phase = phaseOf(workload, "load");
    expect(requestsOf(phase).map(({ atMs, inputTokens, outputTokens }) => [atMs, inputTokens, outputTokens])).toEqual([
      [0, 150, 15],
      [500, 300, 30],
      [2_000, 450, 45],
    ]);
    expect(phase).toMatchObject({ durationMs: 2_000 });
  });
});
