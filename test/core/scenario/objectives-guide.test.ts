/** docs/objectives.md: it names every metric, and every example in it is one. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { metricExamples, metricUnit, parseLimit } from "../../../core/scenario/metrics.ts";

const guide = readFileSync("docs/objectives.md", "utf8");
const examples = [...guide.matchAll(/\| `([a-z][\w.-]*): '?([^'`]+?)'?` \|/g)].map(([, metric = "", limit = ""]) => ({
  metric,
  limit,
}));

describe("the guide to objectives", () => {
  it("names every metric that there is", () => {
    const named = (metric: string): boolean => {
      const family = /^(?:degradation\.)?(ttft|itl|e2e)\./.exec(metric)?.[1];
      const slo = /^slo\.[^.]+\.(burn|consumed)$/.exec(metric)?.[1];
      return guide.includes(`\`${slo === undefined ? (family ?? metric) : `slo.NAME.${slo}`}\``);
    };
    expect(metricExamples.filter((metric) => !named(metric))).toEqual([]);
  });

  it("has an example in every line, each of which is a metric with a limit that it takes", () => {
    expect(examples.length).toBe([...guide.matchAll(/^\| `/gm)].length);
    for (const { metric, limit } of examples) {
      const unit = metricUnit(metric);
      expect(unit, metric).toBeDefined();
      if (unit !== undefined) expect(parseLimit(limit, unit), `${metric}: ${limit}`).toBeDefined();
    }
  });
});
