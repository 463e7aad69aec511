/**
 * What an objective can name, and how it is measured: one explicit table.
 *
 * A measurement is a value with its sample, or the words why there is none. Nothing measured is never zero.
 */
import type { Unit } from "../core/finding.ts";
import { failureOutcomes } from "../core/record.ts";
import type { Run, RunManifest } from "../core/run.ts";
import { type MetricScope, splitMetric } from "../core/scenario/metrics.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { formatWhole, plural } from "../core/units.ts";
import { type Cost, costOf, replicaCostOf } from "./cost.ts";
import { degradation } from "./degradation.ts";
import { errorShare, outcomeShare, rateLimitedShare, type Share } from "./errors.ts";
import { type Flapping, flappingOf } from "./flapping.ts";
import { goodput, requestLimits } from "./goodput.ts";
import { latencies, latencyNames, parseLatencyMetric } from "./latency.ts";
import { type Statistic, statisticOf } from "./percentile.ts";
import { recordsOf } from "./phases.ts";
import { peakOfTokenLimit } from "./quota.ts";
import { errorBudgetOf } from "./slo/error-budget.ts";

/** A metric, measured. */
export type Measurement =
  | {
      readonly kind: "value";
      readonly title: string;
      readonly unit: Unit;
      readonly value: number;
      readonly samples: number;
      /** Where the truth lies; the value itself when it is known exactly. An open end is infinite. */
      readonly interval: readonly [number, number];
      readonly detail: string;
    }
  /** There is no value; `why` says so in words. */
  | { readonly kind: "none"; readonly title: string; readonly why: string; readonly samples: number };

type Measure = (run: Run, scenario: Scenario) => Measurement;

/** Metrics with a name of their own. */
const named: Readonly<Record<string, Measure>> = {
  errors: (run) => shareMeasured("Failed requests", errorShare(recordsOf(run, "load"))),
  "rate-limited": (run) => shareMeasured("Requests refused for load (429)", rateLimitedShare(recordsOf(run, "load"))),
  goodput: (run, scenario) =>
    shareMeasured("Goodput", goodput(recordsOf(run, "load"), requestLimits(scenario.objectives))),
  "cost.total": (run) => costMeasured("Cost of the load phase", run, (cost) => cost.total),
  "cost.per-hour": (run) => costMeasured("Cost per hour", run, (cost) => cost.perHour),
  "cost.per-request": (run) => costMeasured("Cost per request", run, (cost) => cost.perRequest),
  "cost.per-success": (run) => costMeasured("Cost per answered request", run, (cost) => cost.perSuccess),
  "cost.wasted": (run) => costMeasured("Paid for requests not answered", run, (cost) => cost.wasted),
  "cost.replicas.per-hour": (run) => replicaCostMeasured(run),
  "tokens.of-limit.max": (run) => tokensOfLimit(run),
  "scaling.reversals": (run) =>
    scalingMeasured("Scale events undone shortly after", run, ({ reversals }) => reversals.length),
  "scaling.replicas.max": (run) => scalingMeasured("Most replicas that served", run, ({ readyMax }) => readyMax),
  "scaling.under": (run) => scalingMeasured("Time with too few replicas", run, ({ underShare }) => underShare, "share"),
  "scaling.over": (run) => scalingMeasured("Time with too many replicas", run, ({ overShare }) => overShare, "share"),
  "calls.per-request": (run) => callsPerRequest(run),
  "queue.depth.max": (run) => queueDepth(run),
  ...Object.fromEntries(
    failureOutcomes.map((outcome): readonly [string, Measure] => [
      `errors.${outcome}`,
      (run) => shareMeasured(`Requests that ended ${outcome}`, outcomeShare(recordsOf(run, "load"), outcome)),
    ]),
  ),
};

/** Names of the metrics that are not made of a latency and a statistic. */
export const namedMetrics: readonly string[] = Object.keys(named);

/** Measures what an objective names, of a part of the traffic where it says so; undefined when no metric has that name. */
export function measure(metric: string, run: Run, scenario: Scenario): Measurement | undefined {
  const { name, scope } = splitMetric(metric);
  if (scope === undefined) return measureAll(name, run, scenario);
  const measured = measureAll(name, partOf(run, scope), scenario);
  return measured === undefined ? undefined : { ...measured, title: `${measured.title}, ${scope.kind} ${scope.name}` };
}

