import { describe, expect, it } from "vitest";
import type { AlertChange } from "../../../analyzers/alerts/alert-state.ts";
import { createAlertWatch } from "../../../analyzers/alerts/alert-watch.ts";
import { ruleGroups } from "../../../analyzers/alerts/rule-groups.ts";
import { madeAlerts, requests } from "./made-alerts.ts";

const s = 1_000;

/** Ten requests a scrape, of which so many fail. */
function failing(alert: object, failedAt: readonly number[]) {
  const changes: AlertChange[] = [];
  const groups = ruleGroups(madeAlerts({ ErrorRateHigh: { severity: "critical", ...alert } }), []);
  const watch = createAlertWatch(groups, { onChange: (change) => changes.push(change) });
  let [ok, failed] = [0, 0];
  for (const [index, now] of failedAt.entries()) {
    failed += now;
    ok += 10 - now;
    watch.scrape(index * 10 * s, requests(ok, failed));
  }
  return { watch, told: changes.map(({ kind, atMs }) => `${kind} at ${atMs / s}`) };
}

const good = [0, 0, 0];
const bad = [10, 10, 10, 10, 10, 10];

describe("an alert", () => {
  it("fires at the first evaluation at which its condition holds", () => {
    expect(failing({ when: "errors > 50%", over: "20s" }, [...good, ...bad]).told).toEqual(["fires at 30"]);
  });

  it("is pending until its condition has held for long enough, and fires at the evaluation that makes it so", () => {
    expect(failing({ when: "errors > 50%", over: "20s", for: "25s" }, [...good, ...bad]).told).toEqual(["fires at 60"]);
  });

  it("starts to count anew when its condition did not hold once", () => {
    const flicker = [0, 0, 0, 10, 10, 0, 0, 10, 10, 10, 10];
    expect(failing({ when: "errors > 50%", over: "20s", for: "20s" }, flicker).told).toEqual(["fires at 90"]);
  });

  it("ends when its condition no longer holds", () => {
    expect(failing({ when: "errors > 50%", over: "20s" }, [...good, 10, 10, ...good]).told).toEqual([
      "fires at 30",
      "ends at 50",
    ]);
  });

  it("goes on firing for as long as it is told to after that", () => {
    const kept = failing({ when: "errors > 50%", over: "20s", "keep-firing-for": "20s" }, [
      ...good,
      10,
      10,
      ...good,
      ...good,
    ]);
    expect(kept.told).toEqual(["fires at 30", "ends at 70"]);
  });

  it("is silent with fewer requests than it asks for", () => {
    const quiet = failing({ when: "errors > 50%", over: "20s", "at-least": 21 }, [...good, ...bad]);
    expect(quiet.told).toEqual([]);
    const loud = failing({ when: "errors > 50%", over: "20s", "at-least": 20 }, [...good, ...bad]);
    // A failure counter that was at zero is not stretched to before it, so only the next scrape makes it twenty.
    expect(loud.told).toEqual(["fires at 40"]);
  });

  it("is among those that fire now, since when it fires and not since when it was pending", () => {
    const { watch } = failing({ when: "errors > 50%", over: "20s", for: "20s" }, [...good, ...bad]);
    expect(watch.firing()).toEqual([{ alert: "ErrorRateHigh", severity: "critical", sinceMs: 50 * s }]);
    expect(watch.alertNames).toEqual(["ErrorRateHigh"]);
  });

  it("is one by name where several sets of labels fire, since the first of them", () => {
    const groups = ruleGroups(
      madeAlerts({ TokenLimitNear: { when: "tokens.of-limit > 90%", severity: "critical" } }),
      [],
    );
    const watch = createAlertWatch(groups);
    const use = (provider: string, value: number) => ({
      name: "squall_token_limit_utilization",
      labels: { provider },
      value,
    });
    watch.scrape(0, [use("azure", 0.5), use("openai", 0.95)]);
    watch.scrape(10 * s, [use("azure", 0.99), use("openai", 0.95)]);
    expect(watch.firing()).toEqual([{ alert: "TokenLimitNear", severity: "critical", sinceMs: 0 }]);
  });
});

describe("a rise", () => {
  it("is none before there is as much of a past as it compares with", () => {
    const spike = { when: "requests.per-second > 2x", over: "1m", than: "2m", severity: "warning" };
    const watched = (quietFor: number): readonly string[] => {
      const told: string[] = [];
      const watch = createAlertWatch(ruleGroups(madeAlerts({ Rise: spike }), []), {
        onChange: ({ kind, atMs }) => told.push(`${kind} at ${atMs / s}`),
      });
      let total = 0;
      for (let atS = 0; atS <= quietFor + 60; atS += 10) {
        total += atS > quietFor ? 100 : 10;
        watch.scrape(atS * s, requests(total, 0));
      }
      return told;
    };
    expect(watched(60)).toEqual([]);
    expect(watched(300)).toEqual(["fires at 310"]);
  });
});

describe("a burn-rate alert", () => {
  const slo = { name: "availability", target: 0.9, periodMs: 30 * 86_400_000, good: { kind: "answered" } } as const;
  // 0.5 % of 30 days in 12 h: a factor of 0.3, which at a target of 90 % is 3 % of the requests, over 12 h and 1 h.
  const alerts = madeAlerts({ Burn: { burns: "0.5%", in: "12h", severity: "critical" } });

  it("wants both of its windows above the factor, and ends with the short one", () => {
    const told: string[] = [];
    const watch = createAlertWatch(ruleGroups({ ...alerts, evaluateMs: 600 * s }, [slo]), {
      onChange: ({ kind, atMs, labels }) => told.push(`${kind} at ${atMs / 60_000} m for ${labels["slo"]}`),
    });
    let [ok, failed] = [0, 0];
    for (let minute = 0; minute <= 24 * 60; minute += 10) {
      const isBad = minute > 12 * 60 && minute <= 13 * 60;
      ok += isBad ? 0 : 100;
      failed += isBad ? 100 : 0;
      watch.scrape(minute * 60_000, requests(ok, failed));
    }
    // 3 % of 72 windows of ten minutes are 2.16: the third bad one. Fifty minutes after the last one it is
    // the first sample in the short window, and nothing grows from there.
    expect(told).toEqual(["fires at 750 m for availability", "ends at 830 m for availability"]);
  });

  it("watches every service level unless it names one, each with its own label", () => {
    const other = { ...slo, name: "other" };
    const named = madeAlerts({ Burn: { burns: "2%", in: "1h", slo: "other", severity: "critical" } });
    const slosOf = (spec: typeof alerts) =>
      ruleGroups(spec, [slo, other]).flatMap((group) => group.alerts.map(({ labels }) => labels["slo"]));
    expect(slosOf(alerts)).toEqual(["availability", "other"]);
    expect(slosOf(named)).toEqual(["other"]);
  });
});
