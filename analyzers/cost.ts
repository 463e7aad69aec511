/**
 * What the load phase cost, from the providers' own charges on each request.
 *
 * Wasted money is what was charged for requests that no client got an answer to. A model without a price makes every figure a
 * lower bound; a run without a provider ledger (a gateway we only know by URL) has no figure at all.
 */
import type { Finding } from "../core/finding.ts";
import { addMoney, formatMoney, type NanoDollars } from "../core/money.ts";
import { isOk, type RequestRecord } from "../core/record.ts";
import type { ReplicaAccount, Run } from "../core/run.ts";
import { formatDuration, hourMs, type Ms } from "../core/time.ts";
import { formatCount, plural } from "../core/units.ts";
import { capacityFindings } from "./capacity-cost.ts";
import { phaseLengthMs, recordsOf } from "./phases.ts";

/** Whole nano-dollars; a figure is undefined where its denominator is zero. */
export interface Cost {
  readonly total: NanoDollars;
  readonly wasted: NanoDollars;
  readonly perHour: NanoDollars | undefined;
  readonly perRequest: NanoDollars | undefined;
  readonly perSuccess: NanoDollars | undefined;
  readonly requests: number;
  /** Models that were used and have no price: their cost is in none of the figures. */
  readonly unpricedModels: readonly string[];
}

/** Tokens and money of one model. */
export interface ModelCost {
  readonly model: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly wastedTokens: number;
  readonly cost: NanoDollars;
  readonly wasted: NanoDollars;
}

/** Cost of the load phase; undefined when no provider kept a ledger, so that nobody knows. */
export function costOf(run: Run): Cost | undefined {
  if (run.manifest.providers.length === 0) return undefined;
  const records = recordsOf(run, "load");
  const lengthMs = phaseLengthMs(run, "load");
  let [total, wasted, answered] = [0, 0, 0];
  for (const record of records) {
    total = addMoney(total, record.cost);
    if (isOk(record)) answered += 1;
    else wasted = addMoney(wasted, record.cost);
  }
  return {
    total,
    wasted,
    perHour: lengthMs > 0 ? Math.round(total * (hourMs / lengthMs)) : undefined,
    perRequest: records.length > 0 ? Math.round(total / records.length) : undefined,
    perSuccess: answered > 0 ? Math.round(total / answered) : undefined,
    requests: records.length,
    unpricedModels: [...new Set(run.manifest.providers.flatMap((ledger) => ledger.unpricedModels))].toSorted(),
  };
}

/** What the gateway's own replicas cost, beside whatever the providers charge. */
export interface ReplicaCost {
  readonly hourly: NanoDollars;
  /** Time of all replicas together over the whole run, from the wish for each until it was gone. */
  readonly replicaMs: Ms;
  /** Functions, which are charged for what they did. Undefined where there are none. */
  readonly usage: ReplicaAccount["usage"];
  /** Both together. */
  readonly total: NanoDollars;
  /** At the run's average number of replicas; undefined in a run of no length. */
  readonly perHour: NanoDollars | undefined;
}

/** Undefined where replicas have no price. */
export function replicaCostOf({ manifest }: Run): ReplicaCost | undefined {
  const { replicas, durationMs } = manifest;
  if (replicas === undefined || (replicas.hourly === 0 && replicas.usage === undefined)) return undefined;
  const { counts, hourly, usage } = replicas;
  const used = usage?.cost ?? 0;
  const replicaMs = counts.reduce((sum, { atMs, starting, ready, draining }, index) => {
    const untilMs = counts[index + 1]?.atMs ?? durationMs;
    return sum + (starting + ready + draining) * (untilMs - atMs);
  }, 0);
  return {
    hourly,
    replicaMs,
    usage,
    total: addMoney(Math.round(hourly * (replicaMs / hourMs)), used),
    perHour: durationMs > 0 ? Math.round(hourly * (replicaMs / durationMs) + used * (hourMs / durationMs)) : undefined,
  };
}

