/**
 * Embeddings on Vertex AI: `:predict` of instances, and `:embedContent` of newer models with one content per call
 * (@google/genai 3.1.0, embedContentParametersPrivateToVertex [ran]).
 */
import { isObject, type Fields } from "../json-fields.ts";
import type { Generation, Parsed } from "../generation.ts";
import {
  dimensionsAsked,
  embedding,
  type EmbeddingInput,
  type EmbeddingRequest,
  vectorOf,
  wrongDimensions,
} from "../gemini/embeddings.ts";
import { parseBody, parseObject, promptOf } from "../gemini/content-request.ts";
import { bodyNotJson, type GoogleError, invalidArgument } from "../gemini/errors.ts";
import type { ContentService } from "../gemini/generate-content.ts";
import { embedContentFields } from "../gemini/proto-messages.ts";
import type { Reply } from "../gemini/reply.ts";

/** gemini-embedding-001 takes one instance per call (cloud.google.com, "get text embeddings"). */
const instancesMax = 1;

export function predict(service: ContentService, model: string): Generation<EmbeddingRequest, GoogleError, Reply> {
  return embedding(
    service,
    (body) => parsePredict(body, model),
    (inputs, ask) => ({
      predictions: inputs.map((input) => ({
        embeddings: { values: vectorOf(input), statistics: { truncated: false, token_count: ask.inputTokens } },
      })),
      metadata: { billableCharacterCount: ask.promptCharacters },
    }),
  );
}

export function embedContent(service: ContentService, model: string): Generation<EmbeddingRequest, GoogleError, Reply> {
  return embedding(
    service,
    (body) => parseEmbedContent(body, model),
    (inputs, { inputTokens }) => ({
      embedding: { values: inputs.flatMap(vectorOf) },
      usageMetadata: { promptTokenCount: inputTokens, totalTokenCount: inputTokens, trafficType: "ON_DEMAND" },
      truncated: false,
    }),
  );
}

function parsePredict(body: string, model: string): Parsed<EmbeddingRequest, GoogleError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  const { instances, parameters } = written;
  if (!Array.isArray(instances) || instances.length === 0) return { ok: false, error: noInstances };
  if (instances.length > instancesMax) return { ok: false, error: tooManyInstances(instances.length) };
  const texts = instances.map((instance: unknown) => (isObject(instance) ? instance["content"] : undefined));
  const wordless = texts.findIndex((text) => typeof text !== "string" || text === "");
  if (wordless !== -1)
    return { ok: false, error: invalidArgument(`The text content is empty, at instances[${wordless}].`) };
  return requestOf(model, texts.map(String), isObject(parameters) ? parameters : {});
}

function parseEmbedContent(body: string, model: string): Parsed<EmbeddingRequest, GoogleError> {
  const read = parseBody(body, embedContentFields);
  if (!read.ok) return read;
  const text = promptOf(read.request).texts.join("\n");
  if (text === "") return { ok: false, error: invalidArgument("The text content is empty.") };
  const { embedContentConfig } = read.request;
  return requestOf(model, [text], isObject(embedContentConfig) ? embedContentConfig : read.request);
}

function requestOf(model: string, texts: readonly string[], options: Fields): Parsed<EmbeddingRequest, GoogleError> {
  const dimensions = dimensionsAsked(options, model);
  if (dimensions === undefined) return { ok: false, error: wrongDimensions(model) };
  const inputs: readonly EmbeddingInput[] = texts.map((text) => ({ text, dimensions }));
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return { ok: true, request: { model, stream: false, texts, formatTokens: 0, characters, inputs } };
}

/** Recalled. */
const noInstances: GoogleError = invalidArgument("Empty instances.");

function tooManyInstances(count: number): GoogleError {
  return invalidArgument(`${instancesMax} instance(s) is allowed per prediction. Actual: ${count}.`);
}
