/**
 * Reading a chat completion request, and refusing what the real service refuses, in its words.
 *
 * By hand rather than by schema: the service reports one problem at a time, the first in its own order, with a text and a
 * code of its own per kind of problem. Fields that do not matter to a mock pass unread.
 */
import { type ApiError, bodyNotJson, invalidRequest } from "./errors.ts";
import type { GenerationRequest, Parsed } from "./generation.ts";
import { dimensionsOf, maxOutputTokensOf } from "./models.ts";
import {
  arrayTooLong,
  checkBoolean,
  checkInteger,
  checkNumber,
  emptyArray,
  type Fields,
  invalidType,
  invalidValue,
  isObject,
  missingParameter,
  modelCharactersMax,
  modelProblem,
  parseObject,
} from "./parameters.ts";

export interface ChatRequest extends GenerationRequest {
  /** Usage in a last chunk of its own. */
  readonly includeUsage: boolean;
  /** Padding that evens out the sizes of chunks. */
  readonly obfuscation: boolean;
}

/**
 * Tokens that the chat format adds: 3 per message and 3 for the head of the answer, plus the role itself (OpenAI cookbook, "How to count
 * tokens with tiktoken"). A picture counts 85, the price of one at low detail (vision guide).
 */
const tokensPerMessage = 4;
const tokensPerAnswerHead = 3;
const tokensPerPicture = 85;

const roles = ["system", "assistant", "user", "function", "tool", "developer"];
/** Kinds of content parts (openai 7.55.0, resources/chat/completions). */
const partTypes = ["text", "image_url", "input_audio", "refusal", "audio", "file"];

/** Bounds of the API reference (chat, create). */
const choicesMax = 128;
const stopsMax = 4;

/** `pathModel`: as in `Generation`. */
export function parseChatRequest(body: string, pathModel?: string): Parsed<ChatRequest> {
  const written = parseObject(body, pathModel);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  const prompt: PromptParts = { texts: [], formatTokens: tokensPerAnswerHead };
  const error = problemIn(written) ?? readMessages(written["messages"], prompt);
  if (error !== undefined) return { ok: false, error };
  return { ok: true, request: requestOf(written, prompt) };
}

/** What the messages say, gathered while they are checked. */
interface PromptParts {
  readonly texts: string[];
  formatTokens: number;
}

