import { describe, expect, it } from "vitest";
import type { FidelityRow } from "../../analyzers/fidelity.ts";
import { type ComparedRepeat, fidelityOverRepeats, type RepeatedRow } from "../../analyzers/fidelity-repeats.ts";

/** A mean end to end of `live` milliseconds, simulated with this error. */
function repeat(live: number, error: number, facts: Partial<ComparedRepeat> = {}): ComparedRepeat {
  const simulated = live * (1 + error);
  const within = Math.abs(error) <= 0.05;
  return {
    overload: "",
    rows: [{ metric: "e2e.mean", title: "End to end, mean", unit: "ms", live, simulated, error, target: 0.05, within }],
    ...facts,
  };
}

function only(row: FidelityRow): ComparedRepeat {
  return { overload: "", rows: [row] };
}

function rowOf(repeats: readonly ComparedRepeat[]): RepeatedRow | undefined {
  return fidelityOverRepeats(repeats)?.rows[0];
}

describe("fidelity over repeats", () => {
  it("is the mean error with Student's interval over the runs, which may reach to the other side of 0", () => {
    // Errors 0, 3 and 6 %: mean 3 %, standard deviation 3 %, half an interval of 4.303 x 3 % / sqrt(3).
    const row = rowOf([repeat(100, 0), repeat(200, 0.03), repeat(300, 0.06)]);
    const half = (4.303 * 0.03) / Math.sqrt(3);
    expect(row).toMatchObject({ live: 200, target: 0.05, within: true, repeats: 3 });
    expect(row?.simulated).toBeCloseTo((100 + 206 + 318) / 3, 9);
    expect(row?.error).toBeCloseTo(0.03, 12);
    expect(row?.interval?.[0]).toBeCloseTo(0.03 - half, 12);
    expect(row?.interval?.[1]).toBeCloseTo(0.03 + half, 12);
    expect(row?.interval?.[0]).toBeLessThan(0);
  });

  it.each([
    { why: "one miss among hits is forgiven", errors: [0.06, 0.01], within: true },
    { why: "errors that cancel are", errors: [0.2, -0.2], within: true },
    { why: "a mean that is too large is not", errors: [0.04, 0.08], within: false },
    { why: "nor one that is too small", errors: [-0.04, -0.08], within: false },
  ])("judges the mean: $why", ({ errors, within }) => {
    expect(rowOf(errors.map((error) => repeat(100, error)))?.within).toBe(within);
  });

  it("claims no interval from one run, and nothing from none", () => {
    expect(rowOf([repeat(100, 0.02)])).not.toHaveProperty("interval");
    expect(fidelityOverRepeats([])).toBeUndefined();
  });

  it.each([
    { why: "the load generator was late", facts: { overload: "5 ms late" } },
    { why: "others had the machine", facts: { machine: { processors: 2, busy: 0.9, others: 0.3 } } },
  ])("leaves out a run in which $why, and where there is no other shows it without a judgement", ({ facts }) => {
    const [good, bad] = [repeat(100, 0.02), repeat(100, 0.5, facts)];
    expect(fidelityOverRepeats([good, bad])).toMatchObject({
      repeats: 2,
      judged: 1,
      rows: [{ error: 0.02, repeats: 1 }],
    });
    const alone = fidelityOverRepeats([bad]);
    expect(alone).toMatchObject({ repeats: 1, judged: 0, rows: [{ error: 0.5, target: 0.05 }] });
    expect(alone?.rows[0]).not.toHaveProperty("within");
  });

  it("has no error where one of the runs has none, and then meets no target", () => {
    const refused = { metric: "outcome.rate-limited", title: "429", unit: "count", target: 0.05 } as const;
    const row = rowOf([
      only({ ...refused, live: 0, simulated: 4, within: false }),
      only({ ...refused, live: 2, simulated: 2, error: 0, within: true }),
    ]);
    expect(row).toEqual({ ...refused, live: 1, simulated: 3, within: false, repeats: 2 });
  });

  it("counts the runs that have a figure, and keeps the intervals of distances above 0", () => {
    const distance = { metric: "replicas.distance", title: "Distance", unit: "count" } as const;
    const shift = { metric: "scaling.shift", title: "Shift", unit: "ms" } as const;
    const found = fidelityOverRepeats([
      {
        overload: "",
        rows: [
          { ...distance, apart: 0 },
          { ...shift, apart: 10 },
        ],
      },
      {
        overload: "",
        rows: [
          { ...distance, apart: 1 },
          { ...shift, apart: 30 },
        ],
      },
      only({ ...distance, apart: 0 }),
    ]);
    const [far, late] = found?.rows ?? [];
    expect(far).toMatchObject({ repeats: 3, interval: [0, expect.closeTo(1 / 3 + 4.303 / 3, 9)] });
    // 10 and 30: mean 20, half an interval of 12.706 x 10.
    expect(late).toMatchObject({
      apart: 20,
      repeats: 2,
      interval: [expect.closeTo(-107.06, 9), expect.closeTo(147.06, 9)],
    });
  });
});
