/**
 * Unit tests for `promtool test rules`: what a simulated incident makes of the metrics, and what must fire by when, and what
 * must not.
 *
 * The expectations are those of this evaluator, so promtool's "SUCCESS" says two things: the rules do what they should, and the
 * simulation of alerts is right. Prometheus 2 and 3 differ where scrapes stand still on the clock, as they do in a test;
 * only instants at which both agree are asked about, so that the file holds for either.
 */
import type { AlertsSpec } from "../../../core/scenario/alert-schema.ts";
import type { SloSpec } from "../../../core/scenario/slo-schema.ts";
import type { Ms } from "../../../core/time.ts";
import type { AlertChange } from "../alert-state.ts";
import { metricsOf } from "../promql/expression.ts";
import { printWindow } from "../promql/print.ts";
import { labelsKey, type Labels } from "../promql/series-store.ts";
import { ruleGroups } from "../rule-groups.ts";
import type { AlertRule, RuleGroup } from "../rules.ts";
import { changesOver } from "../run-alerts.ts";
import type { Scrape } from "../run-scrapes.ts";
import { annotationsOf } from "./rules-file.ts";
import { seriesName, seriesNotation } from "./series-notation.ts";

/** A simulated incident, scraped. */
export interface Incident {
  /** `every provider is down from 10 m to 20 m`. */
  readonly name: string;
  readonly scrapes: readonly Scrape[];
}

/** To be written as YAML. */
export interface UnitTestFile {
  readonly rule_files: readonly string[];
  readonly evaluation_interval: string;
  readonly tests: readonly UnitTest[];
}

export interface UnitTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly AlertTest[];
}

export interface AlertTest {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts?: readonly { readonly exp_labels: Labels; readonly exp_annotations: Labels }[];
}

/** One test for each incident. */
export function unitTestFile(
  rulesFile: string,
  spec: AlertsSpec,
  slos: readonly SloSpec[],
  incidents: readonly Incident[],
): UnitTestFile {
  const groups = ruleGroups(spec, slos);
  return {
    rule_files: [rulesFile],
    evaluation_interval: printWindow(spec.evaluateMs),
    tests: incidents.map(({ name, scrapes }) => ({
      name,
      interval: printWindow(spec.scrapeMs),
      input_series: seriesOf(groups, scrapes),
      alert_rule_test: alertTests(groups, scrapes),
    })),
  };
}

/** Series that the rules read. */
function seriesOf(groups: readonly RuleGroup[], scrapes: readonly Scrape[]): UnitTest["input_series"] {
  const read = new Set(
    groups.flatMap(({ recorded, alerts }) => [...recorded, ...alerts].flatMap((rule) => metricsOf(rule.expression))),
  );
  const found = new Map<string, { readonly name: string; readonly values: (number | undefined)[] }>();
  for (const [index, { samples }] of scrapes.entries()) {
    for (const { name, labels, value } of samples) {
      if (!read.has(name)) continue;
      const key = `${name}${labelsKey(labels)}`;
      const series = found.get(key) ?? {
        name: seriesName(name, labels),
        values: Array.from<number | undefined>({ length: scrapes.length }),
      };
      found.set(key, series);
      series.values[index] = value;
    }
  }
  return [...found.values()].map(({ name, values }) => ({ series: name, values: seriesNotation(values) }));
}

/** What is asked of one alert: at the turns of its life and at the end. */
function alertTests(groups: readonly RuleGroup[], scrapes: readonly Scrape[]): readonly AlertTest[] {
  const endMs = scrapes.at(-1)?.atMs ?? 0;
  const [two, three] = ([2, 3] as const).map((major) => changesOver(groups, scrapes, major));
  const rules = groups.flatMap(({ alerts, evaluateMs }) => alerts.map((rule) => ({ rule, evaluateMs })));
  const byName = Map.groupBy(rules, ({ rule }) => rule.alert);
  return [...byName].flatMap(([alertname, same]) => {
    const [first] = same;
    if (first === undefined || two === undefined || three === undefined) return [];
    const ofName = [two, three].map((changes) => changes.filter(({ alert }) => alert === alertname));
    const turnsMs = ofName.flat().flatMap(({ atMs }) => [atMs - first.evaluateMs, atMs]);
    const askedMs = [...new Set([...turnsMs, endMs])].filter((atMs) => atMs >= 0).toSorted((a, b) => a - b);
    return askedMs.flatMap((atMs): readonly AlertTest[] => {
      const [inTwo, inThree] = ofName.map((changes) => firingAt(changes, atMs));
      if (inTwo === undefined || inThree === undefined || keysOf(inTwo) !== keysOf(inThree)) return [];
      const rulesOf = same.map(({ rule }) => rule);
      const expected = inTwo.map((labels) => expectedAlert(labels, rulesOf));
      const asked = { eval_time: printWindow(atMs), alertname };
      return [expected.length === 0 ? asked : { ...asked, exp_alerts: expected }];
    });
  });
}

/** Labels of the alerts that fire at an instant. */
function firingAt(changes: readonly AlertChange[], atMs: Ms): readonly Labels[] {
  const firing = new Map<string, Labels>();
  for (const change of changes) {
    if (change.atMs > atMs) break;
    if (change.kind === "fires") firing.set(labelsKey(change.labels), change.labels);
    else firing.delete(labelsKey(change.labels));
  }
  return [...firing.values()];
}

function keysOf(all: readonly Labels[]): string {
  // As a list: one alert without labels is not the same as none.
  return JSON.stringify(all.map(labelsKey).toSorted());
}

function expectedAlert(
  labels: Labels,
  rules: readonly AlertRule[],
): { readonly exp_labels: Labels; readonly exp_annotations: Labels } {
  const rule = rules.find((each) => each.labels["slo"] === labels["slo"]) ?? rules[0];
  const [says, runbook, severity] = [rule?.says ?? "", rule?.runbook, rule?.severity ?? ""];
  return { exp_labels: { severity, ...labels }, exp_annotations: annotationsOf(says, runbook) };
}