/** The first thing wrong with anything but the messages. */
function problemIn(written: Fields): ApiError | undefined {
  const { model, messages } = written;
  const error = modelProblem(model);
  if (error !== undefined || typeof model !== "string") return error;
  if (dimensionsOf(model) !== undefined) return notAChatModel;
  if (messages === undefined || messages === null) return missingParameter("messages");
  return (
    checkBoolean(written, "stream") ??
    checkNumber(written, "temperature", 0, 2) ??
    checkNumber(written, "top_p", 0, 1) ??
    checkNumber(written, "presence_penalty", -2, 2) ??
    checkNumber(written, "frequency_penalty", -2, 2) ??
    checkInteger(written, "n", 1, choicesMax) ??
    checkInteger(written, "max_tokens", 1) ??
    checkInteger(written, "max_completion_tokens", 1) ??
    checkInteger(written, "top_logprobs", 0, 20) ??
    checkInteger(written, "seed") ??
    capProblem(written, model) ??
    stopProblem(written["stop"]) ??
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

function capProblem(written: Fields, model: string): ApiError | undefined {
  const { max_tokens: older, max_completion_tokens: newer } = written;
  if (typeof older === "number" && typeof newer === "number") {
    // Recalled.
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    return invalidRequest(message, "max_tokens", "invalid_parameter_combination");
  }
  const name = typeof older === "number" ? "max_tokens" : "max_completion_tokens";
  const cap = written[name];
  const most = maxOutputTokensOf(model);
  if (typeof cap !== "number" || most === undefined || cap <= most) return undefined;
  // tailcallhq/forgecode #1185.
  const message = `${name} is too large: ${cap}. This model supports at most ${most} completion tokens, whereas you provided ${cap}.`;
  return invalidRequest(message, name, "invalid_value");
}

function stopProblem(stop: unknown): ApiError | undefined {
  if (stop === undefined || stop === null || typeof stop === "string") return undefined;
  if (!Array.isArray(stop)) return invalidType("stop", "one of a string or array of strings", stop);
  if (stop.length > stopsMax) return arrayTooLong("stop", stopsMax, stop.length);
  const index = stop.findIndex((text) => typeof text !== "string");
  return index === -1 ? undefined : invalidType(`stop[${index}]`, "a string", stop[index]);
}

function streamOptionsProblem(written: Fields): ApiError | undefined {
  const options = written["stream_options"];
  if (options === undefined || options === null) return undefined;
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

function readMessages(messages: unknown, prompt: PromptParts): ApiError | undefined {
  if (!Array.isArray(messages)) return invalidType("messages", "an array of objects", messages);
  if (messages.length === 0) return emptyArray("messages");
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (!isObject(message)) return invalidType(path, "an object", message);
    const error = roleProblem(message["role"], path) ?? readContent(message, path, prompt);
    if (error !== undefined) return error;
    prompt.formatTokens += tokensPerMessage;
  }
  return undefined;
}

function roleProblem(role: unknown, path: string): ApiError | undefined {
  // Leon-Sander/Local-Multimodal-AI-Chat #43.
  if (role === undefined || role === null) return missingParameter(`${path}.role`);
  if (typeof role !== "string") return invalidType(`${path}.role`, "a string", role);
  return roles.includes(role) ? undefined : invalidValue(`${path}.role`, role, roles);
}

function readContent(message: Fields, path: string, prompt: PromptParts): ApiError | undefined {
  const { content } = message;
  if (typeof content === "string") {
    prompt.texts.push(content);
    return undefined;
  }
  if (content === undefined || content === null) {
    // Only an assistant that called something may have said nothing.
    if (message["role"] === "assistant") return undefined;
    return content === null
      ? invalidType(`${path}.content`, contentTypes, content)
      : missingParameter(`${path}.content`);
  }
  if (!Array.isArray(content)) return invalidType(`${path}.content`, contentTypes, content);
  for (const [index, part] of content.entries()) {
    const error = readPart(part, `${path}.content[${index}]`, prompt);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** pydantic/pydantic-ai #2653. */
const contentTypes = "one of a string or array of objects";

function readPart(part: unknown, path: string, prompt: PromptParts): ApiError | undefined {
  // microsoft/graphrag #672, neuron-core/neuron-ai #292.
  if (!isObject(part)) return invalidType(path, "an object", part);
  const { type, text } = part;
  if (type === undefined) return missingParameter(`${path}.type`);
  if (typeof type !== "string" || !partTypes.includes(type)) return invalidValue(`${path}.type`, type, partTypes);
  if (type === "image_url") prompt.formatTokens += tokensPerPicture;
  if (type !== "text") return undefined;
  if (text === undefined) return missingParameter(`${path}.text`);
  if (typeof text !== "string") return invalidType(`${path}.text`, "a string", text);
  prompt.texts.push(text);
  return undefined;
}

function requestOf(written: Fields, prompt: PromptParts): ChatRequest {
  const { model, stream, stream_options: options, max_completion_tokens: newer, max_tokens: older, n } = written;
  const cap = newer ?? older;
  return {
    model: String(model).slice(0, modelCharactersMax),
    stream: stream === true,
    includeUsage: isObject(options) && options["include_usage"] === true,
    obfuscation: !isObject(options) || options["include_obfuscation"] !== false,
    choices: typeof n === "number" ? n : 1,
    maxOutputTokens: typeof cap === "number" ? cap : undefined,
    texts: prompt.texts,
    formatTokens: prompt.formatTokens,
    characters: prompt.texts.reduce((sum, text) => sum + text.length, 0),
  };
}
