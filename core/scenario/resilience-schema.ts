/**
 * What the gateway does about failing providers, in the `platform` section; each part is off unless it is written.
 *
 *     retries:  { max: 2, on: [429, 5xx, timeout], honour: retry-after, backoff: { base: 500ms, cap: 8s, jitter: full } }
 *     timeouts: { attempt: 20s, total: 60s }
 *     hedge:    { after: p95, at-most: 5% }
 *     breaker:  { failures: 5, open: 30s }        or { errors: 50%, calls: 20, window: 30s, open: 30s, probes: 2 }
 *     cooldown: { allowed-fails: 3, for: 5s }
 *     routing:  { by: weighted, weights: { azure: 90%, openai: 10% } }
 *     cache:    { ttl: 10m, entries: 10k, repeats: 30%, questions: 500 }
 */
import * as z from "zod";
import { minuteMs, parseDuration, secondMs } from "../time.ts";
import type {
  BackoffSpec,
  BreakerSpec,
  CacheSpec,
  CooldownSpec,
  HedgeSpec,
  Jitter,
  ResilienceSpec,
  RoutingSpec,
  TimeoutSpec,
} from "./resilience-spec.ts";
import { count, duration, fields, namesTo, notAllowed, oneOf, share, someTime, text } from "./written.ts";

export const jitterSchema: z.ZodType<Jitter> = oneOf(
  ["none", "full", "equal", "decorrelated", "sdk"],
  "How waits scatter: not at all, from 0, from half, from the wait before, or up to a quarter less (sdk). Default: full.",
);

/** Base and cap of the waits unless the file says so: those of the vendors' SDKs. */
const backoffDefault: BackoffSpec = { baseMs: secondMs / 2, capMs: 8 * secondMs, jitter: "full" };

export const backoffSchema: z.ZodType<BackoffSpec> = fields(
  {
    base: duration("Wait before the first retry; it doubles from one to the next. Default: 500ms.").optional(),
    cap: someTime("No wait is longer. Default: 8s.").optional(),
    jitter: jitterSchema.optional(),
  },
  "How long the gateway waits between tries. Default: as the gateway does it by itself.",
).transform((written): BackoffSpec => ({
  baseMs: written.base ?? backoffDefault.baseMs,
  capMs: written.cap ?? backoffDefault.capMs,
  jitter: written.jitter ?? backoffDefault.jitter,
}));

const timeouts: z.ZodType<TimeoutSpec> = fields(
  {
    attempt: someTime("For each call, until its answer begins (a stream) or is whole.").optional(),
    total: someTime("For all calls and waits of a request, until then.").optional(),
  },
  "How long the gateway waits for providers. Default: as long as the client.",
).transform((written): TimeoutSpec => ({ attemptMs: written.attempt, totalMs: written.total }));

const hedgeForm = "a duration such as 2s, or a percentile such as p95";

const hedge: z.ZodType<HedgeSpec> = fields(
  {
    after: z
      .string({ error: (issue) => notAllowed(issue.input, hedgeForm) })
      .transform((given, context): HedgeSpec["after"] => {
        const percent = /^p(\d{1,2}(?:\.\d+)?)$/.exec(given.trim())?.[1];
        if (percent !== undefined) return { kind: "quantile", quantile: Number(percent) / 100 };
        const delayMs = parseDuration(given);
        if (delayMs !== undefined && delayMs > 0) return { kind: "delay", delayMs };
        context.issues.push({ code: "custom", message: notAllowed(given, hedgeForm), input: given });
        return z.NEVER;
      })
      .meta({ description: `When the first call has not answered by then. Written as ${hedgeForm}.` }),
    "at-most": share("Second calls per first call. Default: 5%.").optional(),
  },
  "A second call when the first one takes long; whoever answers first wins, the other is cancelled.",
).transform((written): HedgeSpec => ({ after: written.after, shareMax: written["at-most"] ?? hedgeShareMax }));

/** "Tied requests" cost little where few are sent: Dean and Barroso, "The Tail at Scale" (CACM 2013), hedge 5 %. */
const hedgeShareMax = 0.05;

const breaker: z.ZodType<BreakerSpec> = fields(
  {
    failures: count("It opens after so many failed calls in a row.", 1).optional(),
    errors: share("In place of failures: it opens when this share of the calls within window has failed.").optional(),
    calls: count("With errors: but not with fewer calls. Default: 20.", 1).optional(),
    window: someTime("With errors: the time it looks back. Default: 30s.").optional(),
    open: someTime("How long nobody is let through. Default: 30s.").optional(),
    probes: count("Calls let through then; if all succeed it closes. Default: 1.", 1).optional(),
  },
  "A circuit breaker for each model of each provider.",
)
  .meta({ oneOf: [{ required: ["failures"] }, { required: ["errors"] }] })
  .transform((written, context): BreakerSpec => {
    const { failures, errors } = written;
    const rest = { openMs: written.open ?? 30 * secondMs, probes: written.probes ?? 1 };
    if (failures !== undefined && errors === undefined) return { opens: { kind: "consecutive", failures }, ...rest };
    if (errors !== undefined && failures === undefined) {
      const look = { callsMin: written.calls ?? 20, windowMs: written.window ?? 30 * secondMs };
      return { opens: { kind: "share", share: errors, ...look }, ...rest };
    }
    const message = `has ${failures === undefined ? "neither" : "both"} failures ${failures === undefined ? "nor" : "and"} errors; needed is one of them`;
    context.issues.push({ code: "custom", message, input: written });
    return z.NEVER;
  });

