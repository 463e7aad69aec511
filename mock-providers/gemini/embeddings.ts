/**
 * `POST .../models/MODEL:embedContent` and `:batchEmbedContents`, which is what the SDK calls (@google/genai 3.1.0 [ran]).
 *
 * One call at the limits, however many texts it has.
 */
import { isObject, type Fields } from "../json-fields.ts";
import type { ProviderAsk } from "../../behavior/provider.ts";
import { InvariantError } from "../../core/invariant.ts";
import { unitVector } from "../embedding-vector.ts";
import type { Generation, GenerationRequest, Parsed } from "../generation.ts";
import { parseBody, promptOf } from "./content-request.ts";
import { type GoogleError, invalidArgument } from "./errors.ts";
import type { ContentService } from "./generate-content.ts";
import { batchEmbedFields, embedContentFields } from "./proto-messages.ts";
import { dimensionsOf } from "./models.ts";
import type { Reply } from "./reply.ts";

export interface EmbeddingRequest extends GenerationRequest {
  readonly inputs: readonly EmbeddingInput[];
}

export interface EmbeddingInput {
  /** All parts of a content make one vector. */
  readonly text: string;
  readonly dimensions: number;
}

/** How the vectors are written down. */
export type EmbeddingBody = (inputs: readonly EmbeddingInput[], ask: ProviderAsk) => object;

export function embedContent(service: ContentService, model: string): Generation<EmbeddingRequest, GoogleError, Reply> {
  return embedding(
    service,
    (body) => {
      const read = parseBody(body, embedContentFields);
      return read.ok ? embeddingRequest(model, [read.request]) : read;
    },
    (inputs) => ({ embedding: { values: inputs.flatMap(vectorOf) } }),
  );
}

export function batchEmbedContents(
  service: ContentService,
  model: string,
): Generation<EmbeddingRequest, GoogleError, Reply> {
  return embedding(
    service,
    (body) => {
      const read = parseBody(body, batchEmbedFields);
      if (!read.ok) return read;
      const { requests: written } = read.request;
      const requests = Array.isArray(written) ? written.filter(isObject) : [];
      const other = requests.findIndex(({ model: named }) => named !== undefined && named !== `models/${model}`);
      return other === -1 ? embeddingRequest(model, requests) : { ok: false, error: otherModel(other) };
    },
    (inputs) => ({ embeddings: inputs.map((input) => ({ values: vectorOf(input) })) }),
  );
}

export function embedding(
  { wire }: Pick<ContentService, "wire">,
  parse: (body: string) => Parsed<EmbeddingRequest, GoogleError>,
  bodyOf: EmbeddingBody,
): Generation<EmbeddingRequest, GoogleError, Reply> {
  return {
    wire,
    parse,
    compose: (request, { cachedTokens }) => ({
      maxOutputTokens: undefined,
      outputTokens: 0,
      cachedTokens,
      writer: (ask, reply) => ({
        whole: (_plan, quota) => reply.json(JSON.stringify(bodyOf(request.inputs, ask)), quota),
        stream: () => {
          throw new InvariantError("embeddings are not streamed");
        },
      }),
    }),
  };
}

export function vectorOf({ text, dimensions }: EmbeddingInput): readonly number[] {
  return Array.from(unitVector(text, dimensions));
}

/** Texts in one batch (API reference: "at most 100 requests can be in one batch", public error texts). */
const batchMax = 100;

function embeddingRequest(model: string, requests: readonly Fields[]): Parsed<EmbeddingRequest, GoogleError> {
  if (requests.length === 0)
    return { ok: false, error: notSpecified("BatchEmbedContentsRequest.requests", "requests") };
  if (requests.length > batchMax) {
    const message = `* BatchEmbedContentsRequest.requests: at most ${batchMax} requests can be in one batch\n`;
    return { ok: false, error: invalidArgument(message) };
  }
  const inputs: EmbeddingInput[] = [];
  const prompts = requests.map(promptOf);
  for (const [index, { texts }] of prompts.entries()) {
    const dimensions = dimensionsAsked(requests[index] ?? {}, model);
    const text = texts.join("\n");
    if (text === "") return { ok: false, error: notSpecified("EmbedContentRequest.content", "contents") };
    if (dimensions === undefined) return { ok: false, error: wrongDimensions(model) };
    inputs.push({ text, dimensions });
  }
  return {
    ok: true,
    request: {
      model,
      stream: false,
      texts: prompts.flatMap(({ texts }) => texts),
      formatTokens: prompts.reduce((sum, { formatTokens }) => sum + formatTokens, 0),
      characters: prompts.reduce((sum, { characters }) => sum + characters, 0),
      inputs,
    },
  };
}

/** undefined: more or fewer than the model can give. */
export function dimensionsAsked({ outputDimensionality: asked }: Fields, model: string): number | undefined {
  const most = dimensionsOf(model) ?? dimensionsUnknown;
  if (asked === undefined) return most;
  return typeof asked === "number" && asked >= 1 && asked <= most ? asked : undefined;
}

/** Of a model that this mock does not know. */
const dimensionsUnknown = 3_072;

/** API reference, batchEmbedContents: "The model in each of these requests must match the model specified"; its text was not found. */
function otherModel(index: number): GoogleError {
  return invalidArgument(
    `* BatchEmbedContentsRequest.requests[${index}].model: must match the model of BatchEmbedContentsRequest.model\n`,
  );
}

/** Recalled. */
export function wrongDimensions(model: string): GoogleError {
  const most = dimensionsOf(model) ?? dimensionsUnknown;
  return invalidArgument(`* EmbedContentRequest.output_dimensionality: must be in the range [1, ${most}].\n`);
}

function notSpecified(path: string, name: string): GoogleError {
  return invalidArgument(`* ${path}: ${name} is not specified\n`);
}
