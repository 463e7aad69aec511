/** Alerts over a run that has ended: its scrapes through the rules, and what fired as events of the run. */
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { Run, RunEvent } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { formatDuration } from "../../core/time.ts";
import { shortWindowMs } from "../slo/burn-rate.ts";
import { alertEnds, alertFires } from "./alert-findings.ts";
import type { AlertChange } from "./alert-state.ts";
import { createAlertWatch } from "./alert-watch.ts";
import type { PrometheusMajor } from "./promql/evaluate.ts";
import { ruleGroups } from "./rule-groups.ts";
import type { RuleGroup } from "./rules.ts";
import { type Scrape, scrapesOf } from "./run-scrapes.ts";

/**
 * What fired and ended, in order of time. A burn-rate alert is left out of a run that is shorter than its short window: with
 * nothing before it, both windows would see the same few minutes and call them a day.
 */
export function alertChanges(
  run: Pick<Run, "records" | "manifest">,
  scenario: Scenario,
  spec: AlertsSpec,
): readonly AlertChange[] {
  const { durationMs } = run.manifest;
  const alerts = spec.alerts.filter(
    ({ condition }) => condition.kind !== "burn" || shortWindowMs(condition.withinMs) <= durationMs,
  );
  return changesOver(ruleGroups({ ...spec, alerts }, scenario.slo ?? []), scrapesOf(run, scenario, spec.scrapeMs), 3);
}

/** What these rules make of these scrapes, by the semantics of one major version of Prometheus. */
export function changesOver(
  groups: readonly RuleGroup[],
  scrapes: Iterable<Scrape>,
  major: PrometheusMajor,
): readonly AlertChange[] {
  const changes: AlertChange[] = [];
  const watch = createAlertWatch(groups, { major, onChange: (change) => changes.push(change) });
  for (const { atMs, samples } of scrapes) watch.scrape(atMs, samples);
  return changes;
}

/** The run with its alerts among its events: kinds `alert-fires` and `alert-ends`, subject the alert's name. */
export function withAlertEvents<Played extends Run>(run: Played, scenario: Scenario, spec: AlertsSpec): Played {
  const events = [...run.events, ...alertChanges(run, scenario, spec).map(eventOf)];
  return { ...run, events: events.toSorted((left, right) => left.atMs - right.atMs) };
}

function eventOf({ kind, alert, severity, labels, atMs, activeSinceMs }: AlertChange): RunEvent {
  const whose = Object.values(labels).join(", ");
  const what = `${alert} ${kind}${whose === "" ? "" : ` for ${whose}`}`;
  if (kind === "ends") return { atMs, kind: alertEnds, subject: alert, text: `${what} (${severity})` };
  const heldMs = atMs - activeSinceMs;
  const held = heldMs === 0 ? "" : `, true for ${formatDuration(heldMs)}`;
  return { atMs, kind: alertFires, subject: alert, text: `${what} (${severity}${held})` };
}