/** LiteLLM's defaults: 3 failures a minute, 5 s (docs.litellm.ai, "Routing"; `litellm/constants.py`). */
const cooldown: z.ZodType<CooldownSpec> = fields(
  {
    "allowed-fails": count("Failures within a minute that are still allowed. Default: 3.", 0).optional(),
    for: someTime("How long it is left out. Default: 5s.").optional(),
  },
  "A provider's model that fails too often is left out for a while, as LiteLLM does it.",
).transform((written): CooldownSpec => ({
  allowedFails: written["allowed-fails"] ?? 3,
  cooldownMs: written.for ?? 5 * secondMs,
}));

const routingForms = ["order", "weighted", "least-busy", "lowest-latency", "usage", "reserved", "near"] as const;

const routing: z.ZodType<RoutingSpec> = fields(
  {
    by: oneOf(
      routingForms,
      "Whom the gateway asks first: the first of the route, by weight, who has fewest calls, who was fastest, who used least of its token limit, reserved capacity for large prompts, or who is near.",
    ),
    weights: namesTo(share("Part of the requests."), "a share", "With weighted: providers and their parts.").optional(),
    affinity: oneOf(
      ["session", "none"],
      "With weighted: whether a conversation stays with the provider that it began with. Default: session.",
    ).optional(),
    large: count("With reserved: prompts of so many tokens are large. Default: 2000.", 1).optional(),
    region: text("a region", "With near: where the gateway is.").optional(),
  },
  "Whom the gateway asks first; the others of the route follow in order. Default: order.",
).transform((written, context): RoutingSpec => {
  const { by, weights, region } = written;
  if (by === "weighted" && weights !== undefined) {
    return { by, weights, ...(written.affinity === "none" ? { affinity: "none" } : {}) };
  }
  if (by === "near" && region !== undefined) return { by, region };
  if (by === "reserved") return { by, largeTokens: written.large ?? 2_000 };
  if (by !== "weighted" && by !== "near") return { by };
  const message = `is by ${by}; needed is ${by === "near" ? "region" : "weights"} beside it`;
  context.issues.push({ code: "custom", message, input: written });
  return z.NEVER;
});

const cacheDefault: Pick<CacheSpec, "ttlMs" | "entriesMax" | "questions"> = {
  ttlMs: 10 * minuteMs,
  entriesMax: 10_000,
  questions: 1_000,
};

const cache: z.ZodType<CacheSpec> = fields(
  {
    ttl: someTime("An answer is kept for so long. Default: 10m.").optional(),
    entries: count("Answers kept at most. Default: 10k.", 1).optional(),
    repeats: share("Requests that ask one of the common questions, word for word: an assumption about your traffic."),
    questions: count(
      "How many common questions there are, some far more common than others. Default: 1k.",
      1,
    ).optional(),
    semantic: share("Of the other requests, those that mean the same as something kept. Default: 0.").optional(),
  },
  "Answers that the gateway keeps; a hit calls no provider.",
).transform((written): CacheSpec => ({
  ttlMs: written.ttl ?? cacheDefault.ttlMs,
  entriesMax: written.entries ?? cacheDefault.entriesMax,
  repeats: written.repeats,
  questions: written.questions ?? cacheDefault.questions,
  semantic: written.semantic ?? 0,
}));

/** The keys of the `platform` section that are about resilience, beside `retries`. */
export const resilienceFields: {
  readonly timeouts: z.ZodOptional<z.ZodType<TimeoutSpec>>;
  readonly hedge: z.ZodOptional<z.ZodType<HedgeSpec>>;
  readonly breaker: z.ZodOptional<z.ZodType<BreakerSpec>>;
  readonly cooldown: z.ZodOptional<z.ZodType<CooldownSpec>>;
  readonly routing: z.ZodOptional<z.ZodType<RoutingSpec>>;
  readonly cache: z.ZodOptional<z.ZodType<CacheSpec>>;
} = {
  timeouts: timeouts.optional(),
  hedge: hedge.optional(),
  breaker: breaker.optional(),
  cooldown: cooldown.optional(),
  routing: routing.optional(),
  cache: cache.optional(),
};

type WrittenResilience = {
  readonly [Key in keyof ResilienceSpec]?: ResilienceSpec[Key] | undefined;
};

/** Undefined when none of it is written. */
export function resilienceOf(written: WrittenResilience): ResilienceSpec | undefined {
  const {
    retries,
    timeouts: limits,
    hedge: second,
    breaker: fuse,
    cooldown: pause,
    routing: how,
    cache: kept,
  } = written;
  const spec: ResilienceSpec = {
    ...(retries === undefined ? {} : { retries }),
    ...(limits === undefined ? {} : { timeouts: limits }),
    ...(second === undefined ? {} : { hedge: second }),
    ...(fuse === undefined ? {} : { breaker: fuse }),
    ...(pause === undefined ? {} : { cooldown: pause }),
    ...(how === undefined ? {} : { routing: how }),
    ...(kept === undefined ? {} : { cache: kept }),
  };
  return Object.keys(spec).length === 0 ? undefined : spec;
}
