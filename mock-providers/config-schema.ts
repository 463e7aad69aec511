/** The schema of the mock's configuration, on the blocks of the scenario's. */
import type * as z from "zod";
import type { LimitDimension } from "../behavior/provider.ts";
import type { Account, Limit } from "../behavior/provider-model.ts";
import { providersSchema } from "../core/scenario/provider-schema.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import { timelineSchema } from "../core/scenario/timeline-schema.ts";
import { count, factor, fields, listOf, namesTo, oneOf, someTime, text } from "../core/scenario/written.ts";
import { minuteMs } from "../core/time.ts";

/** A configuration whose every section is right by itself. */
export interface MockDocument {
  readonly seed: number;
  readonly timeScale: number;
  readonly latencyScale: number;
  readonly streamHeaders: "first-event" | "at-once";
  readonly providers: readonly ProviderSpec[];
  /** By name of the provider. */
  readonly keys: Readonly<Record<string, readonly Account[]>>;
  readonly timeline: readonly TimelineEntry[];
}

/** Every key that is not told otherwise belongs to it. */
const defaultOrganization = "org-squall";

/** Names that stand in headers and in the text of answers. */
const plainName = /^[\w.:@-]{1,128}$/;

/** What a limit counts, as it is written. */
export const dimensionWords: Readonly<Record<LimitDimension, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input-tokens",
  outputTokens: "output-tokens",
};

const dimensions = {
  requests: "requests",
  tokens: "tokens",
  "input-tokens": "inputTokens",
  "output-tokens": "outputTokens",
} as const;

/** As the providers that know such limits word them. */
const defaultLabels: Readonly<Record<LimitDimension, string>> = {
  requests: "requests per min (RPM)",
  tokens: "tokens per min (TPM)",
  inputTokens: "input tokens per minute",
  outputTokens: "output tokens per minute",
};

const limitSchema = fields(
  {
    dimension: oneOf(
      ["requests", "tokens", "input-tokens", "output-tokens"],
      "What is counted; input and output apart at Anthropic only.",
    ),
    amount: count("How much is allowed per period.", 1),
    per: someTime("The period. Default: 1m.").optional(),
    label: text(
      "words",
      "What an error calls it. Default: as OpenAI, or Anthropic, words its limits per minute.",
    ).optional(),
  },
  "A limit of one key.",
).transform((written): Limit => ({
  dimension: dimensions[written.dimension],
  amount: written.amount,
  perMs: written.per ?? minuteMs,
  label: written.label ?? defaultLabels[dimensions[written.dimension]],
}));

const limitsSchema = (description: string): z.ZodType<readonly Limit[]> =>
  listOf(limitSchema, "limits such as { dimension: requests, amount: 3, per: 5s }", description);

const keySchema = fields(
  {
    key: text("1 to 256 printable characters without spaces", "The API key.", /^[\x21-\x7e]{1,256}$/),
    secret: text(
      "1 to 256 printable characters without spaces",
      "Bedrock: what requests are signed with. Default: the key itself.",
      /^[\x21-\x7e]{1,256}$/,
    ).optional(),
    organization: text("a name", "Keys of one organization share its limits.", plainName).optional(),
    project: text("a name", "Project within the organization.", plainName).optional(),
    state: oneOf(["active", "insufficient-quota"], "Whether there is credit left. Default: active.").optional(),
    limits: limitsSchema("Limits of this key for all models together, in place of the models' own.").optional(),
    "project-limits": limitsSchema("Limits of the project, on top of the organization's.").optional(),
  },
  "An API key and what stands behind it.",
).transform(({ key, secret, organization, project, state, limits, "project-limits": projectLimits }): Account => ({
  apiKey: key,
  organization: organization ?? defaultOrganization,
  state: state ?? "active",
  ...(secret === undefined ? {} : { secretKey: secret }),
  ...(project === undefined ? {} : { project }),
  ...(limits === undefined ? {} : { limits }),
  ...(projectLimits === undefined ? {} : { projectLimits }),
}));

export const mockConfigSchema: z.ZodType<MockDocument> = fields(
  {
    seed: count("Same seed, same answers. Default: 1.", 0, Number.MAX_SAFE_INTEGER).optional(),
    "time-scale": factor("Speed of the scenario's clock. Default: 1.", 0.001).optional(),
    "latency-scale": factor("Multiplies every planned time; 0 answers at once. Default: 1.", 0).optional(),
    "stream-headers": oneOf(
      ["first-event", "at-once"],
      "When a stream's headers leave. Default: first-event.",
    ).optional(),
    providers: providersSchema,
    keys: namesTo(
      listOf(keySchema, "keys such as { key: sk-a, organization: org-a }", "Keys that this provider knows."),
      "a list of keys",
      "Keys by provider. Default for a provider named x: sk-squall-x.",
    ).optional(),
    timeline: timelineSchema.optional(),
  },
  "What a mock serves.",
).transform((written): MockDocument => ({
  seed: written.seed ?? 1,
  timeScale: written["time-scale"] ?? 1,
  latencyScale: written["latency-scale"] ?? 1,
  streamHeaders: written["stream-headers"] ?? "first-event",
  providers: written.providers,
  keys: written.keys ?? {},
  timeline: written.timeline ?? [],
}));

/** The key of a provider that names none: worthless anywhere else. */
export function defaultKey(provider: string): Account {
  return { apiKey: `sk-squall-${provider}`, organization: defaultOrganization, state: "active" };
}
