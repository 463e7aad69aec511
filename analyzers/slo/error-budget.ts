/**
 * Error budgets of a run: how much of the budget of a service level it spent, and how fast.
 *
 * The budget is for a period of weeks and a run lasts minutes, so nothing here pages: a run is told its burn rate, and what
 * share of the whole period's budget is gone if the rest of the period has the traffic of this run.
 *
 *     burn     = (bad / all) / (1 - target)
 *     consumed = burn * length of the load phase / period
 */
import type { Finding } from "../../core/finding.ts";
import { isOk, type RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { GoodSpec, SloSpec } from "../../core/scenario/slo-schema.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { formatShare, formatWhole } from "../../core/units.ts";
import { latencyOf } from "../latency.ts";
import { phaseLengthMs, recordsOf } from "../phases.ts";
import { burnRate } from "./burn-rate.ts";

export interface ErrorBudget {
  readonly bad: number;
  /** Clients that left on purpose are not among them. */
  readonly all: number;
  /** 1: as fast as allowed. */
  readonly burn: number;
  /** Share of the period's budget; above 1 it is overspent. */
  readonly consumed: number;
}

/** undefined when there was no request to count. */
export function errorBudget(slo: SloSpec, records: readonly RequestRecord[], lengthMs: Ms): ErrorBudget | undefined {
  const counted = records.filter(({ outcome }) => outcome !== "aborted");
  if (counted.length === 0) return undefined;
  const bad = counted.filter((record) => !isGood(record, slo.good)).length;
  const burn = burnRate(bad / counted.length, slo.target);
  return { bad, all: counted.length, burn, consumed: (burn * lengthMs) / slo.periodMs };
}

export function isGood(record: RequestRecord, good: GoodSpec): boolean {
  if (!isOk(record)) return false;
  if (good.kind === "answered") return true;
  const latencyMs = latencyOf(record, good.latency);
  return latencyMs !== undefined && latencyMs <= good.limitMs;
}

/** The budget of each service level over the load phase, as information. */
export function errorBudgetFindings(run: Run, { slo: slos = [] }: Scenario): readonly Finding[] {
  return slos.flatMap((slo) => {
    const budget = errorBudgetOf(run, slo);
    if (budget === undefined) return [];
    const { bad, all, burn, consumed } = budget;
    return [
      {
        analyzer: "slo",
        id: `slo.${slo.name}.consumed`,
        title: `Error budget of ${slo.name}`,
        measured: consumed,
        unit: "share" as const,
        samples: all,
        detail: `${formatWhole(bad)} of ${formatWhole(all)} requests bad at a target of ${formatShare(slo.target)}: burns ${Number(burn.toFixed(2))} times as fast as allowed over ${formatDuration(slo.periodMs)}`,
      },
    ];
  });
}

/** The budget of one service level over the load phase. */
export function errorBudgetOf(run: Run, slo: SloSpec): ErrorBudget | undefined {
  return errorBudget(slo, recordsOf(run, "load"), phaseLengthMs(run, "load"));
}