/** The load phase by model, dearest first. */
export function costByModel(run: Run): readonly ModelCost[] {
  const byModel = Map.groupBy(recordsOf(run, "load"), (record) => record.model);
  return [...byModel]
    .map(([model, records]) => ({
      model,
      requests: records.length,
      inputTokens: sumOf(records, (record) => record.inputTokens),
      cachedTokens: sumOf(records, (record) => record.cachedTokens),
      outputTokens: sumOf(records, (record) => record.outputTokens),
      wastedTokens: sumOf(records, (record) => record.wastedTokens),
      cost: sumMoney(records),
      wasted: sumMoney(records.filter((record) => !isOk(record))),
    }))
    .toSorted((left, right) => right.cost - left.cost || (left.model < right.model ? -1 : 1));
}

/** The figures as information, and a word about models without a price. */
export function costFindings(run: Run): readonly Finding[] {
  return [...providerCostFindings(run), ...capacityFindings(run), ...replicaCostFindings(run)];
}

function replicaCostFindings(run: Run): readonly Finding[] {
  const cost = replicaCostOf(run);
  if (cost === undefined) return [];
  const { total, perHour } = cost;
  const about = { analyzer: "cost", unit: "money" } as const;
  const detail = `${replicaCostInWords(cost)}; not in the providers' cost`;
  return [
    { ...about, id: "cost.replicas", title: "Gateway replicas for the whole run", measured: total, detail },
    ...(perHour === undefined
      ? []
      : [{ ...about, id: "cost.replicas.per-hour", title: "Gateway replicas per hour", measured: perHour }]),
  ];
}

function replicaCostInWords({ hourly, replicaMs, usage }: ReplicaCost): string {
  return [
    ...(hourly === 0 ? [] : [`${formatDuration(replicaMs)} of replica time at ${formatMoney(hourly)} an hour`]),
    ...(usage === undefined
      ? []
      : [
          `functions ran ${formatCount(Math.round(usage.gbSeconds))} GB-seconds for ${plural(usage.requests, "request")}`,
        ]),
  ].join(", ");
}

function providerCostFindings(run: Run): readonly Finding[] {
  const cost = costOf(run);
  if (cost === undefined || cost.requests === 0) return [];
  const figures: readonly (readonly [id: string, title: string, amount: number | undefined])[] = [
    ["cost.total", "Cost of the load phase", cost.total],
    ["cost.per-hour", "Cost per hour at this load", cost.perHour],
    ["cost.per-request", "Cost per request", cost.perRequest],
    ["cost.per-success", "Cost per answered request", cost.perSuccess],
    ["cost.wasted", "Paid for requests that were not answered", cost.wasted],
  ];
  const billed = run.manifest.providers.reduce((sum, ledger) => addMoney(sum, ledger.cost), 0);
  return [
    ...figures.flatMap(([id, title, measured]) =>
      measured === undefined
        ? []
        : [{ analyzer: "cost", id, title, measured, unit: "money" as const, samples: cost.requests }],
    ),
    {
      analyzer: "cost",
      id: "cost.billed",
      title: "Billed by the providers for the whole run",
      measured: billed,
      unit: "money",
      detail: `warm-up and baseline included; prices: ${run.manifest.prices}`,
    },
    ...cost.unpricedModels.map((model) => ({
      analyzer: "cost",
      id: `cost.unpriced.${model}`,
      title: `No price is known for ${model}`,
      detail: `its cost is in none of the figures, so ${formatMoney(cost.total)} is a lower bound; prices: ${run.manifest.prices}`,
    })),
  ];
}

function sumMoney(records: readonly RequestRecord[]): NanoDollars {
  return records.reduce((sum, record) => addMoney(sum, record.cost), 0);
}

function sumOf(records: readonly RequestRecord[], field: (record: RequestRecord) => number): number {
  return records.reduce((sum, record) => sum + field(record), 0);
}
