/**
 * Watches alerts while time passes: scrapes go in, what fires comes out.
 *
 * The clock is whoever calls. Rules are asked at whole multiples of their interval; at an instant that is both, the scrape comes
 * first.
 */
import type { Ms } from "../../core/time.ts";
import { type AlertChange, AlertState } from "./alert-state.ts";
import { evaluate, type PrometheusMajor, vectorOf } from "./promql/evaluate.ts";
import { lookbackMs } from "./promql/expression.ts";
import { type Sample, SeriesStore } from "./promql/series-store.ts";
import { reachOfRules, type RuleGroup } from "./rules.ts";

export interface AlertWatchOptions {
  /** Whose semantics; 3 unless given. */
  readonly major?: PrometheusMajor;
  /** Told of every change, in order of time. */
  readonly onChange?: (change: AlertChange) => void;
}

export interface AlertWatch {
  /** Everything that a scrape found, at an instant after the one before. */
  readonly scrape: (atMs: Ms, samples: readonly Sample[]) => void;
  /** Alerts by name, each since when it has been firing without a break; of several with other labels, the first. */
  readonly firing: () => readonly FiringNow[];
  /** The names of all alerts that may fire, each once. */
  readonly alertNames: readonly string[];
  /** Asks the rules at every instant that is due until then, where no scrape will come any more. */
  readonly evaluateUntil: (untilMs: Ms) => void;
}

export interface FiringNow {
  readonly alert: string;
  readonly severity: string;
  readonly sinceMs: Ms;
}

export function createAlertWatch(groups: readonly RuleGroup[], options: AlertWatchOptions = {}): AlertWatch {
  const store = new SeriesStore(reachOfRules(groups) + lookbackMs);
  const turns = groups.map((group) => ({
    group,
    states: group.alerts.map((rule) => new AlertState(rule)),
    nextMs: 0,
  }));
  const major = options.major ?? 3;
  const turn = ({ group, states }: (typeof turns)[number], atMs: Ms): void => {
    const moment = { store, atMs, major };
    for (const [index, { record, labels, expression }] of group.recorded.entries()) {
      const found = vectorOf(evaluate(expression, moment));
      const samples = found.map((each) => ({ name: record, labels: { ...each.labels, ...labels }, value: each.value }));
      store.append(`${group.name} ${index}`, atMs, samples);
    }
    for (const state of states) {
      const found = vectorOf(evaluate(state.rule.expression, moment));
      for (const change of state.evaluated(atMs, found)) options.onChange?.(change);
    }
  };
  const evaluateUntil = (untilMs: Ms): void => {
    for (;;) {
      const dueMs = turns.reduce((least, { nextMs }) => Math.min(least, nextMs), Number.POSITIVE_INFINITY);
      if (dueMs > untilMs || !Number.isFinite(dueMs)) return;
      for (const each of turns) {
        if (each.nextMs !== dueMs) continue;
        turn(each, dueMs);
        each.nextMs = dueMs + each.group.evaluateMs;
      }
    }
  };
  return {
    scrape: (atMs, samples) => {
      evaluateUntil(atMs - 1);
      store.append("scrape", atMs, samples);
      evaluateUntil(atMs);
    },
    evaluateUntil,
    firing: () => firingOf(turns.flatMap(({ states }) => states)),
    alertNames: [...new Set(groups.flatMap(({ alerts }) => alerts.map(({ alert }) => alert)))],
  };
}

/** Of each name the one that has been firing longest. */
function firingOf(states: readonly AlertState[]): readonly FiringNow[] {
  const byName = new Map<string, FiringNow>();
  for (const state of states) {
    const { rule } = state;
    for (const { firingSinceMs } of state.active()) {
      if (firingSinceMs === undefined) continue;
      const known = byName.get(rule.alert);
      if (known !== undefined && known.sinceMs <= firingSinceMs) continue;
      byName.set(rule.alert, { alert: rule.alert, severity: rule.severity, sinceMs: firingSinceMs });
    }
  }
  return [...byName.values()];
}
