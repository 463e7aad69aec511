/**
 * Reading a chat completion request, and refusing what the real service refuses, in its words.
 *
 * By hand rather than by schema: the service reports one problem at a time, the first in its own order, with a text and a
 * code of its own per kind of problem. Fields that do not matter to a mock pass unread.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import type { ContentAsk } from "./answer-content.ts";
import { readMessages } from "./chat-messages.ts";
import { type ApiError, bodyNotJson, invalidRequest } from "./errors.ts";
import { dimensionsOf, maxOutputTokensOf } from "./models.ts";
import { chatFormat, formatProblem, mentionsJson, outputOf } from "./output-format.ts";
import {
  arrayTooLong,
  checkBoolean,
  checkInteger,
  checkMetadata,
  checkNumber,
  checkString,
  checkWord,
  unknownField,
  invalidType,
  missingParameter,
  modelCharactersMax,
  modelProblem,
  parseRequest,
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
import { readFunctions, readTools, type ToolForm, type ToolUse } from "./tools.ts";

export interface ChatRequest extends GenerationRequest, ContentAsk {
  readonly reasoning: ReasoningAsk;
  /** Usage in a last chunk of its own. */
  readonly includeUsage: boolean;
  /** Padding that evens out the sizes of chunks. */
  readonly obfuscation: boolean;
  /** Alternatives wanted beside each token's probability; undefined: no probabilities. */
  readonly logprobs: number | undefined;
  /** Which tier serves it, as the answer names it. */
  readonly serviceTier: string;
}

/** Bounds of the API reference (chat, create). */
const choicesMax = 128;
const stopsMax = 4;
const logprobsMax = 20;
export const serviceTiers: readonly string[] = ["auto", "default", "flex", "scale", "priority", "fast"];
export const verbosities: readonly string[] = ["low", "medium", "high"];

const toolForm: ToolForm = { nested: true, types: ["function", "custom"] };

