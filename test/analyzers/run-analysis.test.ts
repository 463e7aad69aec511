import { describe, expect, it } from "vitest";
import { analyzeRun } from "../../analyzers/run-analysis.ts";
import type { RequestRecord } from "../../core/record.ts";
import { madeLedger, madeRecord, madeRun } from "./made-run.ts";

const spending = (spent: RequestRecord["spent"]) =>
  Array.from({ length: 30 }, (_, index) => madeRecord({ key: `a${index}`, ...(spent === undefined ? {} : { spent }) }));

describe("what bound a run", () => {
  it("is the providers where they refused calls", () => {
    const run = madeRun(spending({ "first-token": 900 }), {
      providers: [madeLedger({ calls: 100, served: 80, refused: 20 })],
    });
    const { bound, scarcities } = analyzeRun(run);
    expect(bound.by).toBe("provider");
    expect(scarcities[0]?.words).toContain("refused 20 of 100 calls");
  });

  it("is the gateway's own copies where requests waited for room in them", () => {
    const { bound } = analyzeRun(madeRun(spending({ instance: 700, "first-token": 300 })));
    expect(bound.by).toBe("instance");
    expect(bound.time).toEqual([
      { at: "copies of the gateway", share: 0.7 },
      { at: "providers", share: 0.3 },
    ]);
  });

  it("is neither where nobody refused and nobody waited, and of a live run nobody knows where the time went", () => {
    expect(analyzeRun(madeRun(spending({ instance: 5, generation: 995 }))).bound.by).toBe("neither");
    const live = analyzeRun(madeRun(spending(undefined)));
    expect(live.bound.time).toEqual([]);
    expect(live.slowest).toBeNull();
  });
});
