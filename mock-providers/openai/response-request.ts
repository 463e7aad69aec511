/**
 * Reading a request of the Responses API, and refusing what the real service refuses, in its words (openai 7.55.0,
 * ResponseCreateParamsBase).
 *
 * Left out, with a refusal: answers in the background, conversations and stored prompts. Tools that the service itself runs
 * are taken and never run.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import type { KeptAnswer } from "../kept-items.ts";
import type { ContentAsk } from "./answer-content.ts";
import { outputCapProblem, serviceTiers, tierServed, verbosities } from "./chat-request.ts";
import { type ApiError, bodyNotJson, invalidRequest } from "./errors.ts";
import { dimensionsOf } from "./models.ts";
import { formatProblem, mentionsJson, outputOf } from "./output-format.ts";
import {
  checkBoolean,
  checkInteger,
  checkMetadata,
  checkNumber,
  checkString,
  checkWord,
  invalidType,
  invalidValue,
  missingParameter,
  modelCharactersMax,
  parseRequest,
  unknownField,
  unknownParameter,
} from "./parameters.ts";
import { promptTexts } from "./prompt.ts";
import {
  effortProblem,
  type ReasoningAsk,
  reasoningOf,
  reasons,
  samplingProblem,
  unsupportedParameter,
} from "./reasoning.ts";
import { readInput } from "./response-input.ts";
import { readTools, type ToolForm, type ToolUse } from "./tools.ts";

export interface ResponseRequest extends GenerationRequest, ContentAsk {
  readonly reasoning: ReasoningAsk;
  /** Thoughts are summed up in the answer. */
  readonly summary: boolean;
  /** Thoughts are handed out sealed. */
  readonly encryptedReasoning: boolean;
  /** Alternatives wanted beside each token's probability; undefined: no probabilities. */
  readonly logprobs: number | undefined;
  readonly obfuscation: boolean;
  readonly store: boolean;
  /** The input's items, each as JSON. */
  readonly items: () => readonly string[];
  /** What the answer repeats of the request. */
  readonly repeated: () => Fields;
}

/** The least that `max_output_tokens` may be (recalled). */
const outputTokensMin = 16;
const logprobsMax = 20;

const includable = [
  "file_search_call.results",
  "web_search_call.results",
  "web_search_call.action.sources",
  "message.input_image.image_url",
  "computer_call_output.output.image_url",
  "code_interpreter_call.outputs",
  "reasoning.encrypted_content",
  "message.output_text.logprobs",
];

const toolForm: ToolForm = {
  nested: false,
  types:
    `function custom file_search web_search web_search_preview web_search_2025_08_26 web_search_preview_2025_03_11 computer
    computer_use_preview code_interpreter image_generation mcp local_shell shell apply_patch namespace tool_search
    programmatic_tool_calling`.split(/\s+/),
};

const knownFields: ReadonlySet<string> = new Set(
  `access_programs background context_management conversation image include input instructions max_output_tokens max_tool_calls
  metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice tools
  top_logprobs top_p truncation user`.split(/\s+/),
);

/** `keptAnswer`: what is kept under an id. `pathModel`: as in `Endpoint`. */
export function parseResponseRequest(
  body: string,
  keptAnswer: (id: string) => KeptAnswer | undefined,
  pathModel?: string,
): Parsed<ResponseRequest, ApiError> {
  const written = parseRequest(body, pathModel);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  const error = problemIn(written);
  if (error !== undefined) return { ok: false, error };
  const { previous_response_id: id, input } = written;
  const previous = typeof id === "string" ? keptAnswer(id) : undefined;
  if (typeof id === "string" && previous === undefined) return { ok: false, error: previousNotFound(id) };
  if (isAbsent(input) && previous === undefined) return { ok: false, error: missingParameter("input") };
  const read = readInput(input, previous?.openCalls ?? []);
  if (!read.ok) return read;
  const format = formatOf(written);
  const formatError = formatProblem(format, "text.format", "text.format");
  if (formatError !== undefined) return { ok: false, error: formatError };
  const said =
    typeof written["instructions"] === "string" ? [written["instructions"], ...read.read.texts] : read.read.texts;
  if (format?.["type"] === "json_object" && !mentionsJson(said)) return { ok: false, error: jsonNotMentioned };
  const tools = readTools(written, toolForm, read.read.answered);
  if (!tools.ok) return tools;
  const formatTokens = read.read.formatTokens + (previous?.tokens ?? 0);
  return { ok: true, request: requestOf(written, said, formatTokens, tools.use, format, read.read.items) };
}