/** Every field that there is (openai 7.55.0, ChatCompletionCreateParamsBase). */
const knownFields: ReadonlySet<string> = new Set(
  `messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata
  modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options
  temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(/\s+/),
);

/** `pathModel`: named by the path, in place of what the body says; undefined where paths name none. */
export function parseChatRequest(body: string, pathModel?: string): Parsed<ChatRequest, ApiError> {
  const written = parseRequest(body, pathModel);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  const error = problemIn(written);
  if (error !== undefined) return { ok: false, error };
  const messages = readMessages(written["messages"]);
  if (!messages.ok) return messages;
  const { texts, formatTokens, answered } = messages.read;
  const format = chatFormat(written["response_format"]);
  const formatError = formatProblem(format, "response_format", "response_format.json_schema");
  if (formatError !== undefined) return { ok: false, error: formatError };
  if (format?.["type"] === "json_object" && !mentionsJson(texts)) return { ok: false, error: jsonNotMentioned };
  const tools = readTools(written, toolForm, answered);
  if (!tools.ok) return tools;
  const functions = tools.use === undefined ? readFunctions(written, answered) : tools;
  if (!functions.ok) return functions;
  return { ok: true, request: requestOf(written, texts, formatTokens, functions.use, format) };
}

/** The first thing wrong with anything but the messages, the tools and the format. */
function problemIn(written: Fields): ApiError | undefined {
  const { model, messages } = written;
  const error = modelProblem(model);
  if (error !== undefined || typeof model !== "string") return error;
  if (dimensionsOf(model) !== undefined) return notAChatModel;
  const extra = unknownField(written, knownFields);
  if (extra !== undefined) return unrecognized(extra);
  if (isAbsent(messages)) return missingParameter("messages");
  const effort = written["reasoning_effort"];
  return (
    checkBoolean(written, "stream") ??
    checkNumber(written, "temperature", 0, 2) ??
    checkNumber(written, "top_p", 0, 1) ??
    checkNumber(written, "presence_penalty", -2, 2) ??
    checkNumber(written, "frequency_penalty", -2, 2) ??
    checkInteger(written, "n", 1, choicesMax) ??
    checkInteger(written, "max_tokens", 1) ??
    checkInteger(written, "max_completion_tokens", 1) ??
    checkBoolean(written, "logprobs") ??
    checkInteger(written, "top_logprobs", 0, logprobsMax) ??
    checkInteger(written, "seed") ??
    checkBoolean(written, "store") ??
    checkString(written, "user") ??
    checkWord(written, "service_tier", serviceTiers) ??
    checkWord(written, "verbosity", verbosities) ??
    checkMetadata(written) ??
    biasProblem(written["logit_bias"]) ??
    stopProblem(written["stop"]) ??
    effortProblem(model, effort, "reasoning_effort", unrecognized) ??
    capProblem(written, model) ??
    samplingProblem(model, effort, written) ??
    logprobsProblem(written) ??
    streamOptionsProblem(written)
  );
}

/** riba2534/openai-on-wechat #16. */
export const notAChatModel: ApiError = {
  ...invalidRequest(
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
    "model",
  ),
  status: 404,
};

/** Public error texts. */
function unrecognized(name: string): ApiError {
  return invalidRequest(`Unrecognized request argument supplied: ${name.slice(0, 128)}`);
}

/** Public error texts. */
const jsonNotMentioned: ApiError = invalidRequest(
  "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
  "messages",
);

function capProblem(written: Fields, model: string): ApiError | undefined {
  const { max_tokens: older, max_completion_tokens: newer } = written;
  if (typeof older === "number" && typeof newer === "number") {
    // Recalled.
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    return invalidRequest(message, "max_tokens", "invalid_parameter_combination");
  }
  // Public error texts.
  if (typeof older === "number" && reasons(model)) {
    return unsupportedParameter("max_tokens", " Use 'max_completion_tokens' instead.");
  }
  const name = typeof older === "number" ? "max_tokens" : "max_completion_tokens";
  return outputCapProblem(model, name, written[name]);
}

/** tailcallhq/forgecode #1185. */
export function outputCapProblem(model: string, name: string, cap: unknown): ApiError | undefined {
  const most = maxOutputTokensOf(model);
  if (typeof cap !== "number" || most === undefined || cap <= most) return undefined;
  const message = `${name} is too large: ${cap}. This model supports at most ${most} completion tokens, whereas you provided ${cap}.`;
  return invalidRequest(message, name, "invalid_value");
}

function biasProblem(bias: unknown): ApiError | undefined {
  if (isAbsent(bias)) return undefined;
  if (!isObject(bias)) return invalidType("logit_bias", "an object", bias);
  const wrong = Object.entries(bias).find(([, value]) => typeof value !== "number");
  return wrong === undefined ? undefined : invalidType(`logit_bias.${wrong[0].slice(0, 64)}`, "a decimal", wrong[1]);
}

function stopProblem(stop: unknown): ApiError | undefined {
  if (isAbsent(stop) || typeof stop === "string") return undefined;
  if (!Array.isArray(stop)) return invalidType("stop", "one of a string or array of strings", stop);
  if (stop.length > stopsMax) return arrayTooLong("stop", stopsMax, stop.length);
  const index = stop.findIndex((text) => typeof text !== "string");
  return index === -1 ? undefined : invalidType(`stop[${index}]`, "a string", stop[index]);
}

/** Recalled. */
function logprobsProblem({ logprobs, top_logprobs: top }: Fields): ApiError | undefined {
  if (isAbsent(top) || logprobs === true) return undefined;
  return invalidRequest("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs");
}

function streamOptionsProblem(written: Fields): ApiError | undefined {
  const options = written["stream_options"];
  if (isAbsent(options)) return undefined;
  if (!isObject(options)) return invalidType("stream_options", "an object", options);
  if (written["stream"] !== true) {
    // Public error texts.
    return invalidRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
  return (
    checkBoolean(options, "include_usage", "stream_options.include_usage") ??
    checkBoolean(options, "include_obfuscation", "stream_options.include_obfuscation")
  );
}

function requestOf(
  written: Fields,
  said: readonly string[],
  formatTokens: number,
  toolUse: ToolUse | undefined,
  format: Fields | undefined,
): ChatRequest {
  const { model, stream, stream_options: options, max_completion_tokens: newer, max_tokens: older, n, stop } = written;
  const cap = newer ?? older;
  const name = String(model).slice(0, modelCharactersMax);
  const { texts, characters } = promptTexts(said, [written["tools"], written["functions"], format]);
  return {
    model: name,
    stream: stream === true,
    includeUsage: isObject(options) && options["include_usage"] === true,
    obfuscation: !isObject(options) || options["include_obfuscation"] !== false,
    choices: typeof n === "number" ? n : 1,
    maxOutputTokens: typeof cap === "number" ? cap : undefined,
    reasoning: reasoningOf(name, written["reasoning_effort"]),
    toolUse,
    output: outputOf(format),
    stopSequences: stopsOf(stop),
    logprobs: written["logprobs"] === true ? Number(written["top_logprobs"] ?? 0) : undefined,
    serviceTier: tierServed(written["service_tier"]),
    texts,
    formatTokens,
    characters,
  };
}

/** The tier that serves a call: as asked for, `default` when it is left to the service. `fast` is the new name of `priority`. */
export function tierServed(asked: unknown): string {
  return typeof asked === "string" && asked !== "auto" ? asked : "default";
}

function stopsOf(stop: unknown): readonly string[] {
  if (isAbsent(stop)) return [];
  const written = Array.isArray(stop) ? stop : [stop];
  return written.filter((text): text is string => typeof text === "string" && text !== "");
}
