/** From alerts as people write them to the rules that are evaluated, exported and loaded. */
import { assertNever } from "../../core/invariant.ts";
import type { AlertCondition, AlertSpec, AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { SloSpec } from "../../core/scenario/slo-schema.ts";
import type { Ms } from "../../core/time.ts";
import { burnFactor, shortWindowMs } from "../slo/burn-rate.ts";
import { binary, type Expression, increase, isNoneOf, isOneOf, latest, number, sum } from "./promql/expression.ts";
import { printWindow } from "./promql/print.ts";
import type { AlertRule, RecordingRule, RuleGroup } from "./rules.ts";
import { badShareOver, limitInFamilyUnits, signalOver, withAtLeast } from "./signals.ts";

/** Two groups: thresholds, and burn rates with what they record. A group without alerts is left out. */
export function ruleGroups(spec: AlertsSpec, slos: readonly SloSpec[]): readonly RuleGroup[] {
  const burning = spec.alerts.flatMap(({ condition, ...alert }) =>
    condition.kind === "burn" ? watched(condition, slos).map((slo) => ({ alert, condition, slo })) : [],
  );
  const recorded = burning.flatMap(({ alert, condition: { withinMs }, slo }) => [
    ...[withinMs, shortWindowMs(withinMs)].map((windowMs) => recordedRatio(slo, windowMs)),
    ...(alert.requestsMin === 0 ? [] : [recordedEvents(slo, shortWindowMs(withinMs))]),
  ]);
  const groups: readonly RuleGroup[] = [
    {
      name: "squall-thresholds",
      evaluateMs: spec.evaluateMs,
      recorded: [],
      alerts: spec.alerts.flatMap((alert) => thresholdRule(alert) ?? []),
    },
    {
      name: "squall-error-budgets",
      evaluateMs: spec.evaluateMs,
      recorded: distinct(recorded),
      alerts: burning.map(({ alert, condition, slo }) => burnRule(alert, condition, slo)),
    },
  ];
  return groups.filter(({ alerts }) => alerts.length > 0);
}

type Burn = Extract<AlertCondition, { readonly kind: "burn" }>;

function watched({ slo }: Burn, slos: readonly SloSpec[]): readonly SloSpec[] {
  return slo === undefined ? slos : slos.filter(({ name }) => name === slo);
}

function thresholdRule(alert: AlertSpec): AlertRule | undefined {
  const { condition, requestsMin } = alert;
  switch (condition.kind) {
    case "burn":
      return undefined;
    case "limit": {
      const { signal, windowMs, comparison, limit } = condition;
      const measured = signalOver(signal, windowMs);
      const beyond = binary(measured, comparison, number(limitInFamilyUnits(signal, limit)));
      return ruleOf(alert, withAtLeast(beyond, requestsMin, windowMs), {});
    }
    case "rise":
      return ruleOf(alert, withAtLeast(risen(condition), requestsMin, condition.windowMs), {});
    default:
      return assertNever(condition);
  }
}

/**
 * More than so many times the past. Only once there is that much of a past: the rate of a series that is younger than its window is
 * too low, and everything would look like a rise.
 */
function risen({ signal, factor, windowMs, thanMs }: Extract<AlertCondition, { readonly kind: "rise" }>): Expression {
  const before = signalOver(signal, thanMs, windowMs);
  const grown = binary(signalOver(signal, windowMs), ">", binary(number(factor), "*", before));
  const isOldEnough = binary(signalOver("requests.per-second", windowMs, thanMs + windowMs), ">=", number(0));
  return binary(grown, "and", isOldEnough);
}

function burnRule(alert: Omit<AlertSpec, "condition">, { share, withinMs }: Burn, slo: SloSpec): AlertRule {
  const limit = binary(
    number(burnFactor(share, slo.periodMs, withinMs)),
    "*",
    binary(number(1), "-", number(slo.target)),
  );
  const above = (windowMs: Ms): Expression =>
    binary(latest(ratioName(windowMs), [isOneOf("slo", slo.name)]), ">", limit);
  const both = binary(above(withinMs), "and", above(shortWindowMs(withinMs)));
  if (alert.requestsMin === 0) return ruleOf(alert, both, { slo: slo.name });
  const ended = latest(eventsName(shortWindowMs(withinMs)), [isOneOf("slo", slo.name)]);
  return ruleOf(alert, binary(both, "and", binary(ended, ">=", number(alert.requestsMin))), { slo: slo.name });
}

function recordedRatio(slo: SloSpec, windowMs: Ms): RecordingRule {
  return { record: ratioName(windowMs), labels: { slo: slo.name }, expression: badShareOver(slo.good, windowMs) };
}

/** With the label of the service level, so that it can stand beside the ratio. */
function recordedEvents(slo: SloSpec, windowMs: Ms): RecordingRule {
  const ended = sum(increase("squall_requests_total", windowMs, [isNoneOf("outcome", "aborted")]));
  return { record: eventsName(windowMs), labels: { slo: slo.name }, expression: ended };
}

/** Named as sloth names them. */
function ratioName(windowMs: Ms): string {
  return `slo:sli_error:ratio_rate${printWindow(windowMs)}`;
}

function eventsName(windowMs: Ms): string {
  return `slo:sli_events:increase${printWindow(windowMs)}`;
}

function ruleOf(
  { name, severity, forMs, keepFiringForMs, says, runbook }: Omit<AlertSpec, "condition">,
  expression: Expression,
  labels: Readonly<Record<string, string>>,
): AlertRule {
  return { alert: name, severity, labels, expression, forMs, keepFiringForMs, says, runbook };
}

function distinct(rules: readonly RecordingRule[]): readonly RecordingRule[] {
  const byName = new Map(rules.map((rule) => [`${rule.record} ${rule.labels["slo"] ?? ""}`, rule]));
  return [...byName.values()];
}
