/** The `traffic` section: who asks for what, and when. */
import * as z from "zod";
import type { DistributionSpec } from "../distributions.ts";
import { minuteMs, type Ms } from "../time.ts";
import { clientRetriesSchema } from "./client-schema.ts";
import { distributionOf } from "./distribution-schema.ts";
import type { ArrivalSegment, ClosedLoad, OpenLoad, RequestShape, Traffic, TraceLoad } from "./traffic-spec.ts";
import {
  count,
  duration,
  fields,
  listOf,
  namesTo,
  notAllowed,
  oneOf,
  rate,
  rateRamp,
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

const arrivals = listOf(
  fields(
    {
      for: someTime("How long this stretch lasts."),
      rate: rate("Requests per unit of time.").optional(),
      ramp: rateRamp("In place of rate: it changes evenly from the first to the second.").optional(),
      jitter: oneOf(
        ["poisson", "none"],
        "Whether arrivals scatter around the rate by chance (poisson) or not at all (none). Default: poisson.",
      ).optional(),
    },
    "A stretch of time, at one rate or on a ramp.",
  )
    .meta({ oneOf: [{ required: ["rate"] }, { required: ["ramp"] }] })
    .transform((written, context): ArrivalSegment => {
      const { rate: steady, ramp } = written;
      if ((steady === undefined) === (ramp === undefined)) {
        const given = ramp === undefined ? "has neither rate nor ramp" : "has both rate and ramp";
        context.issues.push({ code: "custom", message: `${given}; needed is one of them`, input: written });
        return z.NEVER;
      }
      const [fromPerMs, toPerMs] = ramp ?? [steady ?? 0, steady ?? 0];
      return { forMs: written.for, fromPerMs, toPerMs, process: written.jitter === "none" ? "constant" : "poisson" };
    }),
  "stretches such as { for: 5m, rate: 20/s }",
  "Open loop: requests arrive at a rate, whatever comes back.",
).transform((segments): OpenLoad => ({ kind: "open", segments }));

const users = fields(
  {
    count: count("People at the same time.", 1, usersMax),
    baseline: count("Play the same requests with this many people first, to compare with.", 0, usersMax).optional(),
    sessions: count(
      "Conversations per person, one after the other. Without it: as many as fit in `for`.",
      1,
    ).optional(),
    turns: distributionOf(
      { quantity: (each) => count(each, 1, 1_000), min: 1, whole: true },
      "Questions per conversation; each carries all before it. Default: 1.",
    ).optional(),
    think: distributionOf(
      { quantity: duration, min: 0, whole: false },
      "Pause before the next question. Default: 0.",
    ).optional(),
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
    format: oneOf(["azure", "mooncake"], "Format of the file: azure (CSV) or mooncake (JSON lines)."),
    file: text("a path", "Path of the trace, relative to this file. Without it: given with --trace.").optional(),
  },
  "Recorded traffic, replayed on its own instants with its own token counts.",
).transform((written): TraceLoad => ({ kind: "trace", format: written.format, file: written.file }));

/** Stands for the token counts that a trace brings along. */
const fromTrace: DistributionSpec = { kind: "constant", value: 1 };

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
  })),
  "requests such as { model: gpt-4o-mini, input: 600, output: 180 }",
  "What is asked for: kinds of requests, drawn by share.",
);

export const trafficSchema: z.ZodType<TrafficDocument> = fields(
  {
    arrivals: arrivals.optional(),
    users: users.optional(),
    trace: trace.optional(),
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
  .transform((written): TrafficDocument => {
    const tenants = Object.entries(written.tenants ?? {}).map(([name, part]) => ({ name, share: part }));
    return {
      load: written.arrivals ?? written.users ?? written.trace,
      requests: written.requests,
      tenants: tenants.length === 0 ? [{ name: "default", share: 1 }] : tenants,
      client: {
        timeoutMs: written.clients?.timeout ?? clientTimeoutMs,
        leave: written.clients?.leave,
        ...(written.clients?.retries === undefined ? {} : { retries: written.clients.retries }),
      },
      warmupRequests: written.warmup ?? 0,
    };
  });
