/**
 * Service levels as OpenSLO v1 documents (github.com/OpenSLO/OpenSLO, README of v1): one data source and one service, and for
 * each service level an SLI, an SLO, and an alert policy with its condition for every burn-rate alert.
 *
 * OpenSLO has one window per condition, so the short one of a pair is lost; so are guards, and alerts on anything but a budget.
 */
import type { AlertSpec, AlertsSpec } from "../../../core/scenario/alert-schema.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import type { GoodSpec, SloSpec } from "../../../core/scenario/slo-schema.ts";
import { secondMs } from "../../../core/time.ts";
import { boundForms, histogramOf } from "../../alerts/families.ts";
import { type Expression, isNoneOf, isOneOf, latest, sum } from "../../alerts/promql/expression.ts";
import { printExpression, printWindow } from "../../alerts/promql/print.ts";
import { burnFactor } from "../burn-rate.ts";
import { annotationName, goodInWords, openSloVersion } from "./names.ts";

export interface WrittenOpenSlo {
  /** To be written as YAML, one document each. */
  readonly documents: readonly object[];
  /** What OpenSLO cannot say, in words. */
  readonly lost: readonly string[];
}

const dataSource = "prometheus";

/** A scenario without service levels has no documents. */
export function writeOpenSlo(
  { name, about, slo: slos = [] }: Pick<Scenario, "name" | "about" | "slo">,
  { alerts }: Pick<AlertsSpec, "alerts">,
): WrittenOpenSlo {
  if (slos.length === 0) return { documents: [], lost: ["the scenario has no service level: add a slo section"] };
  const service = documentOf("Service", name, { description: about });
  const source = documentOf("DataSource", dataSource, { type: "Prometheus", connectionDetails: {} });
  return {
    documents: [source, service, ...slos.flatMap((slo) => documentsOf(slo, name, alerts))],
    lost: alerts.flatMap(lostOf),
  };
}

function documentsOf(slo: SloSpec, service: string, alerts: readonly AlertSpec[]): readonly object[] {
  const burning = alerts.flatMap((alert) => {
    const { condition } = alert;
    const isItsOwn = condition.kind === "burn" && (condition.slo ?? slo.name) === slo.name;
    return isItsOwn ? [{ alert, condition, id: `${slo.name}-${kebab(alert.name)}` }] : [];
  });
  const conditions = burning.flatMap(({ alert, condition, id }) => [
    documentOf("AlertCondition", id, {
      description: alert.says,
      severity: severities[alert.severity],
      condition: {
        kind: "burnrate",
        op: "gt",
        threshold: burnFactor(condition.share, slo.periodMs, condition.withinMs),
        lookbackWindow: printWindow(condition.withinMs),
        alertAfter: alert.forMs === 0 ? "0m" : printWindow(alert.forMs),
      },
    }),
    documentOf("AlertPolicy", id, {
      alertWhenBreaching: true,
      alertWhenResolved: false,
      alertWhenNoData: false,
      conditions: [{ conditionRef: id }],
      notificationTargets: [],
    }),
  ]);
  return [
    documentOf("SLI", `${slo.name}-sli`, sliOf(slo.good), { [annotationName]: goodInWords(slo.good) }),
    documentOf("SLO", slo.name, {
      service,
      indicatorRef: `${slo.name}-sli`,
      timeWindow: [{ duration: printWindow(slo.periodMs), isRolling: true }],
      budgetingMethod: "Occurrences",
      objectives: [{ displayName: goodInWords(slo.good), target: slo.target }],
      ...(burning.length === 0 ? {} : { alertPolicies: burning.map(({ id }) => ({ alertPolicyRef: id })) }),
    }),
    ...conditions,
  ];
}

/** OpenSLO leaves the words to everybody; these are those of the SRE workbook. */
const severities = { critical: "page", warning: "ticket", info: "info" } as const;

function sliOf(good: GoodSpec): object {
  const total = sum(latest("squall_requests_total", [isNoneOf("outcome", "aborted")]));
  return { ratioMetric: { counter: true, good: metric(goodRequests(good)), total: metric(total) } };
}

function goodRequests(good: GoodSpec): Expression {
  if (good.kind === "answered") return sum(latest("squall_requests_total", [isOneOf("outcome", "ok")]));
  const bound = isOneOf("le", ...boundForms(good.limitMs / secondMs));
  return sum(latest(`${histogramOf(good.latency)}_bucket`, [bound]));
}

function metric(query: Expression): object {
  return {
    metricSource: { metricSourceRef: dataSource, type: "Prometheus", spec: { query: printExpression(query) } },
  };
}

function lostOf({ name, condition, requestsMin }: AlertSpec): readonly string[] {
  if (condition.kind !== "burn") return [`${name}: OpenSLO alerts on burn rates only`];
  const guard = requestsMin === 0 ? [] : [`${name}: at-least ${requestsMin}`];
  return [`${name}: its short window; OpenSLO has one window for each condition`, ...guard];
}

function documentOf(kind: string, name: string, spec: object, annotations?: Readonly<Record<string, string>>): object {
  const metadata = { name: kebab(name), ...(annotations === undefined ? {} : { annotations }) };
  return { apiVersion: openSloVersion, kind, metadata, spec };
}

/** Names of OpenSLO are those of RFC 1123: `ErrorBudgetBurnFast` is `error-budget-burn-fast`. */
function kebab(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}
