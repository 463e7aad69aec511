/**
 * `GET /v1/models`, and what is known about models beside what the configuration says.
 *
 * A request may name a model by its alias or by its dated snapshot; both are one model with one limit, and answers carry the
 * snapshot (public error texts: "Request too large for gpt-4.1-2025-04-14 (for limit gpt-4.1)", continuedev/continue #11717).
 */
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";

interface KnownModel {
  readonly snapshot: string;
  /** Seconds since 1970, as the endpoint gives it. */
  readonly created: number;
  /** Tokens of the longest answer; undefined where this mock knows none. */
  readonly maxOutputTokens?: number;
  /** Length of an embedding; only embedding models have one. */
  readonly dimensions?: number;
}

/**
 * Snapshots and creation times as the endpoint lists them (recalled). Longest answers: tailcallhq/forgecode #1185 (gpt-4o 16,384),
 * opencode-ai/opencode #140 (gpt-4.1 32,768); the small models share those of their family, models that think have 100,000 (o
 * series) and 128,000 (model pages, recalled). Dimensions: embeddings guide.
 */
const knownModels: Readonly<Record<string, KnownModel>> = {
  "gpt-4o": { snapshot: "gpt-4o-2024-08-06", created: 1_715_367_049, maxOutputTokens: 16_384 },
  "gpt-4o-mini": { snapshot: "gpt-4o-mini-2024-07-18", created: 1_721_172_741, maxOutputTokens: 16_384 },
  "gpt-4.1": { snapshot: "gpt-4.1-2025-04-14", created: 1_744_316_542, maxOutputTokens: 32_768 },
  "gpt-4.1-mini": { snapshot: "gpt-4.1-mini-2025-04-14", created: 1_744_318_173, maxOutputTokens: 32_768 },
  "gpt-4.1-nano": { snapshot: "gpt-4.1-nano-2025-04-14", created: 1_744_321_707, maxOutputTokens: 32_768 },
  o3: { snapshot: "o3-2025-04-16", created: 1_744_225_308, maxOutputTokens: 100_000 },
  "o3-mini": { snapshot: "o3-mini-2025-01-31", created: 1_737_146_383, maxOutputTokens: 100_000 },
  "o4-mini": { snapshot: "o4-mini-2025-04-16", created: 1_744_225_351, maxOutputTokens: 100_000 },
  "gpt-5": { snapshot: "gpt-5-2025-08-07", created: 1_754_425_777, maxOutputTokens: 128_000 },
  "gpt-5-mini": { snapshot: "gpt-5-mini-2025-08-07", created: 1_754_425_928, maxOutputTokens: 128_000 },
  "gpt-5-nano": { snapshot: "gpt-5-nano-2025-08-07", created: 1_754_426_384, maxOutputTokens: 128_000 },
  "gpt-5.1": { snapshot: "gpt-5.1-2025-11-13", created: 1_762_800_673, maxOutputTokens: 128_000 },
  "gpt-5.2": { snapshot: "gpt-5.2-2025-12-11", created: 1_765_344_352, maxOutputTokens: 128_000 },
  "gpt-5.4": { snapshot: "gpt-5.4-2026-03-05", created: 1_772_668_800, maxOutputTokens: 128_000 },
  "gpt-5.5": { snapshot: "gpt-5.5-2026-04-23", created: 1_776_902_400, maxOutputTokens: 128_000 },
  "text-embedding-3-small": { snapshot: "text-embedding-3-small", created: 1_705_948_997, dimensions: 1_536 },
  "text-embedding-3-large": { snapshot: "text-embedding-3-large", created: 1_705_953_180, dimensions: 3_072 },
  "text-embedding-ada-002": { snapshot: "text-embedding-ada-002", created: 1_671_217_299, dimensions: 1_536 },
};

/** Creation time of models that this table does not know: the first second of 2025. */
const createdUnknown = 1_735_689_600;

const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries(knownModels).map(([alias, { snapshot }]) => [snapshot, alias]),
);

/** By alias and by snapshot. */
const byName: ReadonlyMap<string, KnownModel> = new Map(
  Object.entries(knownModels).flatMap(([alias, model]) => [
    [alias, model],
    [model.snapshot, model],
  ]),
);

/** The configured name of a model that was asked for by alias or snapshot; the name itself when it is neither. */
export function configuredModel(asked: string, configured: ReadonlySet<string>): string {
  if (configured.has(asked)) return asked;
  const alias = aliases.get(asked);
  return alias !== undefined && configured.has(alias) ? alias : asked;
}

/** What answers call the model. */
export function snapshotOf(model: string): string {
  return known(model)?.snapshot ?? model;
}

export function maxOutputTokensOf(model: string): number | undefined {
  return known(model)?.maxOutputTokens;
}

/** Length of this model's embeddings; undefined for a model of another kind. */
export function dimensionsOf(model: string): number | undefined {
  return known(model)?.dimensions;
}

/** Chat models since GPT-4o have o200k_base, embedding models cl100k_base (OpenAI, tiktoken, model.py). */
export function countsExactly(model: string): boolean {
  return dimensionsOf(model) === undefined;
}

/** When the model came out, in seconds since 1970. */
export function modelCreated(model: string): number {
  return known(model)?.created ?? createdUnknown;
}

/** The object that the endpoint lists. */
export function modelObject(model: string): object {
  return { id: model, object: "model", created: modelCreated(model), owned_by: "system" };
}

export function modelList(spec: ProviderSpec): object {
  return { object: "list", data: spec.models.map(({ model }) => modelObject(model)) };
}

function known(model: string): KnownModel | undefined {
  return byName.get(model);
}
