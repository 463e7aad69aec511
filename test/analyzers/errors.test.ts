import { describe, expect, it } from "vitest";
import { errorFindings, errorShare, failureGroups, outcomeCounts, rateLimitedShare } from "../../analyzers/errors.ts";
import { outcomes } from "../../core/record.ts";
import { madeRecord, madeRun, refused } from "./made-run.ts";

describe("errors", () => {
  const mixed = [
    madeRecord({ key: "a" }),
    madeRecord({ key: "b" }),
    refused("c"),
    madeRecord({ key: "d", outcome: "aborted", reason: "left" }),
    madeRecord({ key: "e", outcome: "unfinished", reason: "" }),
    madeRecord({ key: "f", outcome: "cut-stream", status: 200, reason: "no finish reason" }),
  ];

  it("counts every request that was not answered, but for clients that left on purpose", () => {
    expect(errorShare(mixed)).toEqual({ part: 3, whole: 5, share: 0.6 });
  });

  it("counts 429s among all requests", () => {
    expect(rateLimitedShare(mixed)).toEqual({ part: 1, whole: 6, share: 1 / 6 });
  });

  it("has no share of nothing", () => {
    expect(errorShare([]).share).toBeUndefined();
    expect(errorFindings(madeRun([]))).toEqual([]);
  });

  it("counts each outcome once and names all of them", () => {
    const counts = outcomeCounts(mixed);
    expect([...counts.keys()]).toEqual(outcomes);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(mixed.length);
  });

  it("groups failures by outcome, status and reason, most frequent first", () => {
    const groups = failureGroups([...mixed, refused("g"), refused("h", { reason: "insufficient_quota" })]);
    expect(groups.map((group) => [group.outcome, group.reason, group.count])).toEqual([
      ["rate-limited", "rate_limit_exceeded", 2],
      ["cut-stream", "no finish reason", 1],
      ["rate-limited", "insufficient_quota", 1],
      ["unfinished", "", 1],
    ]);
  });
});