/** The run as if nobody else had been there. A request belongs to the provider that answered it. */
function partOf(run: Run, { kind, name }: MetricScope): Run {
  const records = run.records.filter((record) => record[kind] === name);
  const manifest = withoutQueue(run.manifest);
  if (kind !== "provider") return { ...run, records, manifest };
  const providers = manifest.providers.filter(({ provider }) => provider === name);
  return { ...run, records, manifest: { ...manifest, providers } };
}

/** A load balancer does not know whose requests wait in its queue. */
function withoutQueue(manifest: RunManifest): RunManifest {
  if (manifest.replicas?.mostWaiting === undefined) return manifest;
  const { mostWaiting: _ofAll, ...replicas } = manifest.replicas;
  return { ...manifest, replicas };
}

function measureAll(metric: string, run: Run, scenario: Scenario): Measurement | undefined {
  const byName = Object.hasOwn(named, metric) ? named[metric] : undefined;
  if (byName !== undefined) return byName(run, scenario);
  const budget = /^slo\.(.+)\.(burn|consumed)$/.exec(metric);
  if (budget?.[1] !== undefined) return budgetMeasured(budget[1], budget[2] === "burn", run, scenario);
  const prefix = "degradation.";
  return metric.startsWith(prefix)
    ? degradationMeasured(metric.slice(prefix.length), run)
    : latencyMeasured(metric, run);
}

/** Undefined when the scenario has no service level of this name. */
function budgetMeasured(name: string, isBurn: boolean, run: Run, scenario: Scenario): Measurement | undefined {
  const slo = scenario.slo?.find((each) => each.name === name);
  if (slo === undefined) return undefined;
  const title = isBurn ? `Burn rate of ${name}` : `Error budget of ${name} spent`;
  const budget = errorBudgetOf(run, slo);
  if (budget === undefined) return { kind: "none", title, samples: 0, why: "the load phase has no request to count" };
  const value = isBurn ? budget.burn : budget.consumed;
  const detail = `${formatWhole(budget.bad)} of ${plural(budget.all, "request")}`;
  const unit = isBurn ? "count" : "share";
  return { kind: "value", title, unit, value, samples: budget.all, interval: [value, value], detail };
}

function latencyMeasured(metric: string, run: Run): Measurement | undefined {
  const parsed = parseLatencyMetric(metric);
  if (parsed === undefined) return undefined;
  const title = `${latencyNames[parsed.kind]} ${metric.slice(parsed.kind.length + 1)}`;
  const records = recordsOf(run, "load");
  const sample = latencies(records, parsed.kind);
  const value = statisticOf(sample, parsed.statistic);
  if (value === undefined) {
    return {
      kind: "none",
      title,
      samples: 0,
      why: `none of ${records.length} requests in the load phase has this latency`,
    };
  }
  const failed = errorShare(records).part;
  const detail = [
    failed === 0 ? "" : `${formatWhole(failed)} failed requests are not in this sample`,
    isThin(sample.length, parsed.statistic) ? `of ${sample.length} requests this is hardly more than the slowest` : "",
  ]
    .filter((text) => text !== "")
    .join("; ");
  return { kind: "value", title, unit: "ms", value, samples: sample.length, interval: [value, value], detail };
}

/** Whether no whole request lies beyond the percentile, on average. It is still a fact about this run, so it is judged. */
function isThin(samples: number, statistic: Statistic): boolean {
  return statistic.kind === "percentile" && samples * (1 - statistic.p) < 1;
}

/** Percentiles only: the bootstrap of a maximum is inconsistent, and a mean is not what people feel. */
function degradationMeasured(metric: string, run: Run): Measurement | undefined {
  const parsed = parseLatencyMetric(metric);
  if (parsed === undefined || parsed.statistic.kind !== "percentile") return undefined;
  const title = `${latencyNames[parsed.kind]} ${metric.slice(parsed.kind.length + 1)} against baseline`;
  const found = degradation(run, parsed.kind, parsed.statistic.p);
  if (found.kind === "none") return { kind: "none", title, why: found.why, samples: found.pairs };
  const { change, interval, pairs, note } = found;
  return { kind: "value", title, unit: "share", value: change, samples: pairs, interval, detail: note };
}

function shareMeasured(title: string, { part, whole, share }: Share): Measurement {
  if (share === undefined) return { kind: "none", title, samples: 0, why: "the load phase has no request to count" };
  const detail = `${formatWhole(part)} of ${plural(whole, "request")}`;
  return { kind: "value", title, unit: "share", value: share, samples: whole, interval: [share, share], detail };
}

