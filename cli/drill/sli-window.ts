/**
 * What users got over the past minutes, from requests as they end: the SLIs that runbooks ask for (`runbooks/engine/conditions.ts`).
 *
 * Percentiles are exact, over every request of the window. A client that left on purpose is no failure; a latency is that of
 * answered requests, as in objectives.
 */
import { latencies, parseLatencyMetric } from "../../analyzers/latency.ts";
import { statisticOf } from "../../analyzers/percentile.ts";
import { addMoney, type NanoDollars } from "../../core/money.ts";
import { isOk, type RequestRecord } from "../../core/record.ts";
import { hourMs, type Ms, secondMs } from "../../core/time.ts";
import type { Scope } from "../../runbooks/engine/conditions.ts";
import type { Account } from "../../runbooks/engine/world.ts";

/** Ended requests of the longest window that anybody asks for. */
const keptMs: Ms = hourMs;

export class SliWindow {
  #ended: RequestRecord[] = [];
  #requests: number;
  #failed: number;
  #cost: NanoDollars;
  #costOfFailed: NanoDollars;
  #tokens: number;

  /** `before`: what a drill that goes on had counted. */
  constructor(before: Account = { requests: 0, failed: 0, cost: 0 }) {
    this.#requests = before.requests;
    this.#failed = before.failed;
    this.#cost = before.cost;
    this.#costOfFailed = before.costOfFailed ?? 0;
    this.#tokens = before.tokens ?? 0;
  }

  /** A request has ended. Records may come a little out of order: a call goes on after its client has left. */
  add(record: RequestRecord): void {
    this.#ended.push(record);
    this.#requests += 1;
    if (isFailure(record)) {
      this.#failed += 1;
      this.#costOfFailed = addMoney(this.#costOfFailed, record.cost);
    }
    this.#cost = addMoney(this.#cost, record.cost);
    this.#tokens += tokensOf(record);
  }

  /** Since the load began. */
  account(): Account {
    return {
      requests: this.#requests,
      failed: this.#failed,
      cost: this.#cost,
      costOfFailed: this.#costOfFailed,
      tokens: this.#tokens,
    };
  }

  /** Undefined when nothing was measured, or where this window does not know the metric. */
  measure(metric: string, nowMs: Ms, windowMs: Ms, scope: Scope | undefined): number | undefined {
    if (metric === "cost.total") return this.#cost;
    if (metric === "tokens.total") return this.#tokens;
    const records = this.requests(nowMs, windowMs, scope);
    const latency = parseLatencyMetric(metric);
    if (latency !== undefined) return statisticOf(latencies(records, latency.kind), latency.statistic);
    const sharesOf = records.filter(({ outcome }) => outcome !== "aborted");
    const seconds = Math.min(windowMs, nowMs) / secondMs;
    switch (metric) {
      case "errors":
        return shareOf(sharesOf, isFailure);
      case "rate-limited":
        return shareOf(sharesOf, ({ outcome }) => outcome === "rate-limited");
      case "goodput":
        return shareOf(sharesOf, isOk);
      case "as-asked":
        return shareOf(sharesOf.filter(isOk), ({ servedModel }) => servedModel === undefined);
      case "cache.hits":
        return shareOf(sharesOf.filter(isOk), ({ answeredFrom }) => answeredFrom !== undefined);
      case "cost.per-hour":
        return seconds === 0 ? undefined : (costOf(records) / seconds) * 3_600;
      case "cost.per-request":
        return meanOf(records, ({ cost }) => cost);
      case "requests.per-second":
        return seconds === 0 ? undefined : records.length / seconds;
      case "calls.per-request":
        return meanOf(records, ({ upstreamCalls }) => upstreamCalls);
      case "tokens.per-request":
        return meanOf(records.filter(isOk), tokensOf);
      case "tokens.per-minute":
        return seconds === 0 ? undefined : (sumOf(records, tokensOf) / seconds) * 60;
      default:
        return undefined;
    }
  }

  /** Requests that ended within a window. */
  requests(nowMs: Ms, windowMs: Ms, scope?: Scope): readonly RequestRecord[] {
    this.#ended = this.#ended.length > 4_096 ? this.#ended.filter(({ endMs }) => endMs > nowMs - keptMs) : this.#ended;
    const recent: RequestRecord[] = [];
    // Nearly in order: what ended longer ago than a client's patience lies before all that counts.
    for (let index = this.#ended.length - 1; index >= 0; index--) {
      const record = this.#ended[index];
      if (record === undefined || record.endMs <= nowMs - windowMs - outOfOrderMs) break;
      if (record.endMs > nowMs - windowMs && isOf(record, scope)) recent.push(record);
    }
    return recent.reverse();
  }
}

/** By how much a record may be older than one that came before it. */
const outOfOrderMs: Ms = 2 * 60 * secondMs;

function isOf(record: RequestRecord, scope: Scope | undefined): boolean {
  if (scope === undefined) return true;
  // Whoever asks for one model wants to know how that one does, whatever was asked for.
  const name = scope.kind === "model" ? (record.servedModel ?? record.model) : record[scope.kind];
  return name === scope.name;
}

function isFailure({ outcome }: RequestRecord): boolean {
  return outcome !== "ok" && outcome !== "aborted";
}

function shareOf(records: readonly RequestRecord[], holds: (record: RequestRecord) => boolean): number | undefined {
  return records.length === 0 ? undefined : records.filter(holds).length / records.length;
}

function meanOf(records: readonly RequestRecord[], value: (record: RequestRecord) => number): number | undefined {
  return records.length === 0 ? undefined : sumOf(records, value) / records.length;
}

function sumOf(records: readonly RequestRecord[], value: (record: RequestRecord) => number): number {
  return records.reduce((sum, record) => sum + value(record), 0);
}

/** That the answer counted; of a request that failed, none or few. */
function tokensOf({ inputTokens, outputTokens }: RequestRecord): number {
  return inputTokens + outputTokens;
}

function costOf(records: readonly RequestRecord[]): NanoDollars {
  return records.reduce((sum, { cost }) => addMoney(sum, cost), 0);
}
