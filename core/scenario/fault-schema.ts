/** A fault as it is written: what goes wrong, whom it hits, and how strongly. */
import * as z from "zod";
import type { FaultKind, FaultShape, FaultSpec, FaultTarget } from "./fault-spec.ts";
import { count, duration, factor, fields, notAllowed, oneOf, portion, share, someTime, text } from "./written.ts";

const pulse = fields(
  {
    pulse: someTime("Length of a period."),
    on: share("Part of each period that it is on, from the beginning."),
  },
  "On and off.",
).transform((written): FaultShape => ({ kind: "pulse", everyMs: written.pulse, on: written.on }));

const ramp = fields({ ramp: someTime("How long it grows.") }, "Grows, then stays.").transform(
  (written): FaultShape => ({
    kind: "ramp",
    overMs: written.ramp,
  }),
);

const shapes = "step, ramp, { ramp: 1m } or { pulse: 30s, on: 20% }";

const named = z
  .enum(["step", "ramp"], { error: (issue) => notAllowed(issue.input, shapes) })
  .transform((kind): FaultShape => (kind === "step" ? { kind } : { kind, overMs: undefined }));

const shape = z
  .union([named, ramp, pulse], {
    error: (issue) => notAllowed(issue.input, shapes),
  })
  .meta({ description: "How strong it is while it lasts. Default: step; brownout: ramp, as long as it lasts." });

const someRegion = text("the name of a region", "Only providers of this region.");

/** Limits are not those of a call, nor of a key. */
const limitsTarget = {
  provider: text("a provider", "Provider that it hits, by name. Default: all of the region.").optional(),
  region: someRegion.optional(),
  model: text("a model", "Only this model. Default: all.").optional(),
  shape: shape.optional(),
};

const target = {
  ...limitsTarget,
  key: text("an API key", "Only calls with this key. Default: all.").optional(),
  share: share("Part of the calls that it hits. Default: 100%.").optional(),
};

interface WrittenTarget {
  readonly provider?: string | undefined;
  readonly region?: string | undefined;
  readonly model?: string | undefined;
  readonly key?: string | undefined;
  readonly share?: number | undefined;
  readonly shape?: FaultShape | undefined;
}

const status = (description: string): z.ZodType<number> => count(description, 400, 599);
const retryAfter = duration("Sent as retry-after. Default: not sent.").optional();
const after = share("Part of the answer's content that comes before. Default: drawn for each call.").optional();

const outage = faulty("outage", "The provider is down.", {
  how: oneOf(["status", "reset"], "An error status, or a connection that is reset. Default: status.").optional(),
  status: status("HTTP status of every answer. Default: 503.").optional(),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "outage",
  how: written.how ?? "status",
  status: written.status ?? 503,
}));

const regionDown = faulty("region-down", "All providers of a region are down.", {
  region: text("the name of a region", "The region that is down."),
  how: oneOf(
    ["reset", "status", "timeout"],
    "Connections are reset, answered with a status, or never made. Default: reset.",
  ).optional(),
  status: status("HTTP status of every answer. Default: 503.").optional(),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "region-down",
  how: written.how ?? "reset",
  status: written.status ?? 503,
}));

const errorRate = faulty("error-rate", "Some answers fail.", {
  status: status("HTTP status of the failed answers. Default: 500.").optional(),
  "retry-after": retryAfter,
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "error-rate",
  status: written.status ?? 500,
  retryAfterMs: written["retry-after"],
}));

const rateLimitStorm = faulty("rate-limit-storm", "Calls are refused with status 429, whatever the limits say.", {
  "retry-after": retryAfter,
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "rate-limit-storm",
  retryAfterMs: written["retry-after"],
}));

const overload = faulty("overload", "The provider sheds load: 529 at Anthropic, 503 elsewhere.", {
  "retry-after": retryAfter,
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "overload",
  retryAfterMs: written["retry-after"],
}));

const quotaCut = fields(
  {
    ...limitsTarget,
    kind: z.literal("quota-cut"),
    to: portion("What becomes of each limit: 20% of it, or 200% where it is raised."),
  },
  "Limits are lower than usual, or higher, and headers say so.",
).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "quota-cut",
  to: written.to,
}));

const latency = faulty("latency", "Answers take longer.", {
  factor: factor("Multiplies every time.", 0),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "latency",
  factor: written.factor,
}));

const brownout = faulty("brownout", "Answers take longer and fail, more and more.", {
  factor: factor("Multiplies every time, in the end.", 0),
  errors: share("Part of the calls that fail, in the end."),
  status: status("HTTP status of those. Default: 503.").optional(),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "brownout",
  factor: written.factor,
  errors: written.errors,
  status: written.status ?? 503,
}));

const slowFirstToken = faulty("slow-first-token", "Answers begin later.", {
  by: someTime("How much later."),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "slow-first-token",
  byMs: written.by,
}));

