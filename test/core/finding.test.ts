import { describe, expect, it } from "vitest";
import { type Judgement, verdictOf } from "../../core/finding.ts";

describe("verdictOf", () => {
  it.each([
    { why: "everything judged holds", judged: ["pass", "pass"], expected: "pass" },
    { why: "one failure decides", judged: ["pass", "fail", "inconclusive"], expected: "fail" },
    { why: "doubt is no pass", judged: ["pass", "inconclusive"], expected: "inconclusive" },
    { why: "information alone says nothing", judged: [undefined, undefined], expected: "inconclusive" },
    { why: "nothing measured is never a pass", judged: [], expected: "inconclusive" },
  ] satisfies { why: string; judged: (Judgement | undefined)[]; expected: Judgement }[])(
    "$why",
    ({ judged, expected }) => {
      const findings = judged.map((judgement, index) => ({
        analyzer: "objectives",
        id: `objective-${index}`,
        title: "",
        ...(judgement === undefined ? {} : { judgement }),
      }));
      expect(verdictOf(findings)).toBe(expected);
    },
  );
});
