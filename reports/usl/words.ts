/** The Universal Scalability Law in words, for the terminal and the page. */
import type { UslFit } from "../../analyzers/usl.ts";
import { extrapolationMax } from "../../analyzers/usl.ts";

/** Everything that is told of a fit. */
export interface UslReport {
  readonly title: string;
  readonly seed: number;
  readonly squallVersion: string;
  readonly points: readonly UslPoint[];
  readonly fit: UslFit;
  /** Loads that somebody asks about. */
  readonly asked: readonly number[];
}

export interface UslPoint {
  readonly of: string;
  readonly load: number;
  readonly throughput: number;
  readonly isSteady: boolean;
}

export interface UslRow {
  readonly name: string;
  readonly value: string;
  readonly interval: string;
  readonly meaning: string;
}

/** The parameters, each with its interval and what it means. */
export function parameterRows({ fit }: Pick<UslReport, "fit">): readonly UslRow[] {
  const { gamma, alpha, beta, intervals, peakLoad, peakInterval } = fit;
  const between = ([low, high]: readonly [number, number], of: (value: number) => string): string =>
    `${of(low)} to ${Number.isFinite(high) ? of(high) : "no peak"}`;
  return [
    {
      name: "gamma",
      value: digits(gamma),
      interval: between(intervals.gamma, digits),
      meaning: "answers a second with one request in flight",
    },
    {
      name: "alpha",
      value: digits(alpha),
      interval: between(intervals.alpha, digits),
      meaning: "part that waits its turn (contention)",
    },
    {
      name: "beta",
      value: digits(beta),
      interval: between(intervals.beta, digits),
      meaning: "cost of each keeping up with every other (coherency)",
    },
    {
      name: "peak",
      value: peakLoad === undefined ? "none" : digits(peakLoad),
      interval: Number.isFinite(peakInterval[0]) ? between(peakInterval, digits) : "no peak",
      meaning: "requests in flight at which throughput is highest",
    },
  ];
}

/** What the law says of each load that was asked for, or why it says nothing. */
export function answersInWords({ fit, asked }: Pick<UslReport, "fit" | "asked">): readonly string[] {
  return asked.map((load) => {
    const at = fit.at(load);
    const between = fit.between(load);
    if (at === undefined || between === undefined) return `${digits(load)} in flight: ${refusal(fit)}`;
    return `${digits(load)} in flight: ${digits(at)} answers a second (${digits(between[0])} to ${digits(between[1])})`;
  });
}

/** Why the law is not asked of a load beyond the data. */
export function refusal({ largestLoad }: UslFit): string {
  return `not said, beyond ${extrapolationMax} times the ${digits(largestLoad)} that were measured; measure a larger load`;
}

/** What limits it, in a sentence. */
export function verdictInWords({ fit }: Pick<UslReport, "fit">): string {
  const { alpha, beta, peakLoad, largestLoad, intervals } = fit;
  if (peakLoad !== undefined && peakLoad <= extrapolationMax * largestLoad && intervals.beta[0] > 0) {
    return `Throughput peaks at about ${digits(peakLoad)} requests in flight; beyond that, more load means fewer answers.`;
  }
  if (alpha > 0 && intervals.alpha[0] > 0) {
    return `Requests wait for each other: throughput nears ${digits(fit.gamma / alpha)} answers a second and does not fall within what was measured.`;
  }
  return beta === 0 && alpha === 0
    ? "Throughput grows with the load as far as was measured: nothing waits for anything."
    : "Within what was measured, no limit can be told from chance.";
}

/** Loads that filled up: Little's law does not hold of them. */
export function unsteady(points: readonly UslPoint[]): readonly UslPoint[] {
  return points.filter(({ isSteady }) => !isSteady);
}

/** Three digits are what such a fit knows. */
export function digits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "no end";
}