function problemIn(written: Fields): ApiError | undefined {
  const { model, reasoning } = written;
  if (isAbsent(model) || model === "") return missingParameter("model");
  if (typeof model !== "string") return invalidType("model", "a string", model);
  if (dimensionsOf(model) !== undefined) return notAResponsesModel;
  const extra = unknownField(written, knownFields);
  if (extra !== undefined) return unknownParameter(extra);
  const effort = isObject(reasoning) ? reasoning["effort"] : undefined;
  return (
    checkBoolean(written, "stream") ??
    checkBoolean(written, "store") ??
    checkBoolean(written, "background") ??
    checkString(written, "instructions") ??
    checkString(written, "previous_response_id") ??
    checkString(written, "user") ??
    checkNumber(written, "temperature", 0, 2) ??
    checkNumber(written, "top_p", 0, 1) ??
    checkInteger(written, "max_output_tokens", outputTokensMin) ??
    checkInteger(written, "max_tool_calls", 1) ??
    checkInteger(written, "top_logprobs", 0, logprobsMax) ??
    checkWord(written, "truncation", ["auto", "disabled"]) ??
    checkWord(written, "service_tier", serviceTiers) ??
    checkMetadata(written) ??
    includeProblem(written["include"]) ??
    nestedProblem(written) ??
    effortProblem(model, effort, "reasoning.effort", unsupportedParameter) ??
    outputCapProblem(model, "max_output_tokens", written["max_output_tokens"]) ??
    samplingProblem(model, effort, written) ??
    notModelled(written)
  );
}

