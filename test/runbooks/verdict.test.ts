import { describe, expect, it } from "vitest";
import type { DrillResult } from "../../runbooks/engine/execute.ts";
import type { DrillMeasures } from "../../runbooks/engine/measures.ts";
import { judgeDrill, judgeTabletop } from "../../runbooks/engine/verdict.ts";

const completed: DrillResult = { status: "completed", why: "", notRestored: [] };
const measures = {
  timeToDetectMs: 60_000,
  timeToAcknowledgeMs: undefined,
  timeToContainMs: undefined,
  timeToResolveMs: undefined,
  phases: [],
  expected: [],
  falsePages: [],
  falseSteps: [],
} as unknown as DrillMeasures;
const none = { detectMs: undefined, acknowledgeMs: undefined, containMs: undefined, resolveMs: undefined };
const late = { alert: "A", withinMs: 60_000, firedAfterMs: 90_000, met: false };

describe("the verdict on a tabletop", () => {
  it.each([
    ["tabletop", completed, []],
    ["fail", { ...completed, status: "failed", why: "ada does not approve" }, ["ada does not approve"]],
    ["interrupted", { ...completed, status: "interrupted", why: "ada ended it" }, ["ada ended it"]],
  ] as const)("is %s, and judges no target", (verdict, result, reasons) => {
    expect(judgeTabletop(result)).toEqual({ verdict, reasons, targets: [] });
  });
});

describe("the verdict on a drill", () => {
  it.each([
    ["pass", { detectMs: 60_000 }, {}, {}],
    ["fail", { detectMs: 59_999 }, {}, {}],
    ["inconclusive", { containMs: 60_000 }, {}, {}],
    ["fail", {}, { expected: [late] }, {}],
    ["fail", {}, { falsePages: ["A"] }, {}],
    ["fail", {}, {}, { notRestored: ["scale to 3"] }],
    ["fail", {}, {}, { status: "aborted", why: "too dear" }],
    ["interrupted", { detectMs: 1 }, {}, { status: "interrupted", why: "interrupted" }],
  ] as const)("is %s with targets %j, measures %j and result %j", (verdict, targets, measured, result) => {
    const judged = judgeDrill({ ...completed, ...result }, { ...measures, ...measured }, { ...none, ...targets });
    expect(judged.verdict).toBe(verdict);
    expect(judged.reasons).toHaveLength(verdict === "pass" ? 0 : 1);
  });
});
