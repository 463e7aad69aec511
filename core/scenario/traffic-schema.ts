/** The `traffic` section: who asks for what, and when. */
import { ln } from "../elementary.ts";
import * as z from "zod";
import type { DistributionSpec } from "../distributions.ts";
import { minuteMs, type Ms, parseDuration } from "../time.ts";
import { parseShare } from "../units.ts";
import { arrivalsSchema } from "./arrivals-schema.ts";
import { clientRetriesSchema, resendSchema } from "./client-schema.ts";
import { distributionOf } from "./distribution-schema.ts";
import { extraTrafficSchema } from "./extra-traffic-schema.ts";
import type { ClosedLoad, RequestShape, SessionSpec, Traffic, TraceLoad } from "./traffic-spec.ts";
import {
  count,
  duration,
  factor,
  fields,
  listOf,
  namesTo,
  notAllowed,
  oneOf,
  share,
  someTime,
  text,
  yesOrNo,
} from "./written.ts";

/** The section before it is known that exactly one of arrivals, users and trace is there. */
export type TrafficDocument = Omit<Traffic, "load"> & { readonly load: Traffic["load"] | undefined };

/** What the vendor's SDK waits for an answer by default: ten minutes (openai-node README, "Timeouts"). */
const clientTimeoutMs: Ms = 10 * minuteMs;

/** A bound on one machine's load, not on what it can do: a session holds a socket. */
const usersMax = 10_000;

const tokens = (description: string): z.ZodType<DistributionSpec> =>
  distributionOf({ quantity: (each) => count(each, 1, 10_000_000), min: 1, whole: true }, description);

const turns = (description: string): z.ZodType<DistributionSpec> =>
  distributionOf({ quantity: (each) => count(each, 1, 1_000), min: 1, whole: true }, description);

const pause = (description: string): z.ZodType<DistributionSpec> =>
  distributionOf({ quantity: duration, min: 0, whole: false }, description);

const sessions = fields(
  {
    turns: turns("Requests per conversation, or calls of an agent; each carries all before it."),
    think: pause("From one of them to the next, whatever comes back. Default: 0.").optional(),
    dependent: yesOrNo(
      "Each waits for the answer before it, and think comes after that, as with an agent. Default: false.",
    ).optional(),
  },
  "With arrivals: requests come in conversations. The rate is still that of requests.",
).transform((written): SessionSpec => ({
  turns: written.turns,
  think: written.think ?? { kind: "constant", value: 0 },
  ...(written.dependent === true ? { dependent: true } : {}),
}));

const users = fields(
  {
    count: count("People at the same time.", 1, usersMax),
    baseline: count("Play the same requests with this many people first, to compare with.", 0, usersMax).optional(),
    sessions: count(
      "Conversations per person, one after the other. Without it: as many as fit in `for`.",
      1,
    ).optional(),
    turns: turns("Questions per conversation; each carries all before it. Default: 1.").optional(),
    think: pause("Pause before the next question. Default: 0.").optional(),
    ramp: duration("People start spread evenly over this time. Default: 0.").optional(),
    for: someTime("No request is sent after this. Without it: until everyone is done.").optional(),
  },
  "Closed loop: a fixed number of people, each waiting for the answer before going on.",
).transform((written): ClosedLoad => ({
  kind: "closed",
  users: written.count,
  baselineUsers: written.baseline ?? 0,
  sessionsPerUser: written.sessions,
  turns: written.turns ?? { kind: "constant", value: 1 },
  think: written.think ?? { kind: "constant", value: 0 },
  rampMs: written.ramp ?? 0,
  forMs: written.for,
}));

const trace = fields(
  {
    format: oneOf(
      ["azure", "mooncake"],
      "Format of the file: azure (CSV) or mooncake (JSON lines). Without it: as its first line tells.",
    ).optional(),
    file: text("a path", "Path of the trace, relative to this file. Without it: given with --trace.").optional(),
    speed: factor("Replayed so many times as fast. Default: 1.", 0.001).optional(),
    lengths: factor("Token counts so many times as large. Default: 1.", 0.001).optional(),
  },
  "Recorded traffic, replayed on its own instants with its own token counts.",
).transform((written): TraceLoad => ({
  kind: "trace",
  ...(written.format === undefined ? {} : { format: written.format }),
  file: written.file,
  ...(written.speed === undefined ? {} : { speed: written.speed }),
  ...(written.lengths === undefined ? {} : { lengths: written.lengths }),
}));

/** Stands for the token counts that a trace brings along. */
const fromTrace: DistributionSpec = { kind: "constant", value: 1 };