function nestedProblem({ reasoning, text, stream, stream_options: options }: Fields): ApiError | undefined {
  if (!isAbsent(reasoning) && !isObject(reasoning)) return invalidType("reasoning", "an object", reasoning);
  if (!isAbsent(text) && !isObject(text)) return invalidType("text", "an object", text);
  if (!isAbsent(options) && !isObject(options)) return invalidType("stream_options", "an object", options);
  if (isObject(options) && stream !== true) {
    return invalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
  return (
    (isObject(reasoning)
      ? checkWord(reasoning, "summary", ["auto", "concise", "detailed"], "reasoning.summary")
      : undefined) ?? (isObject(text) ? checkWord(text, "verbosity", verbosities, "text.verbosity") : undefined)
  );
}

function includeProblem(include: unknown): ApiError | undefined {
  if (isAbsent(include)) return undefined;
  if (!Array.isArray(include)) return invalidType("include", "an array of strings", include);
  const index = include.findIndex((one) => !includable.includes(String(one)));
  return index === -1 ? undefined : invalidValue(`include[${index}]`, include[index], includable);
}

/** In our words: the service takes these. */
function notModelled(written: Fields): ApiError | undefined {
  const name = ["conversation", "prompt"].find((field) => !isAbsent(written[field]));
  const refused = written["background"] === true ? "background" : name;
  if (refused === undefined) return undefined;
  return invalidRequest(`'${refused}' is not simulated by this mock.`, refused, "unsupported_parameter");
}

/** In our words. */
export const notAResponsesModel: ApiError = invalidRequest(
  "This model makes embeddings and thus is not supported in the v1/responses endpoint. Did you mean to use v1/embeddings?",
  "model",
);

/** salarali in maximhq/bifrost #2441. */
function previousNotFound(id: string): ApiError {
  const message = `Previous response with id '${id.slice(0, 128)}' not found.`;
  return invalidRequest(message, "previous_response_id", "previous_response_not_found");
}

/** Public error texts. */
const jsonNotMentioned: ApiError = invalidRequest(
  "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
  "input",
);

function formatOf({ text }: Fields): Fields | undefined {
  if (!isObject(text) || isAbsent(text["format"])) return undefined;
  return isObject(text["format"]) ? text["format"] : { type: text["format"] };
}

function requestOf(
  written: Fields,
  said: readonly string[],
  formatTokens: number,
  toolUse: ToolUse | undefined,
  format: Fields | undefined,
  items: readonly Fields[],
): ResponseRequest {
  const { reasoning, include, max_output_tokens: cap, stream_options: options, top_logprobs: top } = written;
  const model = String(written["model"]).slice(0, modelCharactersMax);
  const { texts, characters } = promptTexts(said, [written["tools"], format]);
  const wanted = (name: string): boolean => Array.isArray(include) && include.includes(name);
  const thinking = reasoningOf(model, isObject(reasoning) ? reasoning["effort"] : undefined);
  const probable = !isAbsent(top) || wanted("message.output_text.logprobs");
  return {
    model,
    stream: written["stream"] === true,
    choices: 1,
    maxOutputTokens: typeof cap === "number" ? cap : undefined,
    reasoning: thinking,
    summary: isObject(reasoning) && !isAbsent(reasoning["summary"]),
    encryptedReasoning: wanted("reasoning.encrypted_content"),
    toolUse,
    output: outputOf(format),
    stopSequences: [],
    logprobs: probable ? Number(top ?? 0) : undefined,
    obfuscation: !isObject(options) || options["include_obfuscation"] !== false,
    store: written["store"] !== false,
    items: () => items.map((item) => JSON.stringify(asKept(item))),
    repeated: () => repeatedFields(written, model, thinking, format),
    texts,
    formatTokens,
    characters,
  };
}

/** A message as the service keeps it: with its type, and its content as parts. */
function asKept(item: Fields): Fields {
  const { type = "message", role, content } = item;
  if (typeof content !== "string") return { ...item, type };
  const kind = role === "assistant" ? "output_text" : "input_text";
  return { ...item, type, content: [{ type: kind, text: content }] };
}

/** With what was not said filled in, as the service does. */
function repeatedFields(written: Fields, model: string, { effort }: ReasoningAsk, format: Fields | undefined): Fields {
  const { reasoning, text, tools } = written;
  const orElse = (name: string, otherwise: unknown): unknown => written[name] ?? otherwise;
  return {
    instructions: orElse("instructions", null),
    max_output_tokens: orElse("max_output_tokens", null),
    max_tool_calls: orElse("max_tool_calls", null),
    metadata: orElse("metadata", {}),
    parallel_tool_calls: orElse("parallel_tool_calls", true),
    previous_response_id: orElse("previous_response_id", null),
    prompt_cache_key: orElse("prompt_cache_key", null),
    prompt_cache_retention: orElse("prompt_cache_retention", null),
    reasoning: {
      effort: effort ?? (reasons(model) ? "medium" : null),
      summary: isObject(reasoning) ? (reasoning["summary"] ?? null) : null,
    },
    safety_identifier: orElse("safety_identifier", null),
    service_tier: tierServed(written["service_tier"]),
    store: orElse("store", true),
    temperature: orElse("temperature", 1),
    text: {
      format:
        format === undefined
          ? { type: "text" }
          : { ...(format["type"] === "json_schema" ? jsonSchemaDefaults : {}), ...format },
      verbosity: isObject(text) ? (text["verbosity"] ?? "medium") : "medium",
    },
    tool_choice: orElse("tool_choice", "auto"),
    tools: Array.isArray(tools) ? tools.map(filledIn) : [],
    top_logprobs: orElse("top_logprobs", 0),
    top_p: orElse("top_p", 1),
    truncation: orElse("truncation", "disabled"),
    user: orElse("user", null),
  };
}

const jsonSchemaDefaults = { description: null, strict: false };

/** Functions are strict here unless told otherwise (guides/migrate-to-responses, "functions are strict by default"). */
function filledIn(tool: unknown): unknown {
  return isObject(tool) && tool["type"] === "function"
    ? { description: null, parameters: null, strict: true, ...tool }
    : tool;
}
