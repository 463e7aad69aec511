/** How API keys and their limits are written: in a scenario's provider, and in the mock's configuration. */
import type * as z from "zod";
import { dayMs, minuteMs } from "../time.ts";
import type { AccountSpec, LimitSpec } from "./account-spec.ts";
import { count, fields, listOf, oneOf, someTime, text } from "./written.ts";

/** Every key that is not told otherwise belongs to it. */
export const defaultOrganization = "org-squall";

/** Names that stand in headers and in the text of answers. */
const plainName = /^[\w.:@-]{1,128}$/;

/** What a limit counts, as it is written. */
export const dimensionWords: Readonly<Record<LimitSpec["dimension"], string>> = {
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
const defaultLabels: Readonly<Record<LimitSpec["dimension"], string>> = {
  requests: "requests per min (RPM)",
  tokens: "tokens per min (TPM)",
  inputTokens: "input tokens per minute",
  outputTokens: "output tokens per minute",
};

const dailyLabels: typeof defaultLabels = {
  requests: "requests per day (RPD)",
  tokens: "tokens per day (TPD)",
  inputTokens: "input tokens per day",
  outputTokens: "output tokens per day",
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
).transform((written): LimitSpec => {
  const dimension = dimensions[written.dimension];
  const perMs = written.per ?? minuteMs;
  const label = written.label ?? (perMs >= dayMs ? dailyLabels : defaultLabels)[dimension];
  return { dimension, amount: written.amount, perMs, label };
});

const limitsSchema = (description: string): z.ZodType<readonly LimitSpec[]> =>
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
    limits: limitsSchema("Limits of this key for all models together, in place of all others.").optional(),
    "organization-limits": limitsSchema(
      "Limits of the organization for all models together, on top of the models' own.",
    ).optional(),
    "project-limits": limitsSchema("Limits of the project, per model, on top of the organization's.").optional(),
    "project-total-limits": limitsSchema("Limits of the project for all models together, likewise.").optional(),
    "key-limits": limitsSchema("Limits of this key for all models together, on top of all others.").optional(),
  },
  "An API key and what stands behind it.",
).transform((written): AccountSpec => {
  const { secret, project, limits } = written;
  const organizationLimits = written["organization-limits"];
  const projectLimits = written["project-limits"];
  const projectTotalLimits = written["project-total-limits"];
  const keyLimits = written["key-limits"];
  return {
    apiKey: written.key,
    organization: written.organization ?? defaultOrganization,
    state: written.state ?? "active",
    ...(secret === undefined ? {} : { secretKey: secret }),
    ...(project === undefined ? {} : { project }),
    ...(limits === undefined ? {} : { limits }),
    ...(organizationLimits === undefined ? {} : { organizationLimits }),
    ...(projectLimits === undefined ? {} : { projectLimits }),
    ...(projectTotalLimits === undefined ? {} : { projectTotalLimits }),
    ...(keyLimits === undefined ? {} : { keyLimits }),
  };
});

export const keysSchema: z.ZodType<readonly AccountSpec[]> = listOf(
  keySchema,
  "keys such as { key: sk-a, organization: org-a }",
  "Keys that this provider knows.",
);
