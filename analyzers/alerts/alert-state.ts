/**
 * What becomes of an alert from one evaluation to the next: pending while its condition has not held for long enough, then
 * firing, then gone (prometheus/rules/alerting.go, AlertingRule.Eval).
 *
 * Each set of labels that the condition answers with is an alert of its own. `keep_firing_for` counts from the first evaluation at
 * which the condition no longer held.
 */
import type { Ms } from "../../core/time.ts";
import type { Element } from "./promql/evaluate.ts";
import { type Labels, labelsKey } from "./promql/series-store.ts";
import type { AlertRule } from "./rules.ts";

/** An alert that has become firing, or has ceased to be. */
export interface AlertChange {
  readonly kind: "fires" | "ends";
  readonly alert: string;
  readonly severity: string;
  readonly labels: Labels;
  readonly atMs: Ms;
  /** When its condition began to hold, which is before it fires where it has to hold for a time. */
  readonly activeSinceMs: Ms;
  /** What was measured when it fired. */
  readonly value: number;
}

export interface ActiveAlert {
  readonly labels: Labels;
  readonly activeSinceMs: Ms;
  /** undefined: pending. */
  firingSinceMs: Ms | undefined;
  /** The condition has not held since; undefined: it does. */
  notHeldSinceMs: Ms | undefined;
  value: number;
}

/** The alerts of one rule. */
export class AlertState {
  readonly rule: AlertRule;
  readonly #active = new Map<string, ActiveAlert>();

  constructor(rule: AlertRule) {
    this.rule = rule;
  }

  /** What the condition answered now. Says what that changed. */
  evaluated(atMs: Ms, elements: readonly Element[]): readonly AlertChange[] {
    const held = new Map(elements.map((element) => [labelsKey(element.labels), element]));
    for (const [key, { labels, value }] of held) {
      const known = this.#active.get(key);
      if (known === undefined) {
        this.#active.set(key, {
          labels,
          activeSinceMs: atMs,
          firingSinceMs: undefined,
          notHeldSinceMs: undefined,
          value,
        });
      } else {
        known.value = value;
        known.notHeldSinceMs = undefined;
      }
    }
    return [...this.#active].flatMap(([key, active]) => this.#step(key, active, held.has(key), atMs));
  }

  /** Pending and firing, by labels. */
  active(): readonly Readonly<ActiveAlert>[] {
    return [...this.#active.values()];
  }

  #step(key: string, active: ActiveAlert, isHeld: boolean, atMs: Ms): readonly AlertChange[] {
    if (!isHeld) {
      active.notHeldSinceMs ??= atMs;
      const isKept = active.firingSinceMs !== undefined && atMs - active.notHeldSinceMs < this.rule.keepFiringForMs;
      if (isKept) return [];
      this.#active.delete(key);
      return active.firingSinceMs === undefined ? [] : [this.#change("ends", active, atMs)];
    }
    if (active.firingSinceMs !== undefined || atMs - active.activeSinceMs < this.rule.forMs) return [];
    active.firingSinceMs = atMs;
    return [this.#change("fires", active, atMs)];
  }

  #change(kind: AlertChange["kind"], { labels, activeSinceMs, value }: ActiveAlert, atMs: Ms): AlertChange {
    const { alert, severity, labels: own } = this.rule;
    return { kind, alert, severity, labels: { ...labels, ...own }, atMs, activeSinceMs, value };
  }
}
