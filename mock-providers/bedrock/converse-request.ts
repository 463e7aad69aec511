/**
 * Reading a Converse request, and refusing what the real service refuses, in its words
 * (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html). Nova takes the same shape by way of InvokeModel.
 */
import { isAbsent, isObject, parseObject, type Fields } from "../json-fields.ts";
import { bedrockModelFacts } from "../../behavior/quota/bedrock-models.ts";
import type { ContentAsk } from "../anthropic/answer-content.ts";
import type { PromptBlock } from "../anthropic/prompt.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import { type ApiError, bodyNotJson, validationError } from "./errors.ts";
import { readMessages } from "./converse-messages.ts";
import { familyOf } from "./models.ts";
import { checkNumber, notA, required } from "./parameters.ts";
import { Prompt } from "./prompt.ts";
import { endsWithToolResult, readTools } from "./tools.ts";

export interface ConverseRequest extends GenerationRequest, ContentAsk {
  /** undefined: not sent. */
  readonly maxOutputTokens: number | undefined;
  /** The prompt in the order in which prefixes are cached. */
  readonly blocks: readonly PromptBlock[];
}

export function parseConverseRequest(body: string, model: string, stream: boolean): Parsed<ConverseRequest, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  if (familyOf(model) === "titan-embeddings") return { ok: false, error: modelUnsupported };
  return readConverseRequest(written, model, stream);
}

/** Recalled. */
const modelUnsupported: ApiError = validationError(
  "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
);

export function readConverseRequest(
  written: Fields,
  model: string,
  stream: boolean,
): Parsed<ConverseRequest, ApiError> {
  const prompt = new Prompt();
  const { toolConfig, inferenceConfig, messages, system } = written;
  const early = inferenceProblem(inferenceConfig, model) ?? outputProblem(written);
  if (early !== undefined) return { ok: false, error: early };
  const tools = readTools(toolConfig, prompt);
  if (!tools.ok) return tools;
  const error = readSystem(system, prompt) ?? readMessages(messages, !isAbsent(toolConfig), prompt);
  if (error !== undefined) return { ok: false, error };
  const texts = prompt.texts();
  const { maxTokens, stopSequences }: Fields = isObject(inferenceConfig) ? inferenceConfig : {};
  return {
    ok: true,
    request: {
      model,
      stream,
      maxOutputTokens: typeof maxTokens === "number" ? maxTokens : undefined,
      stopSequences: Array.isArray(stopSequences) ? stopSequences.map(String) : [],
      thinking: thinkingOf(written["additionalModelRequestFields"]),
      callableTools: tools.forced || !endsWithToolResult(messages) ? tools.callable : [],
      parallelCalls: tools.parallel,
      outputSchema: schemaOf(written),
      texts,
      formatTokens: prompt.totalFormatTokens(),
      characters: texts.reduce((sum, text) => sum + text.length, 0),
      blocks: prompt.blocks(),
    },
  };
}

/** Bounds: API reference, InferenceConfiguration. */
function inferenceProblem(config: unknown, model: string): ApiError | undefined {
  if (isAbsent(config)) return undefined;
  if (!isObject(config)) return notA("json object", "inferenceConfig");
  const { maxTokens, temperature, topP, stopSequences } = config;
  return (
    checkNumber(maxTokens, "inferenceConfig.maxTokens", 1, Number.MAX_SAFE_INTEGER) ??
    checkNumber(temperature, "inferenceConfig.temperature", 0, 1) ??
    checkNumber(topP, "inferenceConfig.topP", 0, 1) ??
    stopProblem(stopSequences) ??
    maxTokensProblem(maxTokens, model)
  );
}

/** aws-samples/generative-ai-use-cases #594. */
function maxTokensProblem(maxTokens: unknown, model: string): ApiError | undefined {
  const { outputTokensMax } = bedrockModelFacts(model);
  if (typeof maxTokens !== "number" || maxTokens <= outputTokensMax) return undefined;
  return validationError(
    `The maximum tokens you requested exceeds the model limit of ${outputTokensMax}. Try again with a maximum tokens value that is ` +
      `lower than ${outputTokensMax}.`,
  );
}

function stopProblem(stops: unknown): ApiError | undefined {
  if (isAbsent(stops)) return undefined;
  if (!Array.isArray(stops)) return notA("list", "inferenceConfig.stopSequences");
  const index = stops.findIndex((stop) => typeof stop !== "string" || stop === "");
  return index === -1 ? undefined : notA("string", `inferenceConfig.stopSequences.${index}`);
}

function readSystem(system: unknown, prompt: Prompt): ApiError | undefined {
  if (isAbsent(system)) return undefined;
  if (!Array.isArray(system)) return notA("list", "system");
  for (const [index, block] of system.entries()) {
    const path = `system.${index}`;
    if (!isObject(block)) return notA("json object", path);
    const { text, cachePoint } = block;
    if (cachePoint !== undefined) {
      const error = prompt.cachePoint(prompt.system, cachePoint, `${path}.cachePoint`);
      if (error !== undefined) return error;
    } else if (typeof text === "string") {
      // Public error texts.
      if (text.trim() === "") {
        const where = `The text field in the SystemContentBlock object at ${path} is blank.`;
        return validationError(`${where} Add text to the text field, and try again.`);
      }
      prompt.add(prompt.system, text);
    }
  }
  return undefined;
}

/** @aws-sdk/client-bedrock-runtime 3.1162.0, OutputFormat: the schema is JSON in a string. */
function outputProblem(written: Fields): ApiError | undefined {
  const format = formatOf(written);
  if (format === undefined) return undefined;
  const path = "outputConfig.textFormat.structure.jsonSchema.schema";
  if (isAbsent(format["schema"])) return required(path);
  const schema = typeof format["schema"] === "string" ? parseObject(format["schema"]) : undefined;
  return schema === undefined ? notA("json object", path) : undefined;
}

function schemaOf(written: Fields): Fields | undefined {
  const schema = formatOf(written)?.["schema"];
  return typeof schema === "string" ? parseObject(schema) : undefined;
}

function formatOf({ outputConfig }: Fields): Fields | undefined {
  const textFormat = isObject(outputConfig) ? outputConfig["textFormat"] : undefined;
  const structure = isObject(textFormat) ? textFormat["structure"] : undefined;
  const jsonSchema = isObject(structure) ? structure["jsonSchema"] : undefined;
  return isObject(jsonSchema) ? jsonSchema : undefined;
}

/** Claude's `thinking`, passed through to the model (user guide, "Extended thinking"). */
function thinkingOf(additional: unknown): ConverseRequest["thinking"] {
  const thinking = isObject(additional) ? additional["thinking"] : undefined;
  if (!isObject(thinking)) return undefined;
  const { type, budget_tokens: budget } = thinking;
  if (type !== "enabled" && type !== "adaptive") return undefined;
  return { budgetTokens: typeof budget === "number" ? budget : Number.POSITIVE_INFINITY, shown: true };
}
