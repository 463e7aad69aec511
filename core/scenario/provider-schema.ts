/** The `providers` section: hosted models, their limits, and how fast they answer. */
import * as z from "zod";
import { latencySchema } from "./latency-schema.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "./provider-spec.ts";
import {
  count,
  duration,
  fields,
  type NameRule,
  oneOf,
  someNamesTo,
  someTime,
  text,
} from "./written.ts";

/** Every wire format that a provider may speak. */
export const dialectNames: readonly [Dialect, ...Dialect[]] = [
  "openai",
  "azure-openai",
  "anthropic",
  "bedrock",
  "gemini",
  "vertex",
];

const model = fields(
  {
    rpm: count("Requests per minute. Without it: unlimited.", 1).optional(),
    tpm: count("Tokens per minute. Without it: unlimited.", 1).optional(),
    rpd: count("Requests per day. Without it: unlimited.", 1).optional(),
    tpd: count("Tokens per day. Without it: unlimited.", 1).optional(),
    itpm: count("Anthropic: input tokens per minute, cache reads not counted. Without it: unlimited.", 1).optional(),
    otpm: count("Anthropic: output tokens per minute. Without it: unlimited.", 1).optional(),
    family: text(
      "a name",
      "Models of one family share the limits of the first. Default: as the provider groups them.",
    ).optional(),
    ptu: count("Azure OpenAI: units of provisioned throughput, in place of other limits.", 1).optional(),
    gsu: count("Vertex AI: scale units of provisioned throughput, used before pay-as-you-go.", 1).optional(),
    latency: latencySchema.optional(),
  },
  "A model's limits, and its own latency where it differs from the provider's.",
);

const sharedPool = fields(
  {
    "short-every": someTime("From the beginning of one shortage to that of the next, on average."),
    "short-for": someTime("How long one lasts, on average; less than that."),
  },
  "Vertex AI: shortages of the capacity that all customers share. Default: none.",
)
  .refine((written) => written["short-for"] < written["short-every"], {
    error: () => "has shortages that last longer than the time from one to the next",
  })
  .transform((written) => ({ shortEveryMs: written["short-every"], shortForMs: written["short-for"] }));

const provider = fields(
  {
    dialect: oneOf(dialectNames, "Wire format that it speaks."),
    models: someNamesTo(model, "limits, {} for none", "Models it serves, with their limits."),
    latency: latencySchema,
    slice: duration("Limits are enforced in slices of this length. Default: 0, as the provider does.").optional(),
    "output-charging": oneOf(
      ["generated", "reserved"],
      "Anthropic: output tokens count as they are generated, or max_tokens from the start (until mid-2026). Default: generated.",
    ).optional(),
    "shared-pool": sharedPool.optional(),
    "time-of-day": duration(
      "Gemini and Vertex AI: time since midnight in California at the start; days end there. Default: 0.",
    ).optional(),
  },
  "A hosted provider.",
).superRefine(({ dialect, models }, context) => {
  for (const [name, units] of Object.entries(models)) {
    for (const [unit, seller] of sellers) {
      if (units[unit] === undefined || dialect === seller) continue;
      const message = `is ${units[unit]}, but only ${seller} sells such units; the dialect of this provider is ${dialect}`;
      context.addIssue({ code: "custom", path: ["models", name, unit], message });
    }
  }
});

/** Units of purchased capacity, and who sells them. */
const sellers = [
  ["ptu", "azure-openai"],
  ["gsu", "vertex"],
] as const;

/** A provider's name stands in its base URL and in its key. */
const providerName: NameRule = {
  name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/),
  allowed: "1 to 64 letters, digits, - _ and ., the first of them a letter or a digit",
};

export const providersSchema: z.ZodType<readonly ProviderSpec[]> = someNamesTo(
  provider,
  "a provider",
  "Who answers, by names of your own.",
  providerName,
).transform((providers) =>
  Object.entries(providers).map(([name, written]): ProviderSpec => ({
    name,
    dialect: written.dialect,
    sliceMs: written.slice ?? 0,
    ...(written["output-charging"] === undefined ? {} : { outputCharging: written["output-charging"] }),
    ...(written["shared-pool"] === undefined ? {} : { sharedPool: written["shared-pool"] }),
    ...(written["time-of-day"] === undefined ? {} : { startTimeOfDayMs: written["time-of-day"] }),
    models: Object.entries(written.models).map(([modelName, limits]): ModelSpec => {
      const provisionedUnits = limits.ptu ?? limits.gsu;
      return {
        model: modelName,
        requestsPerMinute: limits.rpm,
        tokensPerMinute: limits.tpm,
        requestsPerDay: limits.rpd,
        tokensPerDay: limits.tpd,
        ...(limits.itpm === undefined ? {} : { inputTokensPerMinute: limits.itpm }),
        ...(limits.otpm === undefined ? {} : { outputTokensPerMinute: limits.otpm }),
        ...(limits.family === undefined ? {} : { limitFamily: limits.family }),
        ...(provisionedUnits === undefined ? {} : { provisionedUnits }),
        ...(limits.latency ?? written.latency),
      };
    }),
  })),
);
