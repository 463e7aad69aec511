/**
 * The `slo` section: service levels with their error budgets.
 *
 *     slo:
 *       availability: { target: 99.5%, good: answered }
 *       quick: { target: 99%, good: ttft <= 2s, period: 28d }
 */
import * as z from "zod";
import { dayMs, hourMs, type Ms, parseDuration } from "../time.ts";
import { fields, namesTo, notAllowed, share, someTime } from "./written.ts";

export interface SloSpec {
  readonly name: string;
  /** Share of the requests that has to be good, above 0 and below 1. */
  readonly target: number;
  /** The error budget is for so long. */
  readonly periodMs: Ms;
  readonly good: GoodSpec;
}

/** Which requests are good. A client that left on purpose counts neither way. */
export type GoodSpec =
  | { readonly kind: "answered" }
  /** Answered, and no slower than this; a request without that latency (not streamed) is not good. */
  | { readonly kind: "within"; readonly latency: "ttft" | "itl" | "e2e"; readonly limitMs: Ms };

/** Period of an objective that names none: the thirty days of the SRE workbook's tables. */
export const sloPeriodMs: Ms = 30 * dayMs;

const goodForm = "answered, or a latency and its limit such as ttft <= 2s";

const good = z
  .string({ error: (issue) => notAllowed(issue.input, goodForm) })
  .transform((written, context): GoodSpec => {
    const parsed = parseGood(written);
    if (parsed !== undefined) return parsed;
    context.issues.push({ code: "custom", message: notAllowed(written, goodForm), input: written });
    return z.NEVER;
  })
  .meta({ description: `Which requests are good: ${goodForm}.` });

/** Undefined for anything else. */
export function parseGood(written: string): GoodSpec | undefined {
  if (written.trim() === "answered") return { kind: "answered" };
  const match = /^(ttft|itl|e2e)\s*<=\s*(\S+)$/.exec(written.trim());
  const limitMs = parseDuration(match?.[2] ?? "");
  const latency = match?.[1];
  if (limitMs === undefined || limitMs === 0) return undefined;
  if (latency !== "ttft" && latency !== "itl" && latency !== "e2e") return undefined;
  return { kind: "within", latency, limitMs };
}

const target = share("Share of requests that has to be good.").refine((value) => value > 0 && value < 1, {
  error: () => "is all or nothing; allowed is a share above 0 and below 100%, so that there is a budget",
});

export const sloSchema: z.ZodType<readonly SloSpec[]> = namesTo(
  fields(
    { target, good, period: someTime("What the error budget is for. Default: 30d.", hourMs).optional() },
    "A service level.",
  ),
  "service levels such as { target: 99.5%, good: answered }",
  "Service levels and their error budgets, by name.",
  {
    name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
    allowed: "lowercase letters, digits and hyphens, a letter first",
  },
).transform((written) =>
  Object.entries(written).map(([name, each]) => ({
    name,
    target: each.target,
    good: each.good,
    periodMs: each.period ?? sloPeriodMs,
  })),
);
