/**
 * The gateway's copies in the `platform` section: how many, how they start, what they cost, who deals requests out among
 * them, and what scales them.
 *
 *     replicas: 3
 *     replicas: { start: 3, max: 50, startup: { median: 14s, p95: 25s }, hourly: $0.10, concurrency: 200 }
 *     balance: { by: least-connections }
 *     balance: { affinity: session, bound: 125%, health: model, priority: [support, marketing] }
 *     scaling: ./scaling/token-aware.yaml
 *     metrics: { scrape: 15s, window: 60s, lag: 10s }
 */
import * as z from "zod";
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";
import { parseShare } from "../units.ts";
import { healthSchema } from "./deployment-schema.ts";
import type { DeploymentSpec, HealthSpec, RegionSpec } from "./deployment-spec.ts";
import { distributionOf } from "./distribution-schema.ts";
import { plainFleet, replicasMax } from "./plain-fleet.ts";
import type { FleetSpec, PlatformSpec } from "./platform-spec.ts";
import {
  count,
  duration,
  factor,
  fields,
  listOf,
  money,
  notAllowed,
  oneOf,
  share,
  someNamesTo,
  someTime,
  text,
} from "./written.ts";

/** As written under `replicas`, each in its own unit. */
interface WrittenReplicas {
  readonly start?: number | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly startup?: DistributionSpec | undefined;
  readonly readiness?: Ms | undefined;
  readonly hourly?: NanoDollars | undefined;
  readonly concurrency?: number | undefined;
  readonly grace?: Ms | undefined;
  readonly "slow-start"?: { readonly for: Ms; readonly factor: number } | undefined;
}

interface WrittenMetrics {
  readonly scrape?: Ms | undefined;
  readonly window?: Ms | undefined;
  readonly lag?: Ms | undefined;
  readonly missing?: number | undefined;
  readonly failing?: number | undefined;
}

interface WrittenBalance {
  readonly by?: FleetSpec["balance"] | undefined;
  readonly affinity?: "session" | undefined;
  readonly bound?: number | undefined;
  readonly weights?: Readonly<Record<string, number>> | undefined;
  readonly priority?: readonly string[] | undefined;
  readonly health?: HealthSpec | undefined;
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
    grace: duration(
      "What a copy still serves so long after it was told to go is lost. Without it: it goes when it is done.",
    ).optional(),
    "slow-start": fields(
      { for: someTime("How long."), factor: factor("How many times as long its work takes.", 1) },
      "A copy that has just become ready is slower than others.",
    ).optional(),
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

/** A load bound of 100 % is no room for chance: HAProxy's `hash-balance-factor` begins at 101, 125 to 200 is customary. */
const boundSchema = text(
  "a percentage above 100%, such as 125%",
  "No copy gets more than this part of its even share.",
).transform((given, context): number => {
  const value = parseShare(given);
  if (value !== undefined && value > 1) return value;
  context.issues.push({
    code: "custom",
    message: notAllowed(given, "a percentage above 100%, such as 125%"),
    input: given,
  });
  return z.NEVER;
});

export const balanceSchema: z.ZodType<WrittenBalance> = fields(
  {
    by: oneOf(
      ["round-robin", "least-connections", "consistent-hash", "weighted", "geographic"],
      "In turn; to whoever has the fewest requests in flight; by the name of the conversation; by version; to the nearest. Default: round-robin, or consistent-hash with affinity.",
    ).optional(),
    affinity: oneOf(
      ["session"],
      "Turns of a conversation stay with one copy, by consistent hash; lost contexts are counted.",
    ).optional(),
    bound: boundSchema.optional(),
    weights: someNamesTo(
      share("Part of the requests."),
      "a share",
      "With weighted: shares by version of the copy.",
    ).optional(),
    priority: listOf(
      text("a tenant", "A tenant by its name."),
      "tenants, the most important first",
      "Whose requests are called first when some wait.",
    ).optional(),
    health: healthSchema.optional(),
  },
  "How requests are dealt out among the copies. Default: { by: round-robin }.",
).superRefine(({ by, affinity, bound, weights }, context) => {
  const problem = (key: string, message: string): void => context.addIssue({ code: "custom", path: [key], message });
  const name = by ?? (affinity === undefined ? "round-robin" : "consistent-hash");
  if (affinity !== undefined && name !== "consistent-hash") problem("by", `is ${name}, which knows no conversations`);
  if (bound !== undefined && name !== "consistent-hash") problem("bound", "means something only with consistent-hash");
  if ((weights === undefined) === (name === "weighted")) problem("weights", "are needed with weighted, and only then");
});

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
    missing: share("Part of the samples of single copies that never arrive. Default: 0%.").optional(),
    failing: share("Part of the scrapes that fail as a whole. Default: 0%.").optional(),
  },
  "How late and how coarsely a scaling policy sees the platform.",
);

