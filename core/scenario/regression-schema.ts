/** The `regression` section: how much worse than before is tolerated when runs are compared. */
import * as z from "zod";
import { parseShare } from "../units.ts";
import { fields, notAllowed } from "./written.ts";

/** What a comparison of two versions looks at, in reading order. More of each is worse. */
export const comparedMetrics = [
  "ttft.p50",
  "ttft.p95",
  "itl.p50",
  "e2e.p50",
  "e2e.p95",
  "errors",
  "rate-limited",
  "calls.per-request",
  "tokens.input.per-request",
  "cost.per-success",
] as const;

export type ComparedMetric = (typeof comparedMetrics)[number];

/** Tolerance of one metric, as a scenario sets it. */
export interface ToleranceSpec {
  readonly metric: ComparedMetric;
  /** A part of the baseline; of a share itself (`errors`, `rate-limited`): so many more of all requests. */
  readonly tolerated: number;
}

const allowed = "a share such as 10%, 0 or more";

const tolerance = z
  .union([z.number(), z.string()], { error: (issue) => notAllowed(issue.input, allowed) })
  .transform((given, context): number => {
    const value = parseShare(String(given));
    if (value !== undefined && value >= 0) return value;
    context.issues.push({ code: "custom", message: notAllowed(given, allowed), input: given });
    return z.NEVER;
  })
  .meta({ description: "How much more than the baseline: 10%. Of errors and rate-limited: how many points more." })
  .optional();

export const regressionSchema: z.ZodType<readonly ToleranceSpec[]> = fields(
  {
    "ttft.p50": tolerance,
    "ttft.p95": tolerance,
    "itl.p50": tolerance,
    "e2e.p50": tolerance,
    "e2e.p95": tolerance,
    errors: tolerance,
    "rate-limited": tolerance,
    "calls.per-request": tolerance,
    "tokens.input.per-request": tolerance,
    "cost.per-success": tolerance,
  } satisfies Readonly<Record<ComparedMetric, typeof tolerance>>,
  "How much worse than a baseline is tolerated, by metric. Default: 10% of latencies, 5% of cost, tokens and calls, 1 point of errors.",
).transform((written) =>
  comparedMetrics.flatMap((metric) => {
    const tolerated = written[metric];
    return tolerated === undefined ? [] : [{ metric, tolerated }];
  }),
);
