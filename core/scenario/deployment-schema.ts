/**
 * The patterns of the `platform` section: what the gateway's copies live in, where they stand, and what lies between them and
 * the providers.
 *
 *     deployment: containers
 *     deployment: { serverless: { cold-start: { median: 900ms, p95: 2s }, instances: 1000, idle: 10m } }
 *     deployment: { queue: { visibility: 2m, deliveries: 3, max: 10k } }
 *     regions: { eu: { clients: 70%, replicas: 50%, to: { us: 80ms, azure: 5ms } }, us: { clients: 30%, replicas: 50% } }
 *     links: { azure: { latency: 20ms, bandwidth: 100 Mbit/s } }
 *     escalate: { on-site: 15% }
 *     overflow: { own-gpus: 32 }
 */
import * as z from "zod";
import { lognormalSigma } from "../distributions.ts";
import { minuteMs, secondMs } from "../time.ts";
import type {
  DeploymentSpec,
  EscalationSpec,
  HealthSpec,
  LinkSpec,
  OverflowSpec,
  QueueSpec,
  RegionSpec,
  ServerlessSpec,
} from "./deployment-spec.ts";
import { distributionOf } from "./distribution-schema.ts";
import {
  count,
  duration,
  factor,
  fields,
  money,
  namesTo,
  notAllowed,
  oneOf,
  share,
  someNamesTo,
  someTime,
  type Written,
} from "./written.ts";

/**
 * Defaults. AWS Lambda developer guide and price list (x86, us-east-1, 2026): 1,000 concurrent executions, 15 minutes,
 * $0.0000166667 per GB-second (which is $0.06 per GB-hour), $0.20 per million requests. Cold start: assumed, a Node function
 * with a gateway's bundle. Idle time: assumed; the vendor does not say.
 */
const serverless = fields(
  {
    "cold-start": distributionOf(
      { quantity: duration, min: 0, whole: false },
      "From the wish for an instance until it serves. Default: { median: 900ms, p95: 2s }, which is assumed.",
    ).optional(),
    concurrency: count("Requests that an instance serves at a time. Default: 1.", 1).optional(),
    instances: count("Instances at a time; a request beyond gets a 429. Default: 1000.", 1, 100_000).optional(),
    limit: someTime("A request that runs longer is broken off with a 504. Default: 15m.").optional(),
    idle: someTime("How long an instance is kept that nobody needs. Default: 10m.").optional(),
    memory: factor("Gigabytes of an instance. Default: 1.", 0).optional(),
    "per-gb-hour": money("Price of a gigabyte for an hour of running requests. Default: $0.06.").optional(),
    "per-million": money("Price of a million requests. Default: $0.20.").optional(),
  },
  "A function for each request: instances come with the requests and go without them.",
).transform((written): ServerlessSpec => ({
  kind: "serverless",
  coldStart: written["cold-start"] ?? { kind: "lognormal", median: 900, sigma: lognormalSigma(900, 2_000) },
  concurrency: written.concurrency ?? 1,
  instancesMax: written.instances ?? 1_000,
  limitMs: written.limit ?? 15 * minuteMs,
  idleMs: written.idle ?? 10 * minuteMs,
  memoryGb: written.memory ?? 1,
  gbHourly: written["per-gb-hour"] ?? 60_000_000,
  perMillion: written["per-million"] ?? 200_000_000,
}));

/** Defaults: those of Amazon SQS (30 s, and its customary redrive policy of 3), and no bound on the queue that anybody reaches. */
const queue = fields(
  {
    visibility: someTime(
      "A worker that has not answered by then has failed: delivered again. Default: 30s.",
    ).optional(),
    deliveries: count(
      "After so many, a message is a dead letter: its client gets a 500. Default: 3.",
      1,
      100,
    ).optional(),
    max: count("Messages that may wait; one more gets a 503. Default: 100k.", 1).optional(),
  },
  "A queue and a pool of workers: requests are accepted at once, and their clients ask until the answer is there.",
).transform((written): QueueSpec => ({
  kind: "queue",
  waitingMax: written.max ?? 100_000,
  visibilityMs: written.visibility ?? 30 * secondMs,
  deliveriesMax: written.deliveries ?? 3,
}));

const pattern = fields({ serverless: serverless.optional(), queue: queue.optional() }, "Another pattern.").transform(
  (written, context): DeploymentSpec => {
    const given = written.serverless ?? written.queue;
    if (given !== undefined && (written.serverless === undefined || written.queue === undefined)) return given;
    context.issues.push({ code: "custom", message: "needs one of serverless and queue", input: written });
    return z.NEVER;
  },
);

export const deploymentSchema: z.ZodType<DeploymentSpec | "containers"> = z
  .union([oneOf(["containers"], "Replicas that are there, whatever comes."), pattern], {
    error: (issue) => notAllowed(issue.input, "containers, { serverless: { ... } } or { queue: { ... } }"),
  })
  .meta({ description: "What the gateway's copies live in. Default: containers." });

