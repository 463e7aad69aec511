/**
 * Minutes in which users were served worse than the scenario's objectives allow: what alerts are measured against.
 *
 * Each minute of the load phase is judged by itself, by what ended in it, against the objectives that a minute can tell. One
 * with fewer requests than `requestsMin` is not judged: a percentile of five requests is an anecdote.
 */
import type { RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import type { Objective, Scenario } from "../../core/scenario/scenario.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import { judgeInterval } from "../objectives.ts";
import { parseLatencyMetric } from "../latency.ts";
import { phaseSpan, recordsOf } from "../phases.ts";
import { createSliWindow } from "./sli-window.ts";

const requestsMin = 20;
const sharesOfRequests: readonly string[] = ["errors", "rate-limited", "goodput"];

/** Starts of the bad minutes, in order of time since the start of the run. */
export function badMinutes(run: Run, { objectives }: Pick<Scenario, "objectives">): readonly Ms[] {
  const span = phaseSpan(run, "load");
  const told = objectives.filter(isToldByMinutes);
  if (span === undefined || told.length === 0) return [];
  const byMinute = Map.groupBy(recordsOf(run, "load"), ({ endMs }) => Math.floor((endMs - span.startMs) / minuteMs));
  return [...byMinute]
    .filter(([, records]) => isBadMinute(records, told))
    .map(([minute]) => span.startMs + minute * minuteMs)
    .toSorted((left, right) => left - right);
}

/** Whether these requests, all of one minute, were served worse than an objective allows. */
export function isBadMinute(records: readonly RequestRecord[], objectives: readonly Objective[]): boolean {
  if (records.length < requestsMin) return false;
  const window = createSliWindow({ objectives, longestMs: Number.POSITIVE_INFINITY });
  for (const record of records) window.add(record);
  return objectives.some((objective) => {
    const value = window.measure(objective.metric, Number.MAX_VALUE, undefined, Number.MAX_VALUE);
    return value !== undefined && judgeInterval([value, value], objective) === "fail";
  });
}

/** Of the whole traffic; a maximum is one request, and no minute is bad for one. */
function isToldByMinutes({ metric }: Objective): boolean {
  const latency = parseLatencyMetric(metric);
  return latency === undefined ? sharesOfRequests.includes(metric) : latency.statistic.kind !== "max";
}
