/** Rules as Prometheus knows them, with expressions as data: what is recorded, and what alerts. */
import type { Severity } from "../../core/scenario/alert-schema.ts";
import type { Ms } from "../../core/time.ts";
import type { Expression } from "./promql/expression.ts";
import { reachMs } from "./promql/expression.ts";
import type { Labels } from "./promql/series-store.ts";

/** Asked together, in this order; a later rule sees what an earlier one recorded. */
export interface RuleGroup {
  readonly name: string;
  readonly evaluateMs: Ms;
  readonly recorded: readonly RecordingRule[];
  readonly alerts: readonly AlertRule[];
}

export interface RecordingRule {
  readonly record: string;
  readonly labels: Labels;
  readonly expression: Expression;
}

export interface AlertRule {
  readonly alert: string;
  readonly severity: Severity;
  /** Beside `severity`. */
  readonly labels: Labels;
  readonly expression: Expression;
  readonly forMs: Ms;
  readonly keepFiringForMs: Ms;
  readonly says: string;
  readonly runbook: string | undefined;
}

/** How far back the rules look. */
export function reachOfRules(groups: readonly RuleGroup[]): Ms {
  const expressions = groups.flatMap(({ recorded, alerts }) =>
    [...recorded, ...alerts].map(({ expression }) => expression),
  );
  return expressions.reduce((most, expression) => Math.max(most, reachMs(expression)), 0);
}
