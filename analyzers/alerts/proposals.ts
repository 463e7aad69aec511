/**
 * Limits that would tell this scenario's incidents from its everyday: above everything that a healthy run shows, with a
 * margin, and below what the incidents show.
 */
import { decimalExponent } from "../../core/elementary.ts";
import type { AlertSpec, AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { Ms } from "../../core/time.ts";
import { evaluate, vectorOf } from "./promql/evaluate.ts";
import { SeriesStore } from "./promql/series-store.ts";
import type { Scrape } from "./run-scrapes.ts";
import { limitInFamilyUnits, signalOver } from "./signals.ts";

export interface LimitProposal {
  readonly alert: string;
  readonly signal: string;
  /** In the unit of the signal's family: seconds, dollars, shares, counts. */
  readonly limit: number;
  /** Highest in the healthy runs; undefined when it was never measured. */
  readonly healthyMost: number | undefined;
  /** Highest in each incident, the largest of them. */
  readonly incidentMost: number | undefined;
  /** undefined: no limit tells them apart, or the one there is does well. */
  readonly proposed: number | undefined;
  readonly why: string;
}

/** Above the highest healthy value by this much: the next healthy day is not this one. */
const margin = 1.25;

/** One for each alert that has an upper limit. */
export function limitProposals(
  { alerts }: AlertsSpec,
  healthy: readonly (readonly Scrape[])[],
  incidents: readonly (readonly Scrape[])[],
): readonly LimitProposal[] {
  return alerts.flatMap((alert) => {
    const { condition } = alert;
    if (condition.kind !== "limit" || !condition.comparison.startsWith(">")) return [];
    const { signal, windowMs } = condition;
    const mostIn = (runs: typeof healthy): number | undefined =>
      largest(runs.flatMap((scrapes) => mostOf(signal, windowMs, scrapes) ?? []));
    const [healthyMost, incidentMost] = [mostIn(healthy), mostIn(incidents)];
    const limit = limitInFamilyUnits(signal, condition.limit);
    const { proposed, why } = judged(limit, healthyMost, incidentMost);
    return [{ alert: alert.name, signal, limit, healthyMost, incidentMost, proposed, why }];
  });
}

function judged(
  limit: number,
  healthyMost: number | undefined,
  incidentMost: number | undefined,
): { readonly proposed: number | undefined; readonly why: string } {
  if (healthyMost === undefined || incidentMost === undefined) {
    return { proposed: undefined, why: "this scenario does not measure it" };
  }
  const safe = roundedUp(healthyMost * margin);
  if (incidentMost <= healthyMost * margin) {
    return { proposed: undefined, why: "no incident shows in it, so no limit tells them apart" };
  }
  if (limit <= healthyMost) return { proposed: safe, why: "a healthy hour is above the limit" };
  if (limit >= incidentMost) return { proposed: safe, why: "no incident reaches the limit" };
  return { proposed: undefined, why: "healthy hours are below it, incidents above" };
}

/** Two digits are as many as anybody remembers. */
function roundedUp(value: number): number {
  if (value <= 0) return 0;
  const unit = Number(`1e${decimalExponent(value) - 1}`);
  return Number((Math.ceil(value / unit - 1e-9) * unit).toPrecision(2));
}

/** Highest value of a signal over a run, once its window is full. */
function mostOf(signal: AlertSpec["name"], windowMs: Ms, scrapes: readonly Scrape[]): number | undefined {
  const store = new SeriesStore(windowMs * 2);
  const query = signalOver(signal, windowMs);
  let most: number | undefined;
  for (const { atMs, samples } of scrapes) {
    store.append("scrape", atMs, samples);
    if (atMs < windowMs) continue;
    for (const { value } of vectorOf(evaluate(query, { store, atMs, major: 3 }))) {
      if (!Number.isNaN(value) && (most === undefined || value > most)) most = value;
    }
  }
  return most;
}

function largest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}