/** Interval, timeout and counts unless given: 10 s, 1 s, 3 and 1, the defaults of a Kubernetes readiness probe. */
export const healthSchema: z.ZodType<HealthSpec> = z
  .union(
    [
      oneOf(["http", "model"], "Whether the process answers, or whether a model does.").transform((probe) => ({
        probe,
      })),
      fields(
        {
          probe: oneOf(["http", "model"], "Whether the process answers, or whether a model does."),
          every: someTime("From one probe to the next. Default: 10s.", 100).optional(),
          timeout: someTime("A probe that takes longer has failed. Default: 1s, or 10s to a model.").optional(),
          unhealthy: count("Failures in a row until a copy gets no more requests. Default: 3.", 1, 100).optional(),
          healthy: count("Successes in a row until it gets some again. Default: 1.", 1, 100).optional(),
        },
        "How copies are probed.",
      ),
    ],
    { error: (issue) => notAllowed(issue.input, "http, model, or a mapping such as { probe: model, every: 10s }") },
  )
  .transform((written: WrittenHealth): HealthSpec => ({
    probe: written.probe,
    everyMs: written.every ?? 10 * secondMs,
    timeoutMs: written.timeout ?? (written.probe === "http" ? secondMs : 10 * secondMs),
    unhealthy: written.unhealthy ?? 3,
    healthy: written.healthy ?? 1,
  }))
  .meta({ description: "Who finds out that a copy is sick. Without it, nobody does." });

interface WrittenHealth {
  readonly probe: HealthSpec["probe"];
  readonly every?: number | undefined;
  readonly timeout?: number | undefined;
  readonly unhealthy?: number | undefined;
  readonly healthy?: number | undefined;
}

export const regionsSchema: z.ZodType<readonly RegionSpec[]> = someNamesTo(
  fields(
    {
      clients: share("Part of the clients that are here. Default: 0%.").optional(),
      replicas: share("Part of the copies that are here. Default: 0%.").optional(),
      to: namesTo(
        duration("Round trip."),
        "round trips",
        "Round trips to other regions and to providers. Default: 0.",
      ).optional(),
    },
    "A place.",
  ),
  "what is there",
  "Where clients and copies are. Default: all in one place.",
).transform((written, context): readonly RegionSpec[] => {
  const regions = Object.entries(written).map(([name, region]) => ({
    name,
    clients: region.clients ?? 0,
    replicas: region.replicas ?? 0,
    reachMs: region.to ?? {},
  }));
  for (const what of ["clients", "replicas"] as const) {
    const sum = regions.reduce((total, region) => total + region[what], 0);
    if (Math.abs(sum - 1) <= sharesTolerance) continue;
    context.issues.push({ code: "custom", message: `has ${what} that do not add up to 100%`, input: written });
  }
  return regions;
});

/** Shares written as 33.3% three times are the whole. */
const sharesTolerance = 0.0011;

/** How many of each make a byte per millisecond. */
const perByte: Readonly<Record<string, number>> = { "kbit/s": 8, "Mbit/s": 0.008, "Gbit/s": 0.000_008 };

/** Bytes per millisecond. */
function bandwidth(description: string): Written {
  const what = "a bandwidth such as 100 Mbit/s or 1 Gbit/s";
  return z
    .union([z.string(), z.number()], { error: (issue) => notAllowed(issue.input, what) })
    .transform((given, context) => {
      const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([kMG]bit\/s)$/.exec(String(given).trim()) ?? [];
      const divisor = perByte[unit];
      if (divisor !== undefined && Number(amount) > 0) return Number(amount) / divisor;
      context.issues.push({ code: "custom", message: notAllowed(given, what), input: given });
      return z.NEVER;
    })
    .meta({ description: `${description} Written as ${what}.` });
}

export const linksSchema: z.ZodType<readonly LinkSpec[]> = someNamesTo(
  fields(
    {
      latency: duration("Round trip. Default: 0.").optional(),
      bandwidth: bandwidth("What all answers on their way share. Default: more than they need.").optional(),
    },
    "A VPN or a leased line.",
  ),
  "a link",
  "What lies between the gateway and providers, by provider.",
).transform((written): readonly LinkSpec[] =>
  Object.entries(written).map(([provider, link]) => ({
    provider,
    latencyMs: link.latency ?? 0,
    bytesPerMs: link.bandwidth,
  })),
);

export const escalateSchema: z.ZodType<readonly EscalationSpec[]> = someNamesTo(
  share("Part of its answers that are not good enough."),
  "a share",
  "Providers of small models: what they are not sure of goes on to the next provider of the route.",
).transform((written): readonly EscalationSpec[] =>
  Object.entries(written).map(([provider, part]) => ({ provider, share: part })),
);

export const overflowSchema: z.ZodType<readonly OverflowSpec[]> = someNamesTo(
  count("Calls in flight there at which a request goes to the next provider.", 0),
  "calls in flight",
  "Providers of limited size: when they are full, the next provider of the route is asked first.",
).transform((written): readonly OverflowSpec[] =>
  Object.entries(written).map(([provider, inFlightMax]) => ({ provider, inFlightMax })),
);
