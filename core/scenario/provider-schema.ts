/** The `providers` section: hosted models, their limits, and how fast they answer. */
import * as z from "zod";
import { latencySchema } from "./latency-schema.ts";
import { accelerationSchema } from "./acceleration-schema.ts";
import { keysSchema } from "./key-schema.ts";
import { limitFields, modelLimitsOf } from "./limits-schema.ts";
import { nodesSchema } from "./price-schema.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "./provider-spec.ts";
import { duration, fields, type NameRule, oneOf, someNamesTo, someTime, text } from "./written.ts";

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
    ...limitFields,
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
    models: someNamesTo(
      model,
      "limits, {} for none",
      "Models it serves, with their limits. With a tier: default, what the scenario asks it for.",
    ).optional(),
    latency: latencySchema,
    tier: text(
      "the name of a published tier",
      "Published limits by name, such as openai-launch; docs/quotas.md lists them. Default: none.",
    ).optional(),
    region: text("a region", "Where it is, such as eu-west.").optional(),
    slice: duration("Limits are enforced in slices of this length. Default: 0, as the provider does.").optional(),
    "output-charging": oneOf(
      ["generated", "reserved"],
      "Anthropic: output tokens count as they are generated, or max_tokens from the start (until mid-2026). Default: generated.",
    ).optional(),
    acceleration: accelerationSchema.optional(),
    keys: keysSchema.meta({ description: "Keys with limits of their own. A run sends with the first." }).optional(),
    "prompt-cache": oneOf(
      ["as-planned", "by-rules", "kept"],
      "Cached tokens as the traffic plans them; as far as the provider's cache can hold them; or as far as it has them from earlier turns as well. Default: as-planned.",
    ).optional(),
    billing: oneOf(
      ["batch", "flex", "priority"],
      "What its calls are billed as. Default: at the standard price.",
    ).optional(),
    nodes: nodesSchema.optional(),
    "shared-pool": sharedPool.optional(),
    "time-of-day": duration(
      "Gemini and Vertex AI: time since midnight in California at the start; days end there. Default: 0.",
    ).optional(),
  },
  "A hosted provider.",
).superRefine(({ dialect, tier, models, acceleration }, context) => {
  if (models === undefined && tier === undefined) {
    const message = "is missing; needed is names with limits, {} for none, such as name: value";
    context.addIssue({ code: "custom", path: ["models"], message });
  }
  if (acceleration !== undefined && !accelerating.includes(dialect)) {
    const message = `is only known of ${accelerating.join(", ")}; the dialect of this provider is ${dialect}`;
    context.addIssue({ code: "custom", path: ["acceleration"], message });
  }
  for (const [name, units] of Object.entries(models ?? {})) {
    for (const [unit, seller] of sellers) {
      if (units[unit] === undefined || dialect === seller) continue;
      const message = `is ${units[unit]}, but only ${seller} sells such units; the dialect of this provider is ${dialect}`;
      context.addIssue({ code: "custom", path: ["models", name, unit], message });
    }
  }
});

/** Who limits how fast traffic grows. */
const accelerating: readonly Dialect[] = ["openai", "azure-openai", "anthropic"];

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
    ...(written.acceleration === undefined ? {} : { acceleration: written.acceleration }),
    ...(written.keys === undefined ? {} : { keys: written.keys }),
    ...promptCacheOf(written["prompt-cache"]),
    ...(written.billing === undefined ? {} : { billing: written.billing }),
    ...(written.nodes === undefined ? {} : { nodes: written.nodes }),
    ...(written["shared-pool"] === undefined ? {} : { sharedPool: written["shared-pool"] }),
    ...(written.region === undefined ? {} : { region: written.region }),
    ...(written["time-of-day"] === undefined ? {} : { startTimeOfDayMs: written["time-of-day"] }),
    ...(written.tier === undefined ? {} : { tier: { name: written.tier, ...written.latency } }),
    models: Object.entries(written.models ?? {}).map(([modelName, limits]): ModelSpec => ({
      model: modelName,
      ...modelLimitsOf(limits),
      ...(limits.latency ?? written.latency),
    })),
  })),
);

function promptCacheOf(written: "as-planned" | "by-rules" | "kept" | undefined): Pick<ProviderSpec, "promptCache"> {
  return written === undefined || written === "as-planned" ? {} : { promptCache: written };
}
