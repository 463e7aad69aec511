/**
 * The messages of a chat completion request: who says what in which order, and what it counts.
 *
 * A result of a tool must answer a call that the message before it has made, and every call must be answered before anybody
 * speaks again (text of the first superlbr in miurla/morphic #136, of the second public error texts).
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { emptyArray, invalidType, invalidValue, missingParameter } from "./parameters.ts";

export interface ReadMessages {
  /** All text, in order. */
  readonly texts: readonly string[];
  readonly formatTokens: number;
  /** The conversation ends with the result of a call. */
  readonly answered: boolean;
}

export type MessagesRead =
  | { readonly ok: true; readonly read: ReadMessages }
  | { readonly ok: false; readonly error: ApiError };

/**
 * Tokens that the chat format adds: 3 per message and 3 for the head of the answer, plus the role itself (OpenAI cookbook, "How to count
 * tokens with tiktoken"). A picture counts 85, the price of one at low detail (vision guide).
 */
export const tokensPerMessage = 4;
export const tokensPerAnswerHead = 3;
export const tokensPerPicture = 85;

const roles = ["system", "assistant", "user", "function", "tool", "developer"];
/** Kinds of content parts (openai 7.55.0, resources/chat/completions). */
const partTypes = ["text", "image_url", "input_audio", "refusal", "audio", "file"];

export function readMessages(messages: unknown): MessagesRead {
  if (!Array.isArray(messages)) return { ok: false, error: invalidType("messages", "an array of objects", messages) };
  if (messages.length === 0) return { ok: false, error: emptyArray("messages") };
  const prompt: Prompt = { texts: [], formatTokens: tokensPerAnswerHead, open: new Set(), callsMade: false };
  for (const [index, message] of messages.entries()) {
    const error = readMessage(message, index, prompt);
    if (error !== undefined) return { ok: false, error };
    prompt.formatTokens += tokensPerMessage;
  }
  const unanswered = unansweredCalls(prompt);
  if (unanswered !== undefined) return { ok: false, error: unanswered };
  const last: unknown = messages.at(-1);
  const answered = isObject(last) && (last["role"] === "tool" || last["role"] === "function");
  return { ok: true, read: { texts: prompt.texts, formatTokens: prompt.formatTokens, answered } };
}

/** What the messages say, gathered while they are checked. */
interface Prompt {
  readonly texts: string[];
  formatTokens: number;
  /** Calls that nobody has answered yet. */
  readonly open: Set<string>;
  /** The last message that was no result has made calls. */
  callsMade: boolean;
}

function readMessage(message: unknown, index: number, prompt: Prompt): ApiError | undefined {
  const path = `messages[${index}]`;
  if (!isObject(message)) return invalidType(path, "an object", message);
  const { role } = message;
  const error = roleProblem(role, path) ?? orderProblem(message, index, prompt);
  return error ?? readCalls(message, path, prompt) ?? readContent(message, index, prompt);
}

function roleProblem(role: unknown, path: string): ApiError | undefined {
  // Leon-Sander/Local-Multimodal-AI-Chat #43.
  if (isAbsent(role)) return missingParameter(`${path}.role`);
  if (typeof role !== "string") return invalidType(`${path}.role`, "a string", role);
  return roles.includes(role) ? undefined : invalidValue(`${path}.role`, role, roles);
}

function orderProblem(message: Fields, index: number, prompt: Prompt): ApiError | undefined {
  if (message["role"] !== "tool") {
    const unanswered = unansweredCalls(prompt);
    prompt.callsMade = false;
    return unanswered;
  }
  const { tool_call_id: id } = message;
  if (isAbsent(id)) return missingParameter(`messages[${index}].tool_call_id`);
  if (typeof id !== "string") return invalidType(`messages[${index}].tool_call_id`, "a string", id);
  if (prompt.callsMade && prompt.open.delete(id)) return undefined;
  const message_ =
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
  return invalidRequest(message_, `messages.[${index}].role`);
}

