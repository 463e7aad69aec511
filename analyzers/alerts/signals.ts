/**
 * What an alert is about, as a query over the families of a run (`families.ts`).
 *
 * A signal counts as the objectives do: a client that left on purpose is no failure and no request, and a latency is that of
 * answered requests.
 */
import { invariant } from "../../core/invariant.ts";
import { nanoPerDollar } from "../../core/money.ts";
import { signalUnit } from "../../core/scenario/alert-schema.ts";
import type { MetricUnit } from "../../core/scenario/metrics.ts";
import type { GoodSpec } from "../../core/scenario/slo-schema.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import { boundForms, histogramOf } from "./families.ts";
import {
  binary,
  type Expression,
  increase,
  isNoneOf,
  isOneOf,
  latest,
  max,
  number,
  quantile,
  rate,
  sum,
} from "./promql/expression.ts";

/** The signal over a window that ended `offsetMs` ago, in the unit of its families: seconds, dollars, shares, counts. */
export function signalOver(signal: string, windowMs: Ms, offsetMs: Ms = 0): Expression {
  const perSecond = (metric: string, ...matchers: Parameters<typeof rate>[2] & object): Expression =>
    sum(rate(metric, windowMs, matchers, offsetMs));
  const requests = perSecond("squall_requests_total", isNoneOf("outcome", "aborted"));
  switch (signal) {
    case "errors":
      return binary(perSecond("squall_requests_total", isNoneOf("outcome", "ok", "aborted")), "/", requests);
    case "rate-limited":
      return binary(
        perSecond("squall_requests_total", isOneOf("outcome", "rate-limited")),
        "/",
        perSecond("squall_requests_total"),
      );
    case "tokens.of-limit":
      return max(latest("squall_token_limit_utilization", [], offsetMs), ["provider"]);
    case "cost.per-hour":
      return binary(perSecond("squall_cost_dollars_total"), "*", number(3_600));
    case "cost.per-request":
      return binary(perSecond("squall_cost_dollars_total"), "/", perSecond("squall_requests_total"));
    case "queue.depth":
      return sum(latest("squall_queue_depth", [], offsetMs));
    case "replicas.ready":
      return sum(latest("squall_replicas", [isOneOf("state", "ready")], offsetMs));
    case "requests.per-second":
      return perSecond("squall_requests_total");
    case "calls.per-request":
      return binary(perSecond("squall_upstream_calls_total"), "/", perSecond("squall_requests_total"));
    case "tokens.per-request":
      return binary(perSecond("squall_tokens_total"), "/", perSecond("squall_requests_total"));
    default:
      return latencyOver(signal, windowMs, offsetMs);
  }
}

function latencyOver(signal: string, windowMs: Ms, offsetMs: Ms): Expression {
  const dot = signal.indexOf(".");
  const [latency, statistic] = [signal.slice(0, dot), signal.slice(dot + 1)];
  invariant(latency === "ttft" || latency === "itl" || latency === "e2e", `${signal} is a signal`);
  const name = histogramOf(latency);
  if (statistic === "mean") {
    return binary(
      sum(rate(`${name}_sum`, windowMs, [], offsetMs)),
      "/",
      sum(rate(`${name}_count`, windowMs, [], offsetMs)),
    );
  }
  // 95 / 100 is 0.95; 0.01 * 95 is not.
  const q = Number(statistic.slice(1)) / 100;
  return quantile(q, sum(rate(`${name}_bucket`, windowMs, [], offsetMs), ["le"]));
}

/** A limit of the scenario's units in those of the families. */
export function limitInFamilyUnits(signal: string, limit: number): number {
  const unit = signalUnit(signal);
  invariant(unit !== undefined, `${signal} is a signal`);
  return limit / unitSizes[unit];
}

const unitSizes: Readonly<Record<MetricUnit, number>> = { ms: secondMs, money: nanoPerDollar, share: 1, count: 1 };

/** Only where at least so many requests ended within the window. */
export function withAtLeast(expression: Expression, requestsMin: number, windowMs: Ms): Expression {
  if (requestsMin === 0) return expression;
  const ended = sum(increase("squall_requests_total", windowMs));
  return binary(expression, "and", binary(ended, ">=", number(requestsMin)));
}

/** Share of the requests that were not good. */
export function badShareOver(good: GoodSpec, windowMs: Ms): Expression {
  if (good.kind === "answered") return signalOver("errors", windowMs);
  const bound = isOneOf("le", ...boundForms(good.limitMs / secondMs));
  const met = sum(rate(`${histogramOf(good.latency)}_bucket`, windowMs, [bound]));
  const all = sum(rate("squall_requests_total", windowMs, [isNoneOf("outcome", "aborted")]));
  return binary(number(1), "-", binary(met, "/", all));
}
