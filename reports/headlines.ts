/** What every form of the report says in the same words: latencies as rows, the comparison's main figures, the cost in a sentence. */
import { capacityCostOf } from "../analyzers/capacity-cost.ts";
import type { Cost } from "../analyzers/cost.ts";
import { describeFailure, failureGroups } from "../analyzers/errors.ts";
import type { FidelityRow } from "../analyzers/fidelity.ts";
import { flappingOf } from "../analyzers/flapping.ts";
import { latencies, latencyKinds, latencyNames } from "../analyzers/latency.ts";
import { summarize, summaryStatistics } from "../analyzers/percentile.ts";
import { recordsOf } from "../analyzers/phases.ts";
import type { Finding } from "../core/finding.ts";
import { formatMoney } from "../core/money.ts";
import type { Run } from "../core/run.ts";
import { formatDuration } from "../core/time.ts";
import { formatShare, plural } from "../core/units.ts";
import { formatValue } from "./format.ts";

/** A latency, written out: one text for each of `summaryStatistics`. */
export interface LatencyRow {
  readonly name: string;
  readonly values: readonly string[];
  readonly requests: string;
}

/** The latencies that the answered requests of the load phase have. */
export function latencyRows(run: Run): readonly LatencyRow[] {
  const records = recordsOf(run, "load");
  return latencyKinds.flatMap((kind) => {
    const summary = summarize(latencies(records, kind));
    if (summary === undefined) return [];
    const values = summaryStatistics.map((statistic) => formatDuration(summary[statistic]));
    return [{ name: latencyNames[kind], values, requests: formatValue(summary.count, "count") }];
  });
}

/** Failures of one kind, written out. */
export interface FailureRow {
  readonly what: string;
  readonly requests: string;
  readonly share: string;
}

/** Failures of the load phase by kind, most frequent first; those beyond the first `most` kinds as `others`. */
export function failureRows(run: Run, most: number): readonly FailureRow[] {
  const records = recordsOf(run, "load");
  const groups = failureGroups(records);
  const others = groups.slice(most).reduce((sum, group) => sum + group.count, 0);
  const counted: readonly (readonly [what: string, count: number])[] = [
    ...groups.slice(0, most).map((group) => [describeFailure(group), group.count] as const),
    ...(others === 0 ? [] : [["others", others] as const]),
  ];
  return counted.map(([what, count]) => ({
    what,
    requests: formatValue(count, "count"),
    share: formatShare(count / records.length),
  }));
}

/** Figures of a comparison that people ask for first; the page has them all. */
const mainFigures: ReadonlySet<string> = new Set([
  "ttft.mean",
  "ttft.p95",
  "ttft.p99",
  "itl.mean",
  "e2e.mean",
  "e2e.p95",
  "e2e.p99",
  "outcome.ok",
  "outcome.rate-limited",
  "tokens.output",
  "cost.total",
  "replicas.distance",
  "scaling.decisions",
  "scaling.shift",
]);

/** Told where there is any of it, live or simulated: retries that providers saw, and what nobody received. */
const toldWhereAny: ReadonlySet<string> = new Set(["upstream.repeated", "tokens.wasted"]);

export function mainRows<Row extends FidelityRow>(fidelity: { readonly rows: readonly Row[] }): readonly Row[] {
  return fidelity.rows.filter(
    ({ metric, live = 0, simulated = 0 }) =>
      mainFigures.has(metric) || (toldWhereAny.has(metric) && live + simulated > 0) || /^load\.\d+\.e2e/.test(metric), // by the gateway's load, where that changed
  );
}

/** `$0.04 for 250 requests · $2.50 per hour at this load · ...`, in parts. */
export function costInWords({ total, requests, perHour, perSuccess, wasted }: Cost): readonly string[] {
  return [
    `${formatMoney(total)} for ${plural(requests, "request")}`,
    ...(perHour === undefined ? [] : [`${formatMoney(perHour)} per hour at this load`]),
    ...(perSuccess === undefined ? [] : [`${formatMoney(perSuccess)} for each answer`]),
    `${wasted === 0 ? "nothing" : formatMoney(wasted)} paid for requests that were not answered`,
  ];
}

/** `$0.50 for this run ($60.00 per hour) for capacity, used or not: 50 PTU of gpt-4.1 at ...`; empty where there is none. */
export function capacityInWords(run: Run): string {
  const cost = capacityCostOf(run);
  if (cost === undefined || cost.parts.length === 0) return "";
  const { total, perHour, parts } = cost;
  return `Beside it ${formatMoney(total)} for this run (${formatMoney(perHour)} per hour) for capacity, used or not: ${parts.join("; ")}`;
}

/** `HPA cpu 70 %, 3..50 (cpu-hpa.yaml): 3 replicas at first, 16 at most, 9.8 on average; 6 scale events.` */
export function scalingInWords(run: Run): string {
  const flapping = flappingOf(run);
  if (flapping === undefined) return "";
  const { scaling, replicas } = run.manifest;
  const { changes, readyMax, readyMean } = flapping;
  const what = scaling === undefined ? "Nobody scales" : `${scaling.policy} (${scaling.file})`;
  const first = replicas?.counts[0]?.ready ?? 0;
  const mean = Number(readyMean.toFixed(1));
  return `${what}: ${plural(first, "replica")} at first, ${readyMax} at most, ${mean} on average; ${plural(changes.length, "scale event")}.`;
}

/** What was measured of the replicas, and what they cost. */
export function scalingFindings(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...findings.filter(({ analyzer }) => analyzer === "scaling"),
    ...findings.filter(({ id }) => id.startsWith("cost.replicas")),
  ];
}