function unansweredCalls({ open }: Prompt): ApiError | undefined {
  if (open.size === 0) return undefined;
  const ids = [...open].map((id) => id.slice(0, 64)).join(", ");
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids}`;
  return invalidRequest(message, "messages");
}

/** The calls that an assistant has made, which count as what they say. */
function readCalls(message: Fields, path: string, prompt: Prompt): ApiError | undefined {
  const { role, tool_calls: calls, function_call: legacy } = message;
  if (role !== "assistant") return undefined;
  if (isObject(legacy)) prompt.texts.push(JSON.stringify(legacy));
  if (isAbsent(calls)) return undefined;
  if (!Array.isArray(calls)) return invalidType(`${path}.tool_calls`, "an array of objects", calls);
  if (calls.length === 0) return emptyArray(`${path}.tool_calls`);
  for (const [index, call] of calls.entries()) {
    const error = readCall(call, `${path}.tool_calls[${index}]`, prompt);
    if (error !== undefined) return error;
  }
  prompt.callsMade = true;
  return undefined;
}

function readCall(call: unknown, path: string, prompt: Prompt): ApiError | undefined {
  if (!isObject(call)) return invalidType(path, "an object", call);
  const { id, type } = call;
  if (isAbsent(id)) return missingParameter(`${path}.id`);
  if (typeof id !== "string") return invalidType(`${path}.id`, "a string", id);
  if (isAbsent(type)) return missingParameter(`${path}.type`);
  if (type !== "function" && type !== "custom") return invalidValue(`${path}.type`, type, ["function", "custom"]);
  const said = call[type];
  if (isAbsent(said)) return missingParameter(`${path}.${type}`);
  if (!isObject(said)) return invalidType(`${path}.${type}`, "an object", said);
  for (const name of ["name", type === "function" ? "arguments" : "input"]) {
    if (isAbsent(said[name])) return missingParameter(`${path}.${type}.${name}`);
    if (typeof said[name] !== "string") return invalidType(`${path}.${type}.${name}`, "a string", said[name]);
  }
  prompt.open.add(id);
  prompt.texts.push(JSON.stringify(said));
  return undefined;
}

function readContent(message: Fields, index: number, prompt: Prompt): ApiError | undefined {
  const { content, role } = message;
  const path = `messages[${index}].content`;
  if (typeof content === "string") {
    prompt.texts.push(content);
    return undefined;
  }
  if (isAbsent(content)) {
    // Only an assistant that called something, or refused, may have said nothing.
    const excused =
      !isAbsent(message["tool_calls"]) ||
      !isAbsent(message["function_call"]) ||
      !isAbsent(message["refusal"]) ||
      !isAbsent(message["audio"]);
    if (role === "assistant" && excused) return undefined;
    if (content === undefined && role !== "assistant") return missingParameter(path);
    // Public error texts.
    const text = "Invalid value for 'content': expected a string, got null.";
    return invalidRequest(text, `messages.[${index}].content`);
  }
  if (!Array.isArray(content)) return invalidType(path, contentTypes, content);
  if (content.length === 0 && role !== "assistant") return emptyArray(path);
  for (const [part, written] of content.entries()) {
    const error = readPart(written, `${path}[${part}]`, prompt);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** pydantic/pydantic-ai #2653. */
const contentTypes = "one of a string or array of objects";

function readPart(part: unknown, path: string, prompt: Prompt): ApiError | undefined {
  // microsoft/graphrag #672, neuron-core/neuron-ai #292.
  if (!isObject(part)) return invalidType(path, "an object", part);
  const { type, text } = part;
  if (type === undefined) return missingParameter(`${path}.type`);
  if (typeof type !== "string" || !partTypes.includes(type)) return invalidValue(`${path}.type`, type, partTypes);
  if (type === "image_url") return readPicture(part, path, prompt);
  if (type !== "text") return undefined;
  if (text === undefined) return missingParameter(`${path}.text`);
  if (typeof text !== "string") return invalidType(`${path}.text`, "a string", text);
  prompt.texts.push(text);
  return undefined;
}

function readPicture({ image_url: picture }: Fields, path: string, prompt: Prompt): ApiError | undefined {
  if (isAbsent(picture)) return missingParameter(`${path}.image_url`);
  if (!isObject(picture)) return invalidType(`${path}.image_url`, "an object", picture);
  if (isAbsent(picture["url"])) return missingParameter(`${path}.image_url.url`);
  prompt.formatTokens += tokensPerPicture;
  return undefined;
}
