/**
 * Alerts as people write them, in a file that a scenario names with `alerts:`.
 *
 *     scrape: 15s
 *     alerts:
 *       ErrorRateHigh:       { when: errors > 5%, over: 5m, for: 30s, severity: critical, at-least: 20 }
 *       CostSpike:           { when: cost.per-hour > 2x, over: 10m, than: 1h, severity: critical }
 *       ErrorBudgetBurnFast: { burns: 2%, in: 1h, severity: critical }
 */
import * as z from "zod";
import { invalidInput } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { dayMs, hourMs, minuteMs, type Ms, secondMs } from "../time.ts";
import { plural } from "../units.ts";
import { type MetricUnit, parseLimit } from "./metrics.ts";
import { mistakesOf, problemOf } from "./problems.ts";
import { count, duration, fields, oneOf, share, shown, someNamesTo, someTime, text } from "./written.ts";
import { readYaml } from "./yaml-document.ts";

/** A set of alerts, complete. */
export interface AlertsSpec {
  /** How often everything is measured, and how often the rules are asked. */
  readonly scrapeMs: Ms;
  readonly evaluateMs: Ms;
  readonly alerts: readonly AlertSpec[];
}

export interface AlertSpec {
  readonly name: string;
  readonly severity: Severity;
  readonly condition: AlertCondition;
  /** It must have been so for this long without a break. */
  readonly forMs: Ms;
  /** It goes on firing for this long after it was last so. */
  readonly keepFiringForMs: Ms;
  /** Silent with fewer requests than this in its window: one of three failed is no outage. */
  readonly requestsMin: number;
  readonly says: string;
  readonly runbook: string | undefined;
}

/** Who hears of it: critical is a page at any hour, warning a message by day. */
export type Severity = "critical" | "warning" | "info";

export type AlertCondition =
  /** A signal over a window, against a limit in the unit of the signal. */
  | {
      readonly kind: "limit";
      readonly signal: string;
      readonly comparison: "<" | "<=" | ">" | ">=";
      readonly limit: number;
      readonly windowMs: Ms;
    }
  /** So many times what it was over `thanMs` before the window. */
  | {
      readonly kind: "rise";
      readonly signal: string;
      readonly factor: number;
      readonly windowMs: Ms;
      readonly thanMs: Ms;
    }
  /** An error budget is spent so fast that this share of it is gone within this time; for every service level, or for one. */
  | { readonly kind: "burn"; readonly share: number; readonly withinMs: Ms; readonly slo: string | undefined };

/** What an alert can be about, by unit; of latencies also any percentile (`ttft.p95`). */
const signals: readonly { readonly unit: MetricUnit; readonly names: readonly string[] }[] = [
  { unit: "share", names: ["errors", "rate-limited", "tokens.of-limit"] },
  { unit: "money", names: ["cost.per-hour", "cost.per-request"] },
  {
    unit: "count",
    names: ["queue.depth", "replicas.ready", "requests.per-second", "calls.per-request", "tokens.per-request"],
  },
];

const latencySignal = /^(?:ttft|itl|e2e)\.(?:mean|p\d{1,2}(?:\.\d+)?)$/;

export const signalExamples: readonly string[] = ["ttft.p95", "e2e.p95", ...signals.flatMap(({ names }) => names)];

/** Unit of a signal's limit; undefined when there is no such signal. */
export function signalUnit(signal: string): MetricUnit | undefined {
  return latencySignal.test(signal) ? "ms" : signals.find(({ names }) => names.includes(signal))?.unit;
}

const windowDefaultMs: Ms = 5 * minuteMs;
const thanDefaultMs: Ms = hourMs;
/** Prometheus' own defaults are a minute; most gateways are scraped every 15 s (`scrape_interval` of its first configuration). */
const intervalDefaultMs: Ms = 15 * secondMs;
/** Windows a month long would need a month of samples. */
const withinMostMs: Ms = 30 * dayMs;