/** `10%/h`: prompts grow by a tenth each hour, on what they have grown to. As an exponent per millisecond. */
const growth = text("a growth such as 10%/h or 5%/d", "Prompts grow, as prompts do.").transform((given, context) => {
  const [part, per, ...more] = given.split("/");
  const share = parseShare(part ?? "");
  const perMs = parseDuration(`1${per ?? ""}`);
  if (share !== undefined && perMs !== undefined && perMs > 0 && more.length === 0) return ln(1 + share) / perMs;
  context.issues.push({ code: "custom", message: notAllowed(given, "a growth such as 10%/h"), input: given });
  return z.NEVER;
});

const requests = listOf(
  fields(
    {
      share: share("Part of all requests. Shares add up to 100%; a single kind needs none.").optional(),
      model: text("a model name", "Model asked for, as a provider names it."),
      input: tokens("Prompt tokens of a request, or that each turn of a conversation adds.").optional(),
      output: tokens("Answer tokens.").optional(),
      stream: yesOrNo("Whether the answer is streamed. Default: false, as in the API.").optional(),
      "max-tokens": z
        .union([
          z.literal("output", { error: (issue) => notAllowed(issue.input, "output, or a whole number such as 256") }),
          count("Sent as max_tokens.", 1),
        ])
        .meta({
          description: "Sent as max_tokens: a number, or `output` for the length of the answer. Without it: not sent.",
        })
        .optional(),
      cached: share("Part of the prompt that a provider may have cached. Default: 0.").optional(),
      growth: growth.optional(),
    },
    "One kind of request.",
  ).transform((written): RequestShape => ({
    share: written.share ?? 1,
    model: written.model,
    input: written.input ?? fromTrace,
    output: written.output ?? fromTrace,
    stream: written.stream ?? false,
    maxTokens: written["max-tokens"],
    cachedShare: written.cached ?? 0,
    ...(written.growth === undefined ? {} : { growthPerMs: written.growth }),
  })),
  "requests such as { model: gpt-4o-mini, input: 600, output: 180 }",
  "What is asked for: kinds of requests, drawn by share.",
);

export const trafficSchema: z.ZodType<TrafficDocument> = fields(
  {
    arrivals: arrivalsSchema.optional(),
    users: users.optional(),
    trace: trace.optional(),
    sessions: sessions.optional(),
    extra: extraTrafficSchema.optional(),
    sample: share("Only this part of all conversations, each whole. Default: 100%.").optional(),
    requests,
    tenants: namesTo(
      share("Part of the traffic."),
      "a share",
      "Who asks: names and shares that add up to 100%.",
    ).optional(),
    clients: fields(
      {
        timeout: someTime("A client gives up after this. Default: 10m.").optional(),
        retries: clientRetriesSchema.optional(),
        resend: resendSchema.optional(),
        leave: fields(
          {
            share: share("Part of the requests."),
            after: distributionOf({ quantity: duration, min: 0, whole: false }, "How long after it asked."),
          },
          "Some clients leave before their answer is whole: they close the page. Default: nobody.",
        ).optional(),
      },
      "What every client does.",
    ).optional(),
    warmup: count("Requests sent one after the other first, and never judged. Default: 0.", 0, 10_000).optional(),
  },
  "Who asks for what, and when: one of arrivals, users and trace, and the requests.",
)
  .meta({ oneOf: [{ required: ["arrivals"] }, { required: ["users"] }, { required: ["trace"] }] })
  .transform((written, context): TrafficDocument => {
    if (written.extra !== undefined && written.arrivals === undefined) {
      const message = "has extra, which comes on top of arrivals; there are none";
      context.issues.push({ code: "custom", message, input: written });
    }
    if (written.extra !== undefined && written.sessions?.dependent === true) {
      const message = "has extra beside sessions that are dependent; give the extra traffic a scenario of its own";
      context.issues.push({ code: "custom", message, input: written });
    }
    const tenants = Object.entries(written.tenants ?? {}).map(([name, part]) => ({ name, share: part }));
    return {
      load: written.arrivals ?? written.users ?? written.trace,
      ...(written.sessions === undefined ? {} : { sessions: written.sessions }),
      ...(written.extra === undefined ? {} : { extra: written.extra }),
      ...(written.sample === undefined ? {} : { sample: written.sample }),
      requests: written.requests,
      tenants: tenants.length === 0 ? [{ name: "default", share: 1 }] : tenants,
      client: {
        timeoutMs: written.clients?.timeout ?? clientTimeoutMs,
        leave: written.clients?.leave,
        ...(written.clients?.retries === undefined ? {} : { retries: written.clients.retries }),
        ...(written.clients?.resend === undefined ? {} : { resend: written.clients.resend }),
      },
      warmupRequests: written.warmup ?? 0,
    };
  });
