import { describe, expect, it } from "vitest";
import { type DashboardPanel, dashboardOf } from "../../../../analyzers/alerts/export/dashboard.ts";
import { families } from "../../../../analyzers/alerts/families.ts";
import { parseScenario } from "../../../../core/scenario/parse.ts";
import { promtool, whyNoPromtool } from "../promtool.ts";

const scenario = parseScenario(
  `
scenario: launch
about: Does it hold?
traffic: { arrivals: [{ for: 1m, rate: 1/s }], requests: [{ model: gpt-4o, input: { median: 10 }, output: { median: 10 } }] }
providers: { openai: { dialect: openai, models: { gpt-4o: { tpm: 1M } }, latency: hosted-small } }
platform: { gateway: direct }
slo: { availability: { target: 99%, good: answered }, quick: { target: 95%, good: ttft <= 2s } }
objectives:
  ttft.p95: < 2s
  errors: < 1%
  cost.per-hour: < $120
  tokens.of-limit.max: < 90%
  goodput: ">= 90%"
`,
  "launch.yaml",
);
const dashboard = dashboardOf(scenario, { scrapeMs: 15_000 });
const panels = dashboard.panels.filter((panel): panel is DashboardPanel => panel.type !== "row");
const titled = (title: string): DashboardPanel => {
  const panel = panels.find((each) => each.title === title);
  if (panel === undefined)
    throw new Error(`no panel ${title}; there are ${panels.map((each) => each.title).join(", ")}`);
  return panel;
};

describe("a dashboard", () => {
  it("shows each objective that Prometheus can know as a figure that turns red at its limit, in base units", () => {
    const figures = panels.filter(({ type }) => type === "stat").map(({ title }) => title);
    expect(figures).toEqual([
      "ttft.p95 < 2s",
      "errors < 1%",
      "cost.per-hour < $120",
      "tokens.of-limit.max < 90%",
      "Burn rate of availability",
      "Burn rate of quick",
    ]);
    expect(titled("ttft.p95 < 2s").fieldConfig.defaults).toMatchObject({
      unit: "s",
      thresholds: {
        steps: [
          { value: null, color: "green" },
          { value: 2, color: "red" },
        ],
      },
    });
    expect(titled("cost.per-hour < $120").fieldConfig.defaults).toMatchObject({
      unit: "currencyUSD",
      thresholds: {
        steps: [
          { value: null, color: "green" },
          { value: 120, color: "red" },
        ],
      },
    });
  });

  it("draws an objective's limit as a dashed line in the picture of its latency, and none where there is no objective", () => {
    expect(titled("Time to first token").fieldConfig.defaults).toMatchObject({
      custom: { thresholdsStyle: { mode: "dashed" } },
      thresholds: { steps: [{ value: null }, { value: 2 }] },
    });
    expect(titled("End to end").fieldConfig.defaults).toMatchObject({ custom: { thresholdsStyle: { mode: "off" } } });
  });

  it("lays its panels out on Grafana's grid of 24 columns without one upon another, each with a number of its own", () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...dashboard.panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });

  it("asks for nothing but the families of a run", () => {
    const names = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/squall_\w+/g) ?? []));
    const known = Object.keys(families).flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  });

  it.skipIf(whyNoPromtool !== undefined)(
    `has queries that the real promtool understands${whyNoPromtool === undefined ? "" : ` (skipped: ${whyNoPromtool})`}`,
    async () => {
      const rules = panels.flatMap(({ id, targets }) =>
        targets.map(({ refId, expr }) => ({ record: `panel_${id}_${refId}`, expr })),
      );
      const { ok, output } = await promtool(
        { "rules.yaml": { groups: [{ name: "dashboard", rules }] } },
        "check",
        "rules",
        "rules.yaml",
      );
      expect(output).toContain(`${rules.length} rules found`);
      expect(ok).toBe(true);
    },
  );
});
