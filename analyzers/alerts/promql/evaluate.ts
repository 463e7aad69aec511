/**
 * Evaluates expressions as Prometheus does, so that an alert fires here when it fires there.
 *
 * Semantics of prometheus/promql: engine.go (lookback, staleness, ranges, vector matching), functions.go (extrapolated rates) and
 * quantile.go (buckets). Two of them changed with Prometheus 3: a range and the lookback no longer include their very first
 * instant (prometheus/prometheus#13904), and the start of a counter is guessed no further back than half a sample interval
 * before its zero is (functions.go, extrapolatedRate). Where scrapes stand still on the clock, as in tests, both show; so the
 * major version is a parameter.
 */
import { invariant } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import { bucketQuantile } from "./bucket-quantile.ts";
import { type BinarySign, type Expression, lookbackMs, type Matcher, type Selector } from "./expression.ts";
import { indexAfter, type Labels, labelsKey, type Series, type SeriesStore } from "./series-store.ts";

/** Major version of the Prometheus whose semantics are meant. */
export type PrometheusMajor = 2 | 3;

/** One element of an instant vector. `name` is that of the metric, where an operation kept it. */
export interface Element {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A vector, in no particular order, or a number. */
export type Value = readonly Element[] | number;

export interface Moment {
  readonly store: Pick<SeriesStore, "named">;
  readonly atMs: Ms;
  readonly major: PrometheusMajor;
}

export function evaluate(expression: Expression, moment: Moment): Value {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "latest":
      return latestValues(expression, moment);
    case "increase":
    case "rate":
      return growth(expression, moment);
    case "quantile":
      return quantiles(expression.q, vectorOf(evaluate(expression.of, moment)));
    case "aggregate":
      return aggregate(expression, vectorOf(evaluate(expression.of, moment)));
    case "binary":
      return combine(expression.sign, evaluate(expression.left, moment), evaluate(expression.right, moment));
  }
}

/** A vector; an expression that yields a number where a vector is needed is a mistake in our rules. */
export function vectorOf(value: Value): readonly Element[] {
  invariant(typeof value !== "number", "needed is a vector, given is a number");
  return value;
}

function latestValues({ metric, matchers, offsetMs }: Selector, { store, atMs, major }: Moment): readonly Element[] {
  const found: Element[] = [];
  const untilMs = atMs - offsetMs;
  for (const series of store.named(metric)) {
    if (!matches(series.labels, matchers)) continue;
    const index = indexAfter(series.timesMs, untilMs) - 1;
    const [timeMs, value] = [series.timesMs[index], series.values[index]];
    if (timeMs === undefined || value === undefined || isGone(series, timeMs, untilMs)) continue;
    const ageMs = untilMs - timeMs;
    if (major === 2 ? ageMs > lookbackMs : ageMs >= lookbackMs) continue;
    found.push({ name: metric, labels: series.labels, value });
  }
  return found;
}

function isGone({ goneMs }: Series, sinceMs: Ms, untilMs: Ms): boolean {
  const lastGoneMs = goneMs[indexAfter(goneMs, untilMs) - 1];
  return lastGoneMs !== undefined && lastGoneMs > sinceMs;
}

function growth(
  { kind, metric, matchers, offsetMs, windowMs }: Extract<Expression, { readonly kind: "increase" | "rate" }>,
  { store, atMs, major }: Moment,
): readonly Element[] {
  const found: Element[] = [];
  const endMs = atMs - offsetMs;
  const startMs = endMs - windowMs;
  for (const series of store.named(metric)) {
    if (!matches(series.labels, matchers)) continue;
    // Instants are whole milliseconds, so "from the start on" is "after the millisecond before it".
    const first = indexAfter(series.timesMs, major === 2 ? startMs - 1 : startMs);
    const last = indexAfter(series.timesMs, endMs) - 1;
    if (last - first < 1) continue;
    const grown = extrapolatedIncrease(series, first, last, startMs, endMs, major);
    const value = kind === "rate" ? grown.increase * (grown.factor / (windowMs / 1000)) : grown.increase * grown.factor;
    found.push({ name: "", labels: series.labels, value });
  }
  return found;
}

/**
 * functions.go, extrapolatedRate: the growth between the first and the last sample, stretched to the ends of the window where
 * samples reach close to them (1.1 mean intervals), by half an interval otherwise, and never to before the counter was zero.
 */
