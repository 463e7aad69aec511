/**
 * `POST /v1/embeddings` (openai 7.55.0, resources/embeddings and lib/embeddings.ts).
 *
 * The SDK asks for base64 when its caller asks for nothing: little-endian float32.
 */
import type { Fields } from "../json-fields.ts";
import { charactersPerToken } from "../../behavior/prompt.ts";
import type { ProviderAsk } from "../../behavior/provider.ts";
import { InvariantError } from "../../core/invariant.ts";
import { unitVector } from "../embedding-vector.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import type { Endpoint } from "./endpoint.ts";
import { type ApiError, bodyNotJson, invalidRequest } from "./errors.ts";
import { dimensionsOf, maxOutputTokensOf, snapshotOf } from "./models.ts";
import {
  arrayTooLong,
  checkInteger,
  invalidValue,
  missingParameter,
  modelCharactersMax,
  modelProblem,
  parseRequest,
} from "./parameters.ts";

export interface EmbeddingRequest extends GenerationRequest {
  /** One per vector: a text, or token numbers written out. */
  readonly inputs: readonly string[];
  readonly format: "float" | "base64";
  readonly dimensions: number | undefined;
}

export const embeddings: Endpoint<EmbeddingRequest> = {
  parse: (body, _incoming, pathModel) => parseEmbeddingRequest(body, pathModel),
  compose: (request, { cachedTokens }) => ({
    maxOutputTokens: undefined,
    outputTokens: 0,
    cachedTokens,
    writer: (ask, reply) => ({
      whole: (_plan, quota) => reply.json(embeddingBody(request, ask), quota),
      stream: () => {
        throw new InvariantError("embeddings are not streamed");
      },
    }),
  }),
};

/** Inputs in one request (API reference, embeddings, create). */
const inputsMax = 2_048;
/** Of a model that this mock does not know. */
const dimensionsUnknown = 1_536;
const formats = ["float", "base64"];

/** Public error texts. */
const unusableInput: ApiError = invalidRequest(
  "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
);

export function parseEmbeddingRequest(body: string, pathModel?: string): Parsed<EmbeddingRequest, ApiError> {
  const written = parseRequest(body, pathModel);
  const error = written === undefined ? bodyNotJson : problemIn(written);
  if (written === undefined || error !== undefined) return { ok: false, error: error ?? bodyNotJson };
  const inputs = readInputs(written["input"]);
  if (inputs === undefined) return { ok: false, error: unusableInput };
  if (inputs.length > inputsMax) return { ok: false, error: arrayTooLong("input", inputsMax, inputs.length) };
  const texts = inputs.flatMap((input) => (input.text === undefined ? [] : [input.text]));
  const listedTokens = inputs.reduce((sum, input) => sum + (input.tokens?.length ?? 0), 0);
  const { model, dimensions, encoding_format: format } = written;
  return {
    ok: true,
    request: {
      model: String(model).slice(0, modelCharactersMax),
      stream: false,
      texts,
      formatTokens: listedTokens,
      characters: texts.reduce((sum, text) => sum + text.length, listedTokens * charactersPerToken),
      inputs: inputs.map((input) => input.text ?? JSON.stringify(input.tokens)),
      format: format === "base64" ? "base64" : "float",
      dimensions: typeof dimensions === "number" ? dimensions : undefined,
    },
  };
}

function problemIn(written: Fields): ApiError | undefined {
  const { model, input, encoding_format: format } = written;
  const error = modelProblem(model);
  if (error !== undefined || typeof model !== "string") return error;
  // Public error texts.
  if (maxOutputTokensOf(model) !== undefined) return notAnEmbeddingModel;
  if (input === undefined || input === null) return missingParameter("input");
  if (format !== undefined && format !== null && !(typeof format === "string" && formats.includes(format))) {
    return invalidValue("encoding_format", format, formats);
  }
  return checkInteger(written, "dimensions", 1, dimensionsOf(model));
}

export const notAnEmbeddingModel: ApiError = {
  ...invalidRequest("You are not allowed to generate embeddings from this model"),
  status: 403,
};

/** One vector's worth: a text, or the numbers of its tokens. */
type Input =
  | { readonly text: string; readonly tokens?: undefined }
  | { readonly text?: undefined; readonly tokens: readonly number[] };

/** A text, a list of texts, a list of token numbers or a list of such lists; none of them empty. */
function readInputs(input: unknown): readonly Input[] | undefined {
  if (typeof input === "string") return input === "" ? undefined : [{ text: input }];
  if (isTokenList(input)) return [{ tokens: input }];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  const read = input.map(readInput);
  return read.every((one) => one !== undefined) ? read : undefined;
}

function readInput(input: unknown): Input | undefined {
  if (typeof input === "string" && input !== "") return { text: input };
  return isTokenList(input) ? { tokens: input } : undefined;
}

function isTokenList(input: unknown): input is number[] {
  return Array.isArray(input) && input.length > 0 && input.every((token) => Number.isInteger(token));
}

function embeddingBody(request: EmbeddingRequest, ask: ProviderAsk): string {
  const length = request.dimensions ?? dimensionsOf(ask.model) ?? dimensionsUnknown;
  const data = request.inputs.map((input, index) => {
    const vector = unitVector(input, length);
    const embedding = request.format === "base64" ? base64(vector) : Array.from(vector);
    return { object: "embedding", index, embedding };
  });
  const usage = { prompt_tokens: ask.inputTokens, total_tokens: ask.inputTokens };
  return JSON.stringify({ object: "list", data, model: snapshotOf(ask.model), usage });
}

/** Little-endian, whatever the machine's order is. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT);
  return bytes.toString("base64");
}
