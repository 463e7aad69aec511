/** Expressions as the text that Prometheus reads. */
import { dayMs, hourMs, minuteMs, type Ms, secondMs } from "../../../core/time.ts";
import type { BinarySign, Expression, Matcher, Selector } from "./expression.ts";

/** `sum(rate(squall_requests_total{outcome="ok"}[5m])) > 0.05`. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return printNumber(expression.value);
    case "latest":
      return `${printSelector(expression)}${printOffset(expression)}`;
    case "increase":
    case "rate": {
      const range = `[${printWindow(expression.windowMs)}]`;
      return `${expression.kind}(${printSelector(expression)}${range}${printOffset(expression)})`;
    }
    case "quantile":
      return `histogram_quantile(${printNumber(expression.q)}, ${printExpression(expression.of)})`;
    case "aggregate": {
      const by = expression.by.length === 0 ? "" : ` by (${expression.by.join(", ")}) `;
      return `${expression.how}${by}(${printExpression(expression.of)})`;
    }
    case "binary":
      return printBinary(expression);
  }
}

/** A duration as Prometheus writes it: one whole number of the largest unit that fits. */
export function printWindow(ms: Ms): string {
  const units = [
    [dayMs, "d"],
    [hourMs, "h"],
    [minuteMs, "m"],
    [secondMs, "s"],
  ] as const;
  const unit = units.find(([unitMs]) => ms % unitMs === 0 && ms >= unitMs);
  return unit === undefined ? `${ms}ms` : `${ms / unit[0]}${unit[1]}`;
}

function printNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
}

function printSelector({ metric, matchers }: Selector): string {
  return matchers.length === 0 ? metric : `${metric}{${matchers.map(printMatcher).join(", ")}}`;
}

/** Several values are a regular expression, which Prometheus anchors at both ends. */
function printMatcher({ label, isOneOf, values }: Matcher): string {
  if (values.length === 1) return `${label}${isOneOf ? "=" : "!="}${JSON.stringify(values[0])}`;
  const pattern = values.map((value) => value.replaceAll(/[\\.*+?()[\]{}^$|]/g, String.raw`\$&`)).join("|");
  return `${label}${isOneOf ? "=~" : "!~"}${JSON.stringify(pattern)}`;
}

function printOffset({ offsetMs }: Selector): string {
  return offsetMs === 0 ? "" : ` offset ${printWindow(offsetMs)}`;
}

/** How tightly each sign binds; the same order as in Prometheus' grammar. */
const strength: Readonly<Record<BinarySign, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "==": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
};

function printBinary({ sign, left, right }: Extract<Expression, { readonly kind: "binary" }>): string {
  const mine = strength[sign];
  const side = (of: Expression, weakest: number): string => {
    const text = printExpression(of);
    return of.kind === "binary" && strength[of.sign] < weakest ? `(${text})` : text;
  };
  // All signs group to the left, so an equal one on the right needs its parentheses.
  return `${side(left, mine)} ${sign} ${side(right, mine + 1)}`;
}
