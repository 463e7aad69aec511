/** Rules as the file that Prometheus loads with `rule_files`. */
import type { RuleGroup } from "../rules.ts";
import { printExpression, printWindow } from "../promql/print.ts";

/** To be written as YAML. */
export interface RulesFile {
  readonly groups: readonly {
    readonly name: string;
    readonly interval: string;
    readonly rules: readonly Readonly<Record<string, unknown>>[];
  }[];
}

export function rulesFile(groups: readonly RuleGroup[]): RulesFile {
  return {
    groups: groups.map(({ name, evaluateMs, recorded, alerts }) => ({
      name,
      interval: printWindow(evaluateMs),
      rules: [
        ...recorded.map(({ record, labels, expression }) => ({ record, expr: printExpression(expression), labels })),
        ...alerts.map(({ alert, expression, forMs, keepFiringForMs, labels, severity, says, runbook }) => ({
          alert,
          expr: printExpression(expression),
          ...(forMs === 0 ? {} : { for: printWindow(forMs) }),
          ...(keepFiringForMs === 0 ? {} : { keep_firing_for: printWindow(keepFiringForMs) }),
          labels: { severity, ...labels },
          annotations: annotationsOf(says, runbook),
        })),
      ],
    })),
  };
}

/** What stands in the file and in what promtool expects of an alert. */
export function annotationsOf(says: string, runbook: string | undefined): Readonly<Record<string, string>> {
  return { ...(says === "" ? {} : { summary: says }), ...(runbook === undefined ? {} : { runbook_url: runbook }) };
}
