/** How prices are written: a model's own, and the `prices` section that names a file or models. */
import * as z from "zod";
import { parseMoney } from "../money.ts";
import { type PriceSpec, priceTier, type PriceTier } from "./price-spec.ts";
import type { NodesSpec } from "./provider-spec.ts";
import { count, fields, money, namesTo, notAllowed, text, type Written } from "./written.ts";

/** The section, before files are read. */
export interface PricesDocument {
  /** In LiteLLM's format, relative to the scenario. */
  readonly file?: string;
  /** By model; they come before those of the file. */
  readonly models: Readonly<Record<string, PriceSpec>>;
}

const form = "a price per million or thousand tokens, such as $2.50/M or $0.01/k, or 0";

/** Pico-dollars per token; undefined for what is no price. */
export function parseTokenPrice(text: string): number | undefined {
  if (text === "0") return 0;
  const match = /^(\$[^/]*?)\s*\/\s*([kM])$/.exec(text.trim());
  const nano = parseMoney(match?.[1] ?? "");
  if (nano === undefined) return undefined;
  return Math.round((nano * 1_000) / (match?.[2] === "M" ? 1e6 : 1e3));
}

/** As `parseTokenPrice` reads it, without loss. */
export function tokenPriceInWords(pico: number): string {
  return pico === 0 ? "0" : `$${(pico / 1e6).toFixed(6).replace(/\.?0+$/, "")}/M`;
}

function tokenPrice(description: string): Written {
  return z
    .union([z.string(), z.number()], { error: (issue) => notAllowed(issue.input, form) })
    .transform((given, context) => {
      const price = parseTokenPrice(String(given));
      if (price !== undefined) return price;
      context.issues.push({ code: "custom", message: notAllowed(given, form), input: given });
      return z.NEVER;
    })
    .meta({ description: `${description} Written as ${form}.` });
}

const rates: {
  readonly input: Written;
} & Readonly<Record<"output" | "cached" | "cache-write" | "cache-write-1h" | "reasoning", z.ZodOptional<Written>>> = {
  input: tokenPrice("Prompt tokens."),
  output: tokenPrice("Tokens of the answer. Default: 0, as for embeddings.").optional(),
  cached: tokenPrice("Prompt tokens read from a cache. Default: as input.").optional(),
  "cache-write": tokenPrice("Prompt tokens written to a cache. Default: as input.").optional(),
  "cache-write-1h": tokenPrice("Those to be kept for an hour. Default: as cache-write.").optional(),
  reasoning: tokenPrice("Answer tokens that are reasoning. Default: as output.").optional(),
};

type WrittenRates = { readonly input: number } & Partial<
  Readonly<Record<Exclude<keyof typeof rates, "input">, number | undefined>>
>;

function tierOf(written: WrittenRates): PriceTier {
  return priceTier({
    input: written.input,
    output: written.output ?? 0,
    cached: written.cached,
    written: written["cache-write"],
    writtenLong: written["cache-write-1h"],
    reasoning: written.reasoning,
  });
}

const otherwise = {
  batch: fields(rates, "What the same tokens cost in a batch. Default: half.").optional(),
  flex: fields(rates, "What they cost when they may take their time. Default: half.").optional(),
  priority: fields(rates, "What they cost when they come first. Default: not priced.").optional(),
};

/** One model's price. */
export const priceSchema: z.ZodType<PriceSpec> = fields(
  { ...rates, ...otherwise },
  "What its tokens cost. Default: the price list.",
).transform(({ batch, flex, priority, ...standard }): PriceSpec => ({
  source: "scenario",
  tiers: [tierOf(standard)],
  ...(batch === undefined ? {} : { batch: [tierOf(batch)] }),
  ...(flex === undefined ? {} : { flex: [tierOf(flex)] }),
  ...(priority === undefined ? {} : { priority: [tierOf(priority)] }),
}));

export const pricesSchema: z.ZodType<PricesDocument> = z
  .union(
    [
      text("a file", "Prices in LiteLLM's format, relative to the scenario.").transform((file): PricesDocument => ({
        file,
        models: {},
      })),
      namesTo(priceSchema, "a price", "Prices by model.").transform((models): PricesDocument => ({ models })),
    ],
    { error: (issue) => notAllowed(issue.input, "a file, or prices by model such as gpt-4o: { input: $2.50/M }") },
  )
  .meta({ description: "What tokens cost: a file in LiteLLM's format, or prices by model. Default: genai-prices." });

/** Nodes that a self-hosted model runs on. */
export const nodesSchema: z.ZodType<NodesSpec> = fields(
  {
    count: count("How many there are.", 1),
    type: text(
      "a node type",
      "As its cloud calls it, such as p5.48xlarge; docs/prices.md lists those priced.",
    ).optional(),
    hourly: money("Cost of one for an hour. Default: the list price of its type.").optional(),
  },
  "Self-hosted: nodes paid by the hour, in place of tokens. Default: none.",
).transform(({ count: nodes, type, hourly }): NodesSpec => ({
  count: nodes,
  ...(type === undefined ? {} : { type }),
  ...(hourly === undefined ? {} : { hourly }),
}));

/** The way back, for programs that write configurations. */
export function priceInWords({ tiers: [tier], batch, flex, priority }: PriceSpec): Readonly<Record<string, unknown>> {
  if (tier === undefined) return {};
  const others = Object.entries({ batch, flex, priority }).flatMap(([name, tiers]) =>
    tiers?.[0] === undefined ? [] : [[name, ratesInWords(tiers[0])] as const],
  );
  return { ...ratesInWords(tier), ...Object.fromEntries(others) };
}

function ratesInWords(tier: PriceTier): Readonly<Record<string, string>> {
  const { input, output, cached, written, writtenLong, reasoning } = tier;
  const all = { input, output, cached, "cache-write": written, "cache-write-1h": writtenLong, reasoning };
  return Object.fromEntries(Object.entries(all).map(([name, pico]) => [name, tokenPriceInWords(pico)]));
}