interface WrittenFleet {
  readonly replicas?: number | WrittenReplicas | undefined;
  readonly balance?: WrittenBalance | undefined;
  readonly scaling?: string | undefined;
  readonly metrics?: WrittenMetrics | undefined;
  readonly deployment?: DeploymentSpec | "containers" | undefined;
  readonly regions?: readonly RegionSpec[] | undefined;
}

/** Nothing but a number unless more is said. */
export function fleetOf(written: WrittenFleet): Pick<PlatformSpec, "replicas" | "fleet" | "scaling"> {
  const { balance, metrics, scaling, regions } = written;
  const deployment = written.deployment === "containers" ? undefined : written.deployment;
  const replicas = typeof written.replicas === "number" ? { start: written.replicas } : written.replicas;
  const { start, min }: WrittenReplicas = replicas ?? {};
  const more = [balance, metrics, scaling, deployment, regions];
  const isPlain = typeof written.replicas !== "object" && more.every((part) => part === undefined);
  return {
    replicas: start ?? Math.max(1, min ?? 0),
    ...(scaling === undefined ? {} : { scaling }),
    ...(isPlain ? {} : { fleet: fullFleet({ ...written, replicas: replicas ?? {}, deployment }) }),
  };
}

interface FullyWritten extends WrittenFleet {
  readonly replicas: WrittenReplicas;
  readonly deployment: DeploymentSpec | undefined;
}

function fullFleet({ replicas, balance, metrics, deployment, regions }: FullyWritten): FleetSpec {
  const balancer = balance?.by ?? (balance?.affinity === undefined ? plainFleet.balance : "consistent-hash");
  return {
    start: replicas.start,
    minReplicas: replicas.min ?? plainFleet.minReplicas,
    maxReplicas: replicas.max ?? plainFleet.maxReplicas,
    startup: replicas.startup ?? plainFleet.startup,
    readinessMs: replicas.readiness ?? plainFleet.readinessMs,
    concurrency: replicas.concurrency,
    hourly: replicas.hourly ?? plainFleet.hourly,
    balance: balancer,
    metrics: {
      scrapeMs: metrics?.scrape ?? plainFleet.metrics.scrapeMs,
      windowMs: metrics?.window ?? plainFleet.metrics.windowMs,
      lagMs: metrics?.lag ?? plainFleet.metrics.lagMs,
      ...given("missingShare", metrics?.missing),
      ...given("failingShare", metrics?.failing),
    },
    ...given("loadBound", balance?.bound),
    ...given("weights", balance?.weights),
    ...given("priorities", balance?.priority),
    ...given("health", balance?.health),
    ...(balance?.affinity === undefined ? {} : { countsContexts: true }),
    ...given("graceMs", replicas.grace),
    ...(replicas["slow-start"] === undefined
      ? {}
      : { slowStart: { forMs: replicas["slow-start"].for, factor: replicas["slow-start"].factor } }),
    ...given("deployment", deployment),
    ...given("regions", regions),
  };
}

/** A field that is left out where nothing is given; that a computed name is the given one is beyond the type checker. */
function given<const Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [Name in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: Value };
}
