/**
 * Queries as data: the part of PromQL that alerting rules are made of, as a tree that is evaluated here (`evaluate.ts`) and
 * printed for Prometheus (`print.ts`). One tree, so what is simulated is what is exported.
 */
import type { Ms } from "../../../core/time.ts";

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  /** The latest sample of each series, at most five minutes old. */
  | ({ readonly kind: "latest" } & Selector)
  /** Growth of each counter over a window: in all, or per second. */
  | ({ readonly kind: "increase" | "rate"; readonly windowMs: Ms } & Selector)
  /** A quantile out of cumulative buckets (`le`), for each group of buckets. */
  | { readonly kind: "quantile"; readonly q: number; readonly of: Expression }
  | { readonly kind: "aggregate"; readonly how: "sum" | "max"; readonly by: readonly string[]; readonly of: Expression }
  | { readonly kind: "binary"; readonly sign: BinarySign; readonly left: Expression; readonly right: Expression };

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Looks so far back from the instant of evaluation. */
  readonly offsetMs: Ms;
}

/** A label is, or is not, one of these values; an absent label is the empty one. */
export interface Matcher {
  readonly label: string;
  readonly isOneOf: boolean;
  readonly values: readonly string[];
}

export type BinarySign = "+" | "-" | "*" | "/" | Comparison | "and" | "or" | "unless";

export type Comparison = "<" | "<=" | ">" | ">=" | "==";

export function number(value: number): Expression {
  return { kind: "number", value };
}

export function latest(metric: string, matchers: readonly Matcher[] = [], offsetMs: Ms = 0): Expression {
  return { kind: "latest", metric, matchers, offsetMs };
}

export function rate(metric: string, windowMs: Ms, matchers: readonly Matcher[] = [], offsetMs: Ms = 0): Expression {
  return { kind: "rate", metric, matchers, windowMs, offsetMs };
}

export function increase(metric: string, windowMs: Ms, matchers: readonly Matcher[] = []): Expression {
  return { kind: "increase", metric, matchers, windowMs, offsetMs: 0 };
}

export function sum(of: Expression, by: readonly string[] = []): Expression {
  return { kind: "aggregate", how: "sum", by, of };
}

export function max(of: Expression, by: readonly string[] = []): Expression {
  return { kind: "aggregate", how: "max", by, of };
}

export function quantile(q: number, of: Expression): Expression {
  return { kind: "quantile", q, of };
}

export function binary(left: Expression, sign: BinarySign, right: Expression): Expression {
  return { kind: "binary", sign, left, right };
}

export function isOneOf(label: string, ...values: readonly string[]): Matcher {
  return { label, isOneOf: true, values };
}

export function isNoneOf(label: string, ...values: readonly string[]): Matcher {
  return { label, isOneOf: false, values };
}

/** How far back an evaluation looks at most; what is older need not be kept. */
export function reachMs(expression: Expression): Ms {
  switch (expression.kind) {
    case "number":
      return 0;
    case "latest":
      return expression.offsetMs + lookbackMs;
    case "increase":
    case "rate":
      return expression.offsetMs + expression.windowMs;
    case "quantile":
    case "aggregate":
      return reachMs(expression.of);
    case "binary":
      return Math.max(reachMs(expression.left), reachMs(expression.right));
  }
}

/** Metrics that an expression reads. */
export function metricsOf(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "latest":
    case "increase":
    case "rate":
      return [expression.metric];
    case "quantile":
    case "aggregate":
      return metricsOf(expression.of);
    case "binary":
      return [...metricsOf(expression.left), ...metricsOf(expression.right)];
  }
}

/** `--query.lookback-delta`, Prometheus' default: a sample counts until it is this old. */
export const lookbackMs: Ms = 300_000;
