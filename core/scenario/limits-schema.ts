/** How limits of a model are written, and how they become part of its spec. */
import type * as z from "zod";
import type { LongContextSpec, ModelSpec } from "./provider-spec.ts";
import { priceSchema } from "./price-schema.ts";
import type { PriceSpec } from "./price-spec.ts";
import { count, fields, money, text, type Written } from "./written.ts";

/** Anthropic counts prompts above it apart (platform.claude.com/docs/en/api/rate-limits, long context). */
const longPromptTokens = 200_000;

const longContext: z.ZodType<LongContextSpec> = fields(
  {
    above: count("Prompts of more tokens than this are long. Default: 200000, as at Anthropic.", 1).optional(),
    rpm: count("Requests per minute. Without it: unlimited.", 1).optional(),
    tpm: count("Tokens per minute. Without it: unlimited.", 1).optional(),
    itpm: count("Anthropic: input tokens per minute. Without it: unlimited.", 1).optional(),
    otpm: count("Anthropic: output tokens per minute. Without it: unlimited.", 1).optional(),
  },
  "Limits that long prompts have to themselves. Default: they share the others.",
).transform(({ above, rpm, tpm, itpm, otpm }): LongContextSpec => ({
  aboveTokens: above ?? longPromptTokens,
  ...(rpm === undefined ? {} : { requestsPerMinute: rpm }),
  ...(tpm === undefined ? {} : { tokensPerMinute: tpm }),
  ...(itpm === undefined ? {} : { inputTokensPerMinute: itpm }),
  ...(otpm === undefined ? {} : { outputTokensPerMinute: otpm }),
}));

type Amount = "rpm" | "tpm" | "rpd" | "tpd" | "rp10s" | "itpm" | "otpm" | "ptu" | "gsu";

/** Fields of a model entry. Every one may be left out: then a tier says it, or it is unlimited. */
export const limitFields: Readonly<Record<Amount, z.ZodOptional<Written>>> & {
  readonly family: z.ZodOptional<z.ZodType<string, string>>;
  readonly "long-context": z.ZodOptional<z.ZodType<LongContextSpec>>;
  readonly "unit-price": z.ZodOptional<Written>;
  readonly price: z.ZodOptional<z.ZodType<PriceSpec>>;
} = {
  rpm: count("Requests per minute. Without it: unlimited.", 1).optional(),
  tpm: count("Tokens per minute. Without it: unlimited.", 1).optional(),
  rpd: count("Requests per day. Without it: unlimited.", 1).optional(),
  tpd: count("Tokens per day. Without it: unlimited.", 1).optional(),
  rp10s: count("Azure OpenAI: requests per 10 seconds, where it limits them so. Without it: not.", 1).optional(),
  itpm: count("Anthropic: input tokens per minute, cache reads not counted. Without it: unlimited.", 1).optional(),
  otpm: count("Anthropic: output tokens per minute. Without it: unlimited.", 1).optional(),
  family: text(
    "a name",
    "Models of one family share the limits of the first. Default: as the provider groups them.",
  ).optional(),
  "long-context": longContext.optional(),
  ptu: count("Azure OpenAI: units of provisioned throughput, in place of other limits.", 1).optional(),
  gsu: count("Vertex AI: scale units of provisioned throughput, used before pay-as-you-go.", 1).optional(),
  "unit-price": money("Cost of one such unit for an hour. Default: the published price.").optional(),
  price: priceSchema.optional(),
};

export interface WrittenLimits extends Partial<Readonly<Record<Amount, number | undefined>>> {
  readonly family?: string | undefined;
  readonly "long-context"?: LongContextSpec | undefined;
  readonly "unit-price"?: number | undefined;
  readonly price?: PriceSpec | undefined;
}

export type ModelLimits = Omit<ModelSpec, "model" | "latencyProfile" | "latencyScale" | "latency">;

export function modelLimitsOf(written: WrittenLimits): ModelLimits {
  const provisionedUnits = written.ptu ?? written.gsu;
  const long = written["long-context"];
  return {
    requestsPerMinute: written.rpm,
    tokensPerMinute: written.tpm,
    requestsPerDay: written.rpd,
    tokensPerDay: written.tpd,
    ...(written.rp10s === undefined ? {} : { requestsPer10Seconds: written.rp10s }),
    ...(written.itpm === undefined ? {} : { inputTokensPerMinute: written.itpm }),
    ...(written.otpm === undefined ? {} : { outputTokensPerMinute: written.otpm }),
    ...(written.family === undefined ? {} : { limitFamily: written.family }),
    ...(long === undefined ? {} : { longContext: long }),
    ...(provisionedUnits === undefined ? {} : { provisionedUnits }),
    ...(written["unit-price"] === undefined ? {} : { unitHourly: written["unit-price"] }),
    ...(written.price === undefined ? {} : { price: written.price }),
  };
}
