/** InvokeModel of Titan's embeddings (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html). */
import { isAbsent, parseObject } from "../json-fields.ts";
import { invariant } from "../../core/invariant.ts";
import { unitVector } from "../embedding-vector.ts";
import type { Generation, GenerationRequest, Parsed } from "../generation.ts";
import { type ApiError, malformedInput } from "./errors.ts";
import { invocationHeaders } from "./headers.ts";
import type { Reply } from "./reply.ts";
import { bedrockWire } from "./wire.ts";

interface EmbeddingRequest extends GenerationRequest {
  readonly text: string;
  readonly dimensions: number;
}

/** Of the second version; the first has one length only. */
const dimensionsKnown = [1_024, 512, 256];
const dimensionsOfFirst = 1_536;

export function invokeTitan(model: string): Generation<EmbeddingRequest, ApiError, Reply> {
  return {
    wire: bedrockWire,
    parse: (body) => parseTitanRequest(body, model),
    compose: ({ text, dimensions }) => ({
      maxOutputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      writer: ({ inputTokens }, reply) => ({
        whole: () => {
          const embedding = Array.from(unitVector(text, dimensions));
          const body = { embedding, embeddingsByType: { float: embedding }, inputTextTokenCount: inputTokens };
          const latencyMs = reply.latencyMs();
          const counts = { inputTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, latencyMs };
          return reply.json(JSON.stringify(body), invocationHeaders(counts));
        },
        stream: () => {
          invariant(false, "embeddings are never streamed");
        },
      }),
    }),
  };
}

export function parseTitanRequest(body: string, model: string): Parsed<EmbeddingRequest, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: malformedInput("the body is not a JSON object") };
  const { inputText: text, dimensions = dimensionsKnown[0] } = written;
  // Wording of the JSON Schema validator that these models are checked with (public error texts).
  if (isAbsent(text)) return { ok: false, error: malformedInput("#: required key [inputText] not found") };
  if (typeof text !== "string") return { ok: false, error: malformedInput("#/inputText: expected type: String") };
  if (text === "") return { ok: false, error: malformedInput("expected minLength: 1, actual: 0") };
  const first = model.includes("titan-embed-text-v1");
  if (typeof dimensions !== "number" || (!first && !dimensionsKnown.includes(dimensions))) {
    return {
      ok: false,
      error: malformedInput(`#/dimensions: ${String(dimensions).slice(0, 64)} is not a valid enum value`),
    };
  }
  const size = first ? dimensionsOfFirst : dimensions;
  const prompt = { texts: [text], formatTokens: 0, characters: text.length };
  return { ok: true, request: { model, stream: false, text, dimensions: size, ...prompt } };
}
