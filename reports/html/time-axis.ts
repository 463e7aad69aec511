/**
 * The time axis that the charts of one page share: ticks on round times, labelled as a clock counting from the start of the
 * load phase.
 */
import type { Ms } from "../../core/time.ts";
import type { Span } from "./series.ts";

/** The part of a Vega-Lite x encoding that all time charts have in common. */
export interface TimeEncoding {
  readonly type: "quantitative";
  readonly scale: { readonly domain: [number, number]; readonly nice: false };
  readonly axis: { readonly values: number[]; readonly labelExpr: string; readonly title: string };
}

/** Tick distances that people count in, in seconds. */
const stepsS: readonly number[] = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400,
];

/** Hours and minutes from an hour on, minutes and seconds below. At most ten ticks. */
export function timeEncoding(span: Span): TimeEncoding {
  const lengthS = lengthSOf(span.lengthMs);
  const stepS = stepsS.find((step) => lengthS / step <= 10) ?? Math.ceil(lengthS / 10);
  const values = Array.from({ length: Math.floor(lengthS / stepS) + 1 }, (_, index) => index * stepS);
  const byHours = lengthS > 3_600;
  const [unitS, partS] = byHours ? [3_600, 60] : [60, 1];
  return {
    type: "quantitative",
    scale: { domain: [0, lengthS], nice: false },
    axis: {
      values,
      labelExpr: `floor(datum.value / ${unitS}) + ':' + pad('' + floor((datum.value % ${unitS}) / ${partS}), 2, '0', 'left')`,
      title: `Time since the load began (${byHours ? "h:min" : "min:s"})`,
    },
  };
}

/** Minutes and seconds, with hours from an hour on: `2:05`, `1:02:05`. */
export function formatClock(atS: number): string {
  const seconds = Math.round(atS);
  const parts = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const [first = 0, ...others] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...others.map((part) => String(part).padStart(2, "0"))].join(":");
}

function lengthSOf(lengthMs: Ms): number {
  return Math.max(0.001, lengthMs / 1_000);
}