const alert = fields(
  {
    when: text(
      "a signal and its limit, such as errors > 5%",
      "Signal and limit: errors > 5%, cost.per-hour > 2x.",
    ).optional(),
    over: someTime("Window that the signal is measured over. Default: 5m.", secondMs).optional(),
    than: someTime(
      "With a limit such as 2x: the time before the window that it is compared with. Default: 1h.",
    ).optional(),
    burns: share("Share of an error budget that is gone within `in` at the rate of now.").optional(),
    in: someTime("Window of `burns`; the short window is a twelfth of it.", minuteMs).optional(),
    slo: text("the name of a service level", "Only this service level. Default: each of them.").optional(),
    for: duration("How long it must have been so. Default: 0.").optional(),
    "keep-firing-for": duration("How long it goes on firing after it was last so. Default: 0.").optional(),
    "at-least": count("Requests in the window below which it is silent. Default: 0.", 0).optional(),
    severity: oneOf(["critical", "warning", "info"], "Who hears of it: critical pages somebody."),
    says: text("a sentence", "What it tells people.").optional(),
    runbook: text("a runbook", "File or address of what to do.").optional(),
  },
  "An alert: when and its limit, or burns and in.",
).transform((written, context): Omit<AlertSpec, "name"> => {
  const condition = conditionOf(written);
  if (typeof condition === "string") {
    context.issues.push({ code: "custom", message: condition, input: written });
    return z.NEVER;
  }
  return {
    condition,
    severity: written.severity,
    forMs: written.for ?? 0,
    keepFiringForMs: written["keep-firing-for"] ?? 0,
    requestsMin: written["at-least"] ?? 0,
    says: written.says ?? "",
    runbook: written.runbook,
  };
});

interface WrittenCondition {
  readonly when?: string | undefined;
  readonly over?: Ms | undefined;
  readonly than?: Ms | undefined;
  readonly burns?: number | undefined;
  readonly in?: Ms | undefined;
  readonly slo?: string | undefined;
}

/** The condition, or what is wrong with it. */
function conditionOf(written: WrittenCondition): AlertCondition | string {
  const { when, over, than, burns, in: withinMs, slo } = written;
  if (burns !== undefined) {
    if (when !== undefined) return "has both when and burns; needed is one of them";
    if (withinMs === undefined) return "burns a share of the budget, and has no in; needed is a duration such as 1h";
    if (burns === 0 || withinMs > withinMostMs) return "burns nothing, or over more than 30d";
    return { kind: "burn", share: burns, withinMs, slo };
  }
  if (when === undefined) return "has neither when nor burns; needed is one of them";
  return limitOf(when, over ?? windowDefaultMs, than);
}

function limitOf(when: string, windowMs: Ms, thanMs: Ms | undefined): AlertCondition | string {
  const match = /^(\S+)\s*(<=|>=|<|>)\s*(\S+)$/.exec(when.trim());
  const [signal = "", comparison, amount = ""] = match?.slice(1) ?? [];
  const unit = signalUnit(signal);
  if (match === null) return `has when: ${shown(when)}; allowed is a signal and a limit, such as errors > 5%`;
  if (unit === undefined) {
    const { hint } = nearest(signal, signalExamples);
    const guess = hint === undefined ? "" : ` (${hint})`;
    return `is about ${shown(signal)}, which is no signal${guess}; known are ${signalExamples.join(", ")}`;
  }
  const times = /^(\d+(?:\.\d+)?)x$/.exec(amount);
  if (times !== null) {
    if (comparison !== ">") return `compares with ${comparison} ${amount}; a rise is written > ${amount}`;
    return { kind: "rise", signal, factor: Number(times[1]), windowMs, thanMs: thanMs ?? thanDefaultMs };
  }
  if (thanMs !== undefined) return `has than without a limit such as > 2x`;
  const limit = parseLimit(`${comparison} ${amount}`, unit);
  if (limit === undefined || limit.comparison === "==")
    return `has the limit ${shown(amount)}, which ${signal} cannot have`;
  return { kind: "limit", signal, windowMs, comparison: limit.comparison, limit: limit.limit };
}

const alertsSchema = fields(
  {
    scrape: someTime("How often everything is measured. Default: 15s.", secondMs).optional(),
    evaluate: someTime("How often the alerts are asked. Default: as often as is scraped.", secondMs).optional(),
    alerts: someNamesTo(alert, "alerts such as { when: errors > 5%, severity: critical }", "Alerts by name.", {
      name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/),
      allowed: "letters, digits and underscores, such as ErrorRateHigh",
    }),
  },
  "A set of alerts.",
).transform((written): AlertsSpec => {
  const scrapeMs = written.scrape ?? intervalDefaultMs;
  return {
    scrapeMs,
    evaluateMs: written.evaluate ?? scrapeMs,
    alerts: Object.entries(written.alerts).map(([name, each]) => ({ ...each, name })),
  };
});

/** Reads a file of alerts. Throws `alerts-invalid` (exit code 3) with all that is wrong; `name` is what messages call it. */
export function parseAlerts(fileText: string, name: string): AlertsSpec {
  const document = readYaml(fileText, name, "alerts-invalid");
  const parsed = alertsSchema.safeParse(document.data, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = mistakesOf(parsed.error.issues).map((mistake) => problemOf(mistake, document));
  throw invalidInput(`alerts ${name} cannot be used: ${plural(problems.length, "problem")}`, {
    code: "alerts-invalid",
    problems,
  });
}