/** Kinds that break an answer somewhere, and say no more. */
const stalledStream = faulty("stalled-stream", "Answers stop coming, and do not end.", { after }).transform(brokenOff);
const cutStream = faulty("cut-stream", "Connections close within answers.", { after }).transform(brokenOff);
const malformedChunk = faulty("malformed-chunk", "Answers cannot be parsed.", { after }).transform(brokenOff);
const truncatedStream = faulty("truncated-stream", "Streams end in order, but without their last events.", {
  after,
}).transform(brokenOff);

function brokenOff<Kind extends "stalled-stream" | "cut-stream" | "malformed-chunk" | "truncated-stream">(
  written: WrittenTarget & { readonly kind: Kind; readonly after?: number | undefined },
  context: z.core.$RefinementCtx,
): FaultSpec {
  return { ...targetOf(written, context), kind: written.kind, after: written.after };
}

const errorEvent = faulty("error-event", "Streams end with an error.", {
  after,
  error: oneOf(["overloaded", "rate-limit", "internal", "model"], "What it speaks of. Default: overloaded.").optional(),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "error-event",
  after: written.after,
  error: written.error ?? "overloaded",
}));

const wrongUsage = faulty("wrong-usage", "Answers report other token counts than were used.", {
  factor: factor("Multiplies what is reported.", 0),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "wrong-usage",
  factor: written.factor,
}));

const connection = faulty("connection", "There is no connection.", {
  how: oneOf(["refused", "reset", "dns", "tls", "timeout", "hang"], "Why there is none. Default: refused.").optional(),
  wait: duration("How long clients wait for that. Default: 0; timeout: 10s.").optional(),
}).transform((written, context): FaultSpec => ({
  ...targetOf(written, context),
  kind: "connection",
  how: written.how ?? "refused",
  waitMs: written.wait,
}));

const credentialRevoked = faulty("credential-revoked", "Keys are no longer known.", {}).transform(
  (written, context): FaultSpec => ({ ...targetOf(written, context), kind: "credential-revoked" }),
);

const contentFilter = faulty("content-filter", "Answers are ended, or prompts turned away, by a content filter.", {
  at: oneOf(["answer", "prompt"], "What it objects to. Default: answer.").optional(),
  after,
}).transform((written, context): FaultSpec => {
  const { at } = written;
  if (at === "prompt" && written.after !== undefined) {
    const message = "is for answers; a prompt that is turned away has none";
    context.issues.push({ code: "custom", path: ["after"], message, input: written });
  }
  return {
    ...targetOf(written, context),
    kind: "content-filter",
    ...(at === "prompt" ? { at } : {}),
    after: written.after,
  };
});

/** The kinds as they are written, by name. */
const faultKinds = [
  "outage",
  "region-down",
  "error-rate",
  "rate-limit-storm",
  "overload",
  "quota-cut",
  "latency",
  "brownout",
  "slow-first-token",
  "stalled-stream",
  "cut-stream",
  "malformed-chunk",
  "truncated-stream",
  "error-event",
  "wrong-usage",
  "connection",
  "credential-revoked",
  "content-filter",
] as const satisfies readonly FaultKind["kind"][];

export const faultSchema: z.ZodType<FaultSpec> = z
  .discriminatedUnion(
    "kind",
    [
      outage,
      regionDown,
      errorRate,
      rateLimitStorm,
      overload,
      quotaCut,
      latency,
      brownout,
      slowFirstToken,
      stalledStream,
      cutStream,
      malformedChunk,
      truncatedStream,
      errorEvent,
      wrongUsage,
      connection,
      credentialRevoked,
      contentFilter,
    ],
    {
      error: (issue) =>
        issue.code === "invalid_union"
          ? notAllowed(kindOf(issue.input), `one of ${faultKinds.join(", ")}`)
          : notAllowed(issue.input, "a mapping of provider, kind and what the kind needs"),
    },
  )
  .meta({ description: "What goes wrong." });

function kindOf(given: unknown): unknown {
  return typeof given === "object" && given !== null && "kind" in given ? given.kind : undefined;
}

/** One kind of fault: its target, and settings of its own. */
function faulty<Kind extends FaultKind["kind"], Settings extends z.ZodRawShape>(
  kind: Kind,
  description: string,
  settings: Settings,
): z.ZodObject<typeof target & { kind: z.ZodLiteral<Kind> } & Settings, z.core.$strict> {
  return fields({ ...target, kind: z.literal(kind), ...settings }, description);
}

function targetOf(written: WrittenTarget, context: z.core.$RefinementCtx): FaultTarget {
  const { provider, region, model, key, share: hit, shape: over } = written;
  if (provider === undefined && region === undefined) {
    const message = notAllowed(undefined, "a provider or a region");
    context.issues.push({ code: "custom", path: ["provider"], message, input: written });
  }
  return {
    provider,
    model,
    share: hit ?? 1,
    ...(region === undefined ? {} : { region }),
    ...(key === undefined ? {} : { key }),
    ...(over === undefined ? {} : { shape: over }),
  };
}
