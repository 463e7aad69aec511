import { describe, expect, it } from "vitest";
import { limitCases } from "../../../bench/limit-cases.ts";
import { admittedByMinute } from "../../../bench/limit-run.ts";

describe("ten minutes of traffic at three times the quota", () => {
  it.each(limitCases.map((one) => [one.name, one] as const))(
    "%s: what each minute after the first admits is within 1 % of the limit",
    (_name, limitCase) => {
      const [first = 0, ...others] = admittedByMinute(limitCase, 10);
      const { tokensPerMinute } = limitCase;
      // A bucket that begins full lets its limit pass beside what flows in meanwhile.
      expect(first).toBeGreaterThan(0.99 * tokensPerMinute);
      expect(first).toBeLessThan(2.01 * tokensPerMinute);
      expect(others).toHaveLength(9);
      for (const admitted of others) expect(Math.abs(admitted / tokensPerMinute - 1)).toBeLessThan(0.01);
    },
  );
});
