/** `GET /v1/models`, and what is known about models beside what the configuration says. */
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";

interface KnownModel {
  readonly displayName: string;
  readonly inputTokenLimit: number;
  readonly outputTokenLimit: number;
  /** Whether it can think; absent for models that make embeddings. */
  readonly thinking?: ThinkingBudgets;
  /** Length of an embedding unless asked otherwise; only embedding models have one. */
  readonly dimensions?: number;
}

/** Tokens that a model may be allowed to think; 0 turns it off where it may. */
interface ThinkingBudgets {
  readonly least: number;
  readonly most: number;
  readonly mayBeOff: boolean;
}

const flashBudgets: ThinkingBudgets = { least: 0, most: 24_576, mayBeOff: true };
const liteBudgets: ThinkingBudgets = { least: 512, most: 24_576, mayBeOff: true };
const proBudgets: ThinkingBudgets = { least: 128, most: 32_768, mayBeOff: false };

/** Input and output limits of all current text models (ai.google.dev/gemini-api/docs/models; output 65,536: BerriAI/litellm #10548). */
function textModel(displayName: string, thinking: ThinkingBudgets): KnownModel {
  return { displayName, inputTokenLimit: 1_048_576, outputTokenLimit: 65_536, thinking };
}

/**
 * Display names as the endpoint lists them (recalled). Budgets of 2.5: ai.google.dev/gemini-api/docs/thinking; those of 3 and
 * later, which are told a level instead, are taken to be alike. Embeddings: ai.google.dev/gemini-api/docs/embeddings.
 */
const knownModels: Readonly<Record<string, KnownModel>> = {
  "gemini-3.8-flash": textModel("Gemini 3.8 Flash", flashBudgets),
  "gemini-3.7-flash": textModel("Gemini 3.7 Flash", flashBudgets),
  "gemini-3.6-flash": textModel("Gemini 3.6 Flash", flashBudgets),
  "gemini-3.5-flash": textModel("Gemini 3.5 Flash", flashBudgets),
  "gemini-3.5-flash-lite": textModel("Gemini 3.5 Flash-Lite", liteBudgets),
  "gemini-3.1-flash-lite": textModel("Gemini 3.1 Flash-Lite", liteBudgets),
  "gemini-3.1-pro-preview": textModel("Gemini 3.1 Pro Preview", proBudgets),
  "gemini-2.5-flash": textModel("Gemini 2.5 Flash", flashBudgets),
  "gemini-2.5-flash-lite": textModel("Gemini 2.5 Flash-Lite", liteBudgets),
  "gemini-2.5-pro": textModel("Gemini 2.5 Pro", proBudgets),
  "gemini-embedding-001": embeddingModel("Gemini Embedding 001", 2_048),
  "gemini-embedding-2": embeddingModel("Gemini Embedding 2", 8_192),
};

function embeddingModel(displayName: string, inputTokenLimit: number): KnownModel {
  return { displayName, inputTokenLimit, outputTokenLimit: 1, dimensions: 3_072 };
}

/** No model has a longer name; what a client sends beyond it is not kept. */
export const modelCharactersMax = 128;

export function outputTokenLimitOf(model: string): number {
  return known(model)?.outputTokenLimit ?? 65_536;
}

/** undefined for a model that this table does not know, and for one that does not think. */
export function thinkingBudgetsOf(model: string): ThinkingBudgets | undefined {
  return known(model)?.thinking;
}

/** Whether function calls have an id and a signature of thoughts: those of Gemini 3 and later (ai.google.dev, "thought signatures"). */
export function marksCalls(model: string): boolean {
  return /^gemini-[3-9]/.test(model);
}

/** Length of this model's embeddings; undefined for a model of another kind. */
export function dimensionsOf(model: string): number | undefined {
  return known(model)?.dimensions;
}

/** The object that the endpoint lists. */
export function modelObject(model: string): object {
  const facts = known(model);
  const isEmbedding = facts?.dimensions !== undefined;
  return {
    name: `models/${model}`,
    version: "001",
    displayName: facts?.displayName ?? model,
    description: isEmbedding ? "Obtain a distributed representation of a text." : "A model of the mock.",
    inputTokenLimit: facts?.inputTokenLimit ?? 1_048_576,
    outputTokenLimit: outputTokenLimitOf(model),
    supportedGenerationMethods: isEmbedding
      ? ["embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent"]
      : ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
    ...(isEmbedding ? {} : { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2, thinking: true }),
  };
}

/** 50 models a page unless asked otherwise, 1,000 at most (API reference, models.list). */
const pageSizeUsual = 50;
const pageSizeMax = 1_000;

/** One page; `pageToken` is the name of its first model. undefined when no such page is there. */
export function modelPage(spec: ProviderSpec, query: URLSearchParams): object | undefined {
  const names = spec.models.map(({ model }) => model);
  const token = query.get("pageToken") ?? "";
  const from = token === "" ? 0 : names.indexOf(Buffer.from(token, "base64url").toString());
  if (from === -1) return undefined;
  const asked = Math.trunc(Number(query.get("pageSize") ?? pageSizeUsual)) || pageSizeUsual;
  const to = from + Math.max(1, Math.min(asked, pageSizeMax));
  const next = names[to];
  return {
    models: names.slice(from, to).map(modelObject),
    ...(next === undefined ? {} : { nextPageToken: Buffer.from(next).toString("base64url") }),
  };
}

function known(model: string): KnownModel | undefined {
  return Object.hasOwn(knownModels, model) ? knownModels[model] : undefined;
}