function costMeasured(title: string, run: Run, figure: (cost: Cost) => number | undefined): Measurement {
  const cost = costOf(run);
  if (cost === undefined)
    return { kind: "none", title, samples: 0, why: "no provider kept a ledger, so nobody knows the cost" };
  const value = figure(cost);
  if (value === undefined || cost.requests === 0) {
    return { kind: "none", title, samples: cost.requests, why: "the load phase has nothing to divide the cost by" };
  }
  const open = cost.unpricedModels.length > 0;
  return {
    kind: "value",
    title,
    unit: "money",
    value,
    samples: cost.requests,
    interval: [value, open ? Number.POSITIVE_INFINITY : value],
    detail: open ? `a lower bound: no price is known for ${cost.unpricedModels.join(", ")}` : "",
  };
}

function replicaCostMeasured(run: Run): Measurement {
  const title = "Gateway replicas per hour";
  const value = replicaCostOf(run)?.perHour;
  if (value === undefined) return { kind: "none", title, samples: 0, why: "the scenario sets no price for a replica" };
  return { kind: "value", title, unit: "money", value, samples: 1, interval: [value, value], detail: "" };
}

function callsPerRequest(run: Run): Measurement {
  const title = "Calls to providers per request";
  const records = recordsOf(run, "load");
  if (records.length === 0) return { kind: "none", title, samples: 0, why: "the load phase has no request to count" };
  const value = records.reduce((sum, record) => sum + record.upstreamCalls, 0) / records.length;
  return { kind: "value", title, unit: "count", value, samples: records.length, interval: [value, value], detail: "" };
}

/**
 * Most requests that waited for room in the gateway at one instant: from the records of a simulation that explains itself, or as a
 * live fleet's load balancer counted them.
 */
function queueDepth(run: Run): Measurement {
  const title = "Most requests that waited for room";
  const records = recordsOf(run, "load");
  const explained = records.filter(({ spent }) => spent !== undefined);
  const counted = run.manifest.replicas?.mostWaiting;
  if (explained.length === 0 && counted !== undefined && records.length > 0) {
    const [atLeast, atMost] = counted;
    const detail = atLeast === atMost ? "" : `in several queues, of which the longest held ${formatWhole(atLeast)}`;
    return { kind: "value", title, unit: "count", value: atMost, samples: records.length, interval: counted, detail };
  }
  if (explained.length === 0) {
    const why =
      "nobody counted who waited for room: a load balancer of a live fleet does, and a simulation that explains itself";
    return { kind: "none", title, samples: 0, why };
  }
  const value = mostAtOnce(
    explained.flatMap(({ intendedMs, spent }) => {
      const waitedMs = spent?.instance ?? 0;
      return waitedMs > 0 ? [[intendedMs, intendedMs + waitedMs] as const] : [];
    }),
  );
  return {
    kind: "value",
    title,
    unit: "count",
    value,
    samples: explained.length,
    interval: [value, value],
    detail: "",
  };
}

/** Most of these stretches of time that share an instant; one that ends where another begins does not. */
function mostAtOnce(stretches: readonly (readonly [fromMs: number, toMs: number])[]): number {
  const steps = stretches.flatMap(([fromMs, toMs]) => [
    { atMs: fromMs, by: 1 },
    { atMs: toMs, by: -1 },
  ]);
  let [now, most] = [0, 0];
  for (const { by } of steps.toSorted((left, right) => left.atMs - right.atMs || left.by - right.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

function scalingMeasured(
  title: string,
  run: Run,
  figure: (flapping: Flapping) => number | undefined,
  unit: "count" | "share" = "count",
): Measurement {
  const flapping = flappingOf(run);
  if (flapping === undefined) {
    return {
      kind: "none",
      title,
      samples: 0,
      why: "nobody scaled the gateway's replicas, or wrote down how many there were",
    };
  }
  const value = figure(flapping);
  const samples = flapping.changes.length;
  if (value === undefined)
    return { kind: "none", title, samples, why: "nobody knows what a request takes of this gateway's replicas" };
  return { kind: "value", title, unit, value, samples, interval: [value, value], detail: "" };
}

function tokensOfLimit(run: Run): Measurement {
  const title = "Peak share of the token limit";
  const value = peakOfTokenLimit(run);
  if (value === undefined) return { kind: "none", title, samples: 0, why: "no provider has a token limit" };
  const samples = run.manifest.providers.reduce((sum, ledger) => sum + ledger.calls, 0);
  return { kind: "value", title, unit: "share", value, samples, interval: [value, value], detail: "" };
}
