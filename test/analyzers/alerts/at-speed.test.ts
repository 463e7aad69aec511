import { describe, expect, it } from "vitest";
import { alertsAtSpeed, slosAtSpeed } from "../../../analyzers/alerts/at-speed.ts";
import { rulesFile } from "../../../analyzers/alerts/export/rules-file.ts";
import { ruleGroups } from "../../../analyzers/alerts/rule-groups.ts";
import { parseAlerts } from "../../../core/scenario/alert-schema.ts";
import type { SloSpec } from "../../../core/scenario/slo-schema.ts";

const alerts = parseAlerts(
  `scrape: 15s
alerts:
  Errors: { when: errors > 5%, over: 5m, for: 30s, severity: critical }
  Busy: { when: requests.per-second > 3, over: 1m, severity: info }
  Slow: { when: ttft.p95 > 2s, over: 1m, severity: info }
  Spike: { when: cost.per-hour > 2x, over: 10m, than: 1h, severity: info }
  Burn: { burns: 2%, in: 1h, severity: critical }
`,
  "alerts.yaml",
);
const slos: readonly SloSpec[] = [
  { name: "sound", target: 0.99, periodMs: 30 * 86_400_000, good: { kind: "answered" } } as SloSpec,
];

function expressions(timeScale: number): Record<string, string> {
  const groups = ruleGroups(alertsAtSpeed(alerts, timeScale, 1_500), slosAtSpeed(slos, timeScale));
  const rules = rulesFile(groups).groups.flatMap(({ rules: each }) => each);
  return Object.fromEntries(rules.map((rule) => [String(rule["alert"] ?? rule["record"]), String(rule["expr"])]));
}

describe("alerts of a run that plays faster than life", () => {
  it("look back over windows that are as much shorter, and wait as much less", () => {
    const at10 = alertsAtSpeed(alerts, 10, 1_500);
    expect(at10).toMatchObject({ scrapeMs: 1_500, evaluateMs: 1_500 });
    expect(at10.alerts[0]).toMatchObject({
      name: "Errors",
      forMs: 3_000,
      condition: { windowMs: 30_000, limit: 0.05 },
    });
    expect(at10.alerts[3]?.condition).toMatchObject({ windowMs: 60_000, thanMs: 360_000, factor: 2 });
  });

  it("allow as much more of what happens at a rate, and as much of what has no time in it", () => {
    const limits = alertsAtSpeed(alerts, 10, 1_500).alerts.map(
      ({ condition }) => condition.kind === "limit" && condition.limit,
    );
    expect(limits.slice(0, 3)).toEqual([0.05, 30, 2_000]);
  });

  it("burn a budget at the same factor, with a short window that is a whole twelfth", () => {
    const [life, fast] = [expressions(1), expressions(7)];
    const factor = (text: string | undefined): string | undefined => / > ([\d.]+) \*/.exec(text ?? "")?.[1];
    expect(factor(life["Burn"])).toBe("14.4"); // 2 % of 30 days in an hour
    expect(Number(factor(fast["Burn"]))).toBeCloseTo(14.4, 3);
    expect(JSON.stringify(fast)).not.toMatch(/\d\.\d+ms/); // PromQL takes whole milliseconds
  });
});
