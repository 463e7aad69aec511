/**
 * The gateway's copies in the `platform` section: how many, how they start, what they cost, who deals requests out among
 * them, and what scales them.
 *
 *     replicas: 3
 *     replicas: { start: 3, max: 50, startup: { median: 14s, p95: 25s }, hourly: $0.10, concurrency: 200 }
 *     balance: { by: least-connections }
 *     scaling: ./scaling/token-aware.yaml
 *     metrics: { scrape: 15s, window: 60s, lag: 10s }
 */
import * as z from "zod";
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";
import { distributionOf } from "./distribution-schema.ts";
import { plainFleet, replicasMax } from "./plain-fleet.ts";
import type { FleetSpec, PlatformSpec } from "./platform-spec.ts";
import { count, duration, fields, money, notAllowed, oneOf, someTime, text } from "./written.ts";

/** As written under `replicas`, each in its own unit. */
interface WrittenReplicas {
  readonly start?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly startup?: DistributionSpec | undefined;
  readonly readiness?: Ms | undefined;
  readonly hourly?: NanoDollars | undefined;
  readonly concurrency?: number | undefined;
}

interface WrittenMetrics {
  readonly scrape?: Ms | undefined;
  readonly window?: Ms | undefined;
  readonly lag?: Ms | undefined;
}

interface WrittenBalance {
  readonly by: FleetSpec["balance"];
}

const replicaFields: z.ZodType<WrittenReplicas> = fields(
  {
    start: count(
      "Copies when the run starts. Default: what the scaling config says, or min, or 1.",
      0,
      replicasMax,
    ).optional(),
    min: count("Never fewer, whatever a scaling config wishes. Default: 0.", 0, replicasMax).optional(),
    max: count(`Never more, whatever a scaling config wishes. Default: ${replicasMax}.`, 1, replicasMax).optional(),
    startup: distributionOf(
      { quantity: duration, min: 0, whole: false },
      "From the wish for a copy until its process runs. Default: { median: 14s, p95: 25s }, which is assumed.",
    ).optional(),
    readiness: duration("From then until it gets requests: probes that must first succeed. Default: 0.").optional(),
    hourly: money("Price of one copy for an hour. Default: 0.").optional(),
    concurrency: count("Requests in flight on one copy; more wait. Without it: no limit.", 1).optional(),
  },
  "Copies of the gateway: how many, how they start, what they cost.",
).superRefine(({ min = 0, max = replicasMax, start }, context) => {
  const problem = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  if (min > max) problem("min", `is ${min}, above the max of ${max}`);
  else if (start !== undefined && (start < min || start > max)) {
    problem("start", `is ${start}; allowed is ${min} to ${max}, its own min and max`);
  }
});

export const replicasSchema: z.ZodType<number | WrittenReplicas> = z
  .union([count("Copies of the gateway, there from the start.", 1, replicasMax), replicaFields], {
    error: (issue) => notAllowed(issue.input, replicasForm),
  })
  .meta({ description: "Copies of the gateway. Default: 1." });

const replicasForm = `a whole number from 1 to ${replicasMax}, or a mapping such as { start: 3, startup: { median: 14s, p95: 25s } }`;

export const balanceSchema: z.ZodType<WrittenBalance> = fields(
  { by: oneOf(["round-robin", "least-connections"], "In turn, or to whoever has the fewest requests in flight.") },
  "How requests are dealt out among the copies. Default: { by: round-robin }.",
);

export const scalingSchema: z.ZodType<string> = text(
  "the path of a scaling config",
  "What scales the copies: the file of a HorizontalPodAutoscaler, ScaledObject, AWS or Azure policy, or of the team's own.",
);

/** Every sample is an event: nobody scrapes faster, and a run of days stays one of seconds. */
const scrapeLeastMs: Ms = 100;

export const metricsSchema: z.ZodType<WrittenMetrics> = fields(
  {
    scrape: someTime("From one sample to the next. Default: 15s.", scrapeLeastMs).optional(),
    window: someTime("Rates are taken over this long. Default: 60s.").optional(),
    lag: duration("From a sample until a scaling policy can read it. Default: 0.").optional(),
  },
  "How late and how coarsely a scaling policy sees the platform.",
);

interface WrittenFleet {
  readonly replicas?: number | WrittenReplicas | undefined;
  readonly balance?: WrittenBalance | undefined;
  readonly scaling?: string | undefined;
  readonly metrics?: WrittenMetrics | undefined;
}

/** Nothing but a number unless more is said. */
export function fleetOf(written: WrittenFleet): Pick<PlatformSpec, "replicas" | "fleet" | "scaling"> {
  const { balance, metrics, scaling } = written;
  const replicas = typeof written.replicas === "number" ? { start: written.replicas } : written.replicas;
  const { start, min }: WrittenReplicas = replicas ?? {};
  const isPlain =
    typeof written.replicas !== "object" && balance === undefined && metrics === undefined && scaling === undefined;
  return {
    replicas: start ?? Math.max(1, min ?? 0),
    ...(scaling === undefined ? {} : { scaling }),
    ...(isPlain ? {} : { fleet: fullFleet(replicas ?? {}, balance?.by, metrics) }),
  };
}

function fullFleet(
  written: WrittenReplicas,
  balance: FleetSpec["balance"] | undefined,
  metrics: WrittenFleet["metrics"],
): FleetSpec {
  return {
    start: written.start,
    minReplicas: written.min ?? plainFleet.minReplicas,
    maxReplicas: written.max ?? plainFleet.maxReplicas,
    startup: written.startup ?? plainFleet.startup,
    readinessMs: written.readiness ?? plainFleet.readinessMs,
    concurrency: written.concurrency,
    hourly: written.hourly ?? plainFleet.hourly,
    balance: balance ?? plainFleet.balance,
    metrics: {
      scrapeMs: metrics?.scrape ?? plainFleet.metrics.scrapeMs,
      windowMs: metrics?.window ?? plainFleet.metrics.windowMs,
      lagMs: metrics?.lag ?? plainFleet.metrics.lagMs,
    },
  };
}
