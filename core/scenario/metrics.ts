/**
 * What an objective can be about, and how its limit is written: `ttft.p95: < 2s`.
 *
 * The unit of a metric decides how its limit reads: latencies take durations, shares percentages, costs dollars.
 */
import { assertNever } from "../invariant.ts";
import { failureOutcomes } from "../record.ts";
import { parseMoney } from "../money.ts";
import { parseDuration } from "../time.ts";
import { parseCount, parseShare } from "../units.ts";
import type { Objective } from "./scenario.ts";

/** `ms`: milliseconds; `share`: fraction; `money`: nano-dollars; `count`: a number. */
export type MetricUnit = "ms" | "share" | "money" | "count";

interface MetricFamily {
  readonly pattern: RegExp;
  readonly unit: MetricUnit;
  /** Whose part of the traffic it can be asked for; nobody's unless given. */
  readonly scopes?: readonly MetricScope["kind"][];
  /** Some members by name, for messages and for the nearest known name. */
  readonly examples: readonly string[];
}

/** Part of the traffic that a metric is about: `ttft.p95 of tenant marketing`. */
export interface MetricScope {
  readonly kind: "tenant" | "model" | "provider";
  readonly name: string;
}

const everyScope = ["tenant", "model", "provider"] as const;

const percentile = String.raw`p(?!00?(?:\.0+)?$)\d{1,2}(?:\.\d+)?`;

const families: readonly MetricFamily[] = [
  {
    pattern: new RegExp(`^(?:ttft|itl|e2e)\\.(?:mean|max|${percentile})$`),
    unit: "ms",
    scopes: everyScope,
    examples: ["ttft", "itl", "e2e"].flatMap((kind) => ["p50", "p95", "p99", "mean", "max"].map((s) => `${kind}.${s}`)),
  },
  {
    pattern: new RegExp(`^degradation\\.(?:ttft|itl|e2e)\\.${percentile}$`),
    unit: "share",
    examples: ["ttft", "itl", "e2e"].flatMap((kind) => ["p50", "p95", "p99"].map((s) => `degradation.${kind}.${s}`)),
  },
  scoped(
    everyScope,
    named("share", "errors", "rate-limited", "goodput", ...failureOutcomes.map((each) => `errors.${each}`)),
  ),
  scoped(["provider"], named("share", "tokens.of-limit.max")),
  scoped(
    everyScope,
    named("money", "cost.total", "cost.per-hour", "cost.per-request", "cost.per-success", "cost.wasted"),
  ),
  named("money", "cost.replicas.per-hour"),
  scoped(everyScope, named("count", "calls.per-request")),
  named("count", "scaling.reversals", "scaling.replicas.max", "queue.depth.max"),
  named("share", "scaling.under", "scaling.over"),
  { pattern: /^slo\.[a-z][a-z0-9-]*\.consumed$/, unit: "share", examples: ["slo.availability.consumed"] },
  { pattern: /^slo\.[a-z][a-z0-9-]*\.burn$/, unit: "count", examples: ["slo.availability.burn"] },
];

/** Metric names for messages and guesses; a percentile may be any from p0.1 to p99.99. */
export const metricExamples: readonly string[] = families.flatMap((family) => family.examples);

/** Unit of a metric's limit; undefined when there is no such metric, or not of this part of the traffic. */
export function metricUnit(metric: string): MetricUnit | undefined {
  const { name, scope } = splitMetric(metric);
  const family = families.find(({ pattern }) => pattern.test(name));
  return scope === undefined || family?.scopes?.includes(scope.kind) === true ? family?.unit : undefined;
}

const scopeForm = /^(\S+) of (tenant|model|provider) (\S+)$/;

/** `ttft.p95 of tenant marketing` as the metric and whose it is. */
export function splitMetric(metric: string): { readonly name: string; readonly scope: MetricScope | undefined } {
  const [, name, kind, whose] = scopeForm.exec(metric) ?? [];
  if (name === undefined || whose === undefined) return { name: metric, scope: undefined };
  if (kind !== "tenant" && kind !== "model" && kind !== "provider") return { name: metric, scope: undefined };
  return { name, scope: { kind, name: whose } };
}

const limitPattern = /^(<=|>=|==|<|>)?\s*(.+)$/;

/** What a limit of this metric may look like, in words. */
export const limitForms: Readonly<Record<MetricUnit, string>> = {
  ms: "a comparison with a duration, such as < 2s",
  share: "a comparison with a share, such as < 1% or <= 0.01, or 0",
  money: "a comparison with dollars, such as < $120",
  count: "a comparison with a number, such as <= 20, or 0",
};

/** Reads a limit: a comparison and an amount, or a bare 0 for "none at all". Undefined if it makes no sense. */
export function parseLimit(
  written: string | number,
  unit: MetricUnit,
): Pick<Objective, "comparison" | "limit"> | undefined {
  const match = limitPattern.exec(String(written).trim());
  const limit = parseAmount(match?.[2] ?? "", unit);
  if (limit === undefined || (match?.[1] === undefined && limit !== 0)) return undefined;
  return { comparison: comparisonOf(match?.[1] ?? "=="), limit };
}

function comparisonOf(sign: string): Objective["comparison"] {
  return sign === "<" || sign === "<=" || sign === ">" || sign === ">=" ? sign : "==";
}

function parseAmount(amount: string, unit: MetricUnit): number | undefined {
  switch (unit) {
    case "ms":
      return parseDuration(amount);
    case "share":
      return parseShare(amount);
    case "money":
      return amount === "0" ? 0 : parseMoney(amount);
    case "count":
      return parseCount(amount);
    default:
      return assertNever(unit);
  }
}

function named(unit: MetricUnit, ...names: readonly string[]): MetricFamily {
  const alternatives = names.map((name) => name.replaceAll(".", String.raw`\.`)).join("|");
  return { pattern: new RegExp(`^(?:${alternatives})$`), unit, examples: names };
}

function scoped(scopes: readonly MetricScope["kind"][], family: MetricFamily): MetricFamily {
  return { ...family, scopes };
}
