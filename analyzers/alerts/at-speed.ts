/**
 * Alerts as a Prometheus must hold them that watches a run on the wall while its scenario plays faster: what lasts a minute there lasts
 * six seconds here at ten times the speed, and what happens at a rate happens ten times as often. Latencies are exposed in scenario
 * time, and shares and ratios have none.
 */
import { assertNever } from "../../core/invariant.ts";
import type { AlertCondition, AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { SloSpec } from "../../core/scenario/slo-schema.ts";
import type { Ms } from "../../core/time.ts";

/** Signals that are rates of time (signals.ts). */
const ratesOfTime: readonly string[] = ["requests.per-second", "cost.per-hour"];

/** `evaluateMs`: wall time between two evaluations. Windows are whole milliseconds, as PromQL writes them. */
export function alertsAtSpeed(spec: AlertsSpec, timeScale: number, evaluateMs: Ms): AlertsSpec {
  const shorter = (ms: Ms): Ms => Math.round(ms / timeScale);
  return {
    scrapeMs: evaluateMs,
    evaluateMs,
    alerts: spec.alerts.map((alert) => ({
      ...alert,
      forMs: shorter(alert.forMs),
      keepFiringForMs: shorter(alert.keepFiringForMs),
      condition: conditionAtSpeed(alert.condition, timeScale, shorter),
    })),
  };
}

/** Service levels with their periods shortened alike, so that a budget burns at the same factor. */
export function slosAtSpeed(slos: readonly SloSpec[], timeScale: number): readonly SloSpec[] {
  return slos.map((slo) => ({ ...slo, periodMs: slo.periodMs / timeScale }));
}

function conditionAtSpeed(condition: AlertCondition, timeScale: number, shorter: (ms: Ms) => Ms): AlertCondition {
  switch (condition.kind) {
    case "burn":
      // The short window is a twelfth of it.
      return { ...condition, withinMs: 12 * shorter(condition.withinMs / 12) };
    case "rise":
      return { ...condition, windowMs: shorter(condition.windowMs), thanMs: shorter(condition.thanMs) };
    case "limit": {
      const limit = ratesOfTime.includes(condition.signal) ? condition.limit * timeScale : condition.limit;
      return { ...condition, limit, windowMs: shorter(condition.windowMs) };
    }
    default:
      return assertNever(condition);
  }
}