function extrapolatedIncrease(
  { timesMs, values, lost }: Series,
  first: number,
  last: number,
  startMs: Ms,
  endMs: Ms,
  major: PrometheusMajor,
): { readonly increase: number; readonly factor: number } {
  const at = (list: readonly number[], index: number): number => list[index] ?? 0;
  const firstValue = at(values, first);
  const increase = at(values, last) - firstValue + (at(lost, last) - at(lost, first));
  const sampledS = (at(timesMs, last) - at(timesMs, first)) / 1000;
  const meanS = sampledS / (last - first);
  const thresholdS = meanS * 1.1;
  const clipped = (toEdgeS: number): number => (toEdgeS < thresholdS ? toEdgeS : meanS / 2);
  const toZeroS = increase > 0 && firstValue >= 0 ? sampledS * (firstValue / increase) : Number.POSITIVE_INFINITY;
  const startS = (at(timesMs, first) - startMs) / 1000;
  const toStartS = major === 2 ? clipped(Math.min(startS, toZeroS)) : Math.min(clipped(startS), toZeroS);
  const toEndS = clipped((endMs - at(timesMs, last)) / 1000);
  return { increase, factor: (sampledS + toStartS + toEndS) / sampledS };
}

function matches(labels: Labels, matchers: readonly Matcher[]): boolean {
  return matchers.every(({ label, isOneOf, values }) => values.includes(labels[label] ?? "") === isOneOf);
}

/** Buckets without a readable `le` are left out, as in Prometheus. */
function quantiles(q: number, buckets: readonly Element[]): readonly Element[] {
  const groups = new Map<string, { readonly labels: Labels; readonly of: { upper: number; count: number }[] }>();
  for (const { labels, value } of buckets) {
    const upper = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"] ?? Number.NaN);
    if (Number.isNaN(upper)) continue;
    const { le: _, ...others } = labels;
    const key = labelsKey(others);
    const group = groups.get(key) ?? { labels: others, of: [] };
    groups.set(key, group);
    group.of.push({ upper, count: value });
  }
  return [...groups.values()].map(({ labels, of }) => ({ name: "", labels, value: bucketQuantile(q, of) }));
}

function aggregate(
  { how, by }: Extract<Expression, { readonly kind: "aggregate" }>,
  elements: readonly Element[],
): readonly Element[] {
  const more = (total: number, value: number): number =>
    how === "sum" ? total + value : total < value || Number.isNaN(total) ? value : total;
  const [first, ...others] = elements;
  if (first === undefined) return [];
  if (by.length === 0) {
    return [{ name: "", labels: {}, value: others.reduce((total, { value }) => more(total, value), first.value) }];
  }
  const groups = new Map<string, { readonly labels: Labels; value: number }>();
  for (const { labels, value } of elements) {
    const kept: Labels = Object.fromEntries(
      by.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])),
    );
    const key = labelsKey(kept);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: kept, value });
    else group.value = more(group.value, value);
  }
  return [...groups.values()].map(({ labels, value }) => ({ name: "", labels, value }));
}

function combine(sign: BinarySign, left: Value, right: Value): Value {
  if (sign === "and" || sign === "or" || sign === "unless") return setOf(sign, vectorOf(left), vectorOf(right));
  if (typeof left === "number" && typeof right === "number") {
    const result = apply(sign, left, right);
    return typeof result === "boolean" ? Number(result) : result;
  }
  if (typeof right === "number") return withNumber(vectorOf(left), (value) => apply(sign, value, right));
  if (typeof left === "number") return withNumber(right, (value) => apply(sign, left, value));
  const partners = new Map(right.map((element) => [labelsKey(element.labels), element]));
  invariant(partners.size === right.length, "several elements on the right have the same labels");
  return left.flatMap((element): Element[] => {
    const partner = partners.get(labelsKey(element.labels));
    if (partner === undefined) return [];
    return resultOf(element, apply(sign, element.value, partner.value));
  });
}

function withNumber(elements: readonly Element[], result: (value: number) => number | boolean): readonly Element[] {
  return elements.flatMap((element) => resultOf(element, result(element.value)));
}

/** A comparison keeps the element as it is, or drops it; arithmetic gives it a new value and takes its name. */
function resultOf(element: Element, result: number | boolean): Element[] {
  if (typeof result === "number") return [{ name: "", labels: element.labels, value: result }];
  return result ? [element] : [];
}

function apply(sign: Exclude<BinarySign, "and" | "or" | "unless">, left: number, right: number): number | boolean {
  switch (sign) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "==":
      return left === right;
  }
}

function setOf(sign: "and" | "or" | "unless", left: readonly Element[], right: readonly Element[]): readonly Element[] {
  const keys = new Set(right.map(({ labels }) => labelsKey(labels)));
  if (sign === "and") return left.filter(({ labels }) => keys.has(labelsKey(labels)));
  if (sign === "unless") return left.filter(({ labels }) => !keys.has(labelsKey(labels)));
  const leftKeys = new Set(left.map(({ labels }) => labelsKey(labels)));
  return [...left, ...right.filter(({ labels }) => !leftKeys.has(labelsKey(labels)))];
}
