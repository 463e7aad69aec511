/**
 * `GET /v1/models`, and what is known about models beside what the configuration says.
 *
 * A request may name a model by its alias or by its dated snapshot; answers carry the snapshot. Models from 4.6 on have none:
 * their names are final (list of names in @anthropic-ai/sdk 1.11.0, resources/messages).
 */
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";

export interface ModelFacts {
  readonly snapshot: string;
  readonly displayName: string;
  /** RFC 3339; the epoch where the day is not known, as the service itself does it (SDK, resources/models). */
  readonly createdAt: string;
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  /** A shorter prefix is not cached. */
  readonly cachedTokensMin: number;
  /** Takes `temperature`, `top_p` and `top_k` under the older version of the API. */
  readonly sampling: boolean;
  /** Takes a last message of the assistant's, which its answer goes on from. */
  readonly prefill: boolean;
}

const epoch = "1970-01-01T00:00:00Z";

/**
 * Longest answers: anthropics/claude-code #24451 (64,000 for the 4.5 family); 128,000 later (recalled). Contexts: genai-prices
 * 0.1.8. Least cached prefix: platform.claude.com/docs/en/build-with-claude/prompt-caching (4,096 for Opus 4.5, 4.6 and Haiku
 * 4.5; 1,024 otherwise). Sampling parameters are gone from Opus 4.7 on, prefilling from Opus and Sonnet 4.6 on
 * (benchr.org/errors/anthropic-invalid-request-error, 2026-06-12). Days of release: Haiku, Sonnet and Opus 4.5, Opus and
 * Sonnet 4.6 recalled.
 */
const knownModels: Readonly<Record<string, ModelFacts>> = {
  "claude-haiku-4-5": older("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z", 4_096),
  "claude-sonnet-4-5": older("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z", 1_024),
  "claude-opus-4-5": older("claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z", 4_096),
  "claude-sonnet-4-6": { ...newer("claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z"), sampling: true },
  "claude-opus-4-6": {
    ...newer("claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z"),
    sampling: true,
    cachedTokensMin: 4_096,
  },
  "claude-opus-4-7": newer("claude-opus-4-7", "Claude Opus 4.7", epoch),
  "claude-opus-4-8": newer("claude-opus-4-8", "Claude Opus 4.8", epoch),
  "claude-opus-5": newer("claude-opus-5", "Claude Opus 5", epoch),
  "claude-opus-5-5": newer("claude-opus-5-5", "Claude Opus 5.5", epoch),
  "claude-sonnet-5": newer("claude-sonnet-5", "Claude Sonnet 5", epoch),
  "claude-sonnet-5-5": newer("claude-sonnet-5-5", "Claude Sonnet 5.5", epoch),
  "claude-haiku-5-5": newer("claude-haiku-5-5", "Claude Haiku 5.5", epoch),
  "claude-fable-5": newer("claude-fable-5", "Claude Fable 5", epoch),
  "claude-fable-5-1": newer("claude-fable-5-1", "Claude Fable 5.1", epoch),
};

function older(snapshot: string, displayName: string, createdAt: string, cachedTokensMin: number): ModelFacts {
  const sizes = { contextTokens: 200_000, maxOutputTokens: 64_000, cachedTokensMin };
  return { snapshot, displayName, createdAt, ...sizes, sampling: true, prefill: true };
}

function newer(name: string, displayName: string, createdAt: string): ModelFacts {
  const sizes = { contextTokens: 1_000_000, maxOutputTokens: 128_000, cachedTokensMin: 1_024 };
  return { snapshot: name, displayName, createdAt, ...sizes, sampling: false, prefill: false };
}

const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries(knownModels).map(([alias, { snapshot }]) => [snapshot, alias]),
);

/** The configured name of a model that was asked for by alias or snapshot; the name itself when it is neither. */
export function configuredModel(asked: string, configured: ReadonlySet<string>): string {
  if (configured.has(asked)) return asked;
  const alias = aliases.get(asked);
  if (alias !== undefined && configured.has(alias)) return alias;
  const snapshot = modelFacts(asked)?.snapshot;
  return snapshot !== undefined && configured.has(snapshot) ? snapshot : asked;
}

/** What answers call the model. */
export function snapshotOf(model: string): string {
  return modelFacts(model)?.snapshot ?? model;
}

/** By alias or snapshot; undefined for a model of the configuration's own making. */
export function modelFacts(model: string): ModelFacts | undefined {
  const alias = aliases.get(model) ?? model;
  return Object.hasOwn(knownModels, alias) ? knownModels[alias] : undefined;
}

/** The object that the endpoint lists (SDK, resources/models: ModelInfo). */
export function modelObject(model: string): object {
  const facts = modelFacts(model);
  return {
    type: "model",
    id: snapshotOf(model),
    display_name: facts?.displayName ?? model,
    created_at: facts?.createdAt ?? epoch,
    lifecycle: "active",
    deprecated_at: null,
    retires_at: null,
    line: /^claude-(haiku|sonnet|opus|fable|mythos)-/.exec(model)?.[1] ?? null,
    max_input_tokens: facts?.contextTokens ?? null,
    max_tokens: facts?.maxOutputTokens ?? null,
    capabilities: null,
  };
}

/** Pages are this long unless `limit` says otherwise, 1 to 1,000 (SDK, resources/models: ModelListParams). */
const pageLength = 20;
export const pageLengthMax = 1_000;

export interface PageAsk {
  readonly limit: number | undefined;
  /** Name of the model before the page, or after it. */
  readonly afterId: string | undefined;
  readonly beforeId: string | undefined;
}

/** One page of the list; an empty one after a name that is not in it. */
export function modelPage(spec: ProviderSpec, { limit = pageLength, afterId, beforeId }: PageAsk): object {
  const names = spec.models.map(({ model }) => snapshotOf(model));
  const from = afterId === undefined ? 0 : after(names, afterId);
  const to = beforeId === undefined ? names.length : Math.max(0, names.indexOf(snapshotOf(beforeId)));
  const start = beforeId === undefined ? from : Math.max(from, to - limit);
  const page = names.slice(start, Math.min(to, start + limit));
  const more = beforeId === undefined ? start + page.length < to : start > from;
  return { data: page.map(modelObject), has_more: more, first_id: page[0] ?? null, last_id: page.at(-1) ?? null };
}

function after(names: readonly string[], name: string): number {
  const index = names.indexOf(snapshotOf(name));
  return index === -1 ? names.length : index + 1;
}
