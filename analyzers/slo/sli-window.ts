/**
 * Service levels of the recent past, fed request by request: what a drill asks while it goes on.
 *
 * Counts what ended within the window, as the families of a run do. Raw records are kept no longer than the longest window and
 * no more than `recordsMax` of them; with more traffic than that a window looks back less far, and says how far it does.
 */
import { assertNever } from "../../core/invariant.ts";
import { addMoney, type NanoDollars } from "../../core/money.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { hourMs, minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { errorShare, rateLimitedShare } from "../errors.ts";
import { goodput, requestLimits } from "../goodput.ts";
import { latencies, parseLatencyMetric } from "../latency.ts";
import { statisticOf } from "../percentile.ts";

export interface SliWindow {
  /** A request has ended. Records may come a little out of order. */
  readonly add: (record: RequestRecord) => void;
  /**
   * An SLI over the `windowMs` up to now: shares as fractions, latencies in milliseconds, money in nano-dollars. undefined
   * when there was nothing to measure, or when it is none of the SLIs that requests can tell.
   */
  readonly measure: (metric: string, windowMs: Ms, scope: SliScope | undefined, nowMs: Ms) => number | undefined;
}

/** Part of the traffic. */
export interface SliScope {
  readonly kind: "provider" | "model" | "tenant";
  readonly name: string;
}

export interface SliWindowOptions {
  /** Their latency limits are what goodput is about. */
  readonly objectives?: readonly Objective[];
  /** Tokens a minute by provider; providers without a limit are left out. */
  readonly tokenLimits?: ReadonlyMap<string, number>;
  /** No window is longer. Default: an hour. */
  readonly longestMs?: Ms;
  /** Records kept at most. Default: 500,000, some 200 MB. */
  readonly recordsMax?: number;
}

/** SLIs by name that are not a latency with a statistic. */
type NamedSli = (typeof namedSlis)[number];

const namedSlis = [
  "errors",
  "rate-limited",
  "goodput",
  "cost.per-hour",
  "cost.per-request",
  "cost.total",
  "requests.per-second",
  "calls.per-request",
  "tokens.per-request",
  "tokens.of-limit",
] as const;

export function createSliWindow(options: SliWindowOptions = {}): SliWindow {
  const { longestMs = hourMs, recordsMax = 500_000 } = options;
  const recent = new RecentRecords(longestMs, recordsMax);
  const limits = requestLimits(options.objectives ?? []);
  const spent = new SpentSoFar();
  const named = (sli: NamedSli, records: readonly RequestRecord[], windowMs: Ms, scope: SliScope | undefined) => {
    const perRequest = (of: (record: RequestRecord) => number): number | undefined =>
      records.length === 0 ? undefined : total(records, of) / records.length;
    switch (sli) {
      case "errors":
        return errorShare(records).share;
      case "rate-limited":
        return rateLimitedShare(records).share;
      case "goodput":
        return goodput(records, limits).share;
      case "cost.per-hour":
        return (total(records, ({ cost }) => cost) / windowMs) * hourMs;
      case "cost.per-request":
        return perRequest(({ cost }) => cost);
      case "cost.total":
        return spent.of(scope);
      case "requests.per-second":
        return (records.length / windowMs) * secondMs;
      case "calls.per-request":
        return perRequest(({ upstreamCalls }) => upstreamCalls);
      case "tokens.per-request":
        return perRequest(tokensOf);
      case "tokens.of-limit":
        return ofLimit(records, windowMs, options.tokenLimits ?? new Map());
      default:
        return assertNever(sli);
    }
  };
  return {
    add: (record) => {
      recent.add(record);
      spent.add(record);
    },
    measure: (metric, windowMs, scope, nowMs) => {
      const records = recent.within(nowMs - windowMs, nowMs).filter((record) => isOf(record, scope));
      const latency = parseLatencyMetric(metric);
      if (latency !== undefined) return statisticOf(latencies(records, latency.kind), latency.statistic);
      const sli = namedSlis.find((name) => name === metric);
      return sli === undefined ? undefined : named(sli, records, windowMs, scope);
    },
  };
}

/** Records by when they ended, none older than the longest window. */
class RecentRecords {
  readonly #longestMs: Ms;
  readonly #most: number;
  #records: RequestRecord[] = [];
  /** Those before it are no longer needed. */
  #first = 0;

  constructor(longestMs: Ms, most: number) {
    this.#longestMs = longestMs;
    this.#most = most;
  }

  add(record: RequestRecord): void {
    // Nearly always the last; the loop is for those that come a little late.
    let index = this.#records.length;
    while (index > this.#first && (this.#records[index - 1]?.endMs ?? 0) > record.endMs) index -= 1;
    this.#records.splice(index, 0, record);
    const latestMs = this.#records.at(-1)?.endMs ?? 0;
    while ((this.#records[this.#first]?.endMs ?? latestMs) < latestMs - this.#longestMs) this.#first += 1;
    if (this.#records.length - this.#first > this.#most) this.#first += 1;
    if (this.#first < 1_024 || this.#first < this.#records.length / 2) return;
    this.#records = this.#records.slice(this.#first);
    this.#first = 0;
  }

  /** Ended after `fromMs` and not after `toMs`. */
  within(fromMs: Ms, toMs: Ms): readonly RequestRecord[] {
    return this.#records.slice(this.#after(fromMs), this.#after(toMs));
  }

  #after(atMs: Ms): number {
    let low = this.#first;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.endMs ?? 0) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Money since the beginning, as a whole and for each part of the traffic. */
class SpentSoFar {
  readonly #byScope = new Map<string, NanoDollars>();

  add({ provider, model, tenant, cost }: RequestRecord): void {
    for (const key of ["", `provider ${provider}`, `model ${model}`, `tenant ${tenant}`]) {
      this.#byScope.set(key, addMoney(this.#byScope.get(key) ?? 0, cost));
    }
  }

  of(scope: SliScope | undefined): NanoDollars {
    return this.#byScope.get(scope === undefined ? "" : `${scope.kind} ${scope.name}`) ?? 0;
  }
}

function isOf(record: RequestRecord, scope: SliScope | undefined): boolean {
  return scope === undefined || record[scope.kind] === scope.name;
}

/** Of the provider that is nearest to its limit; tokens count when their request ends, which is later than at admission. */
function ofLimit(
  records: readonly RequestRecord[],
  windowMs: Ms,
  tokenLimits: ReadonlyMap<string, number>,
): number | undefined {
  const shares = [...tokenLimits].map(([provider, perMinute]) => {
    const tokens = total(
      records.filter((record) => record.provider === provider),
      tokensOf,
    );
    return ((tokens / windowMs) * minuteMs) / perMinute;
  });
  return shares.length === 0 ? undefined : Math.max(...shares);
}

function tokensOf({ inputTokens, outputTokens }: RequestRecord): number {
  return inputTokens + outputTokens;
}

function total(records: readonly RequestRecord[], of: (record: RequestRecord) => number): number {
  return records.reduce((sum, record) => sum + of(record), 0);
}
