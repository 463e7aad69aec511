/**
 * Reading the messages of a Converse request: roles, blocks, and which tool result answers which tool use.
 *
 * Texts: langgenius/dify #12340 (first message); public error texts for roles that do not alternate, blank text, empty content,
 * missing tool configuration and unmatched tool results.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { tokensPerDocument, tokensPerMessage, tokensPerPicture } from "../anthropic/prompt.ts";
import { type ApiError, validationError } from "./errors.ts";
import { notA, notOneOf, required } from "./parameters.ts";
import type { Prompt } from "./prompt.ts";

const roles = ["user", "assistant"];

/** A turn, as far as the next one has to fit it. */
interface Turn {
  readonly role: string;
  readonly toolUses: readonly string[];
}

/** `hasTools`: the request configures tools. */
export function readMessages(messages: unknown, hasTools: boolean, prompt: Prompt): ApiError | undefined {
  if (isAbsent(messages)) return required("messages");
  if (!Array.isArray(messages)) return notA("list", "messages");
  if (messages.length === 0) return startWithUser;
  let before: Turn | undefined;
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    if (!isObject(message)) return notA("json object", path);
    const { role, content } = message;
    if (isAbsent(role)) return required(`${path}.role`);
    if (typeof role !== "string" || !roles.includes(role)) return notOneOf(role, `${path}.role`, roles);
    if (before === undefined && role !== "user") return startWithUser;
    if (before?.role === role) return alternate;
    const read = readContent(content, `${path}.content`, hasTools, prompt);
    if (!read.ok) return read.error;
    const error = pairingProblem(`${path}.content`, before?.toolUses ?? [], read.toolResults);
    if (error !== undefined) return error;
    prompt.formatTokens += tokensPerMessage;
    before = { role, toolUses: read.toolUses };
  }
  return undefined;
}

const startWithUser = validationError(
  "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
);
const alternate = validationError(
  "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and " +
    "assistant roles and try again.",
);
const toolsUndefined = validationError(
  "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
);

type ContentRead =
  | { readonly ok: true; readonly toolUses: readonly string[]; readonly toolResults: readonly string[] }
  | { readonly ok: false; readonly error: ApiError };

function readContent(content: unknown, path: string, hasTools: boolean, prompt: Prompt): ContentRead {
  if (isAbsent(content)) return { ok: false, error: required(path) };
  if (!Array.isArray(content)) return { ok: false, error: notA("list", path) };
  if (content.length === 0) {
    const where = `The content field in the Message object at ${path.replace(/\.content$/, "")} is empty.`;
    return {
      ok: false,
      error: validationError(`${where} Add a ContentBlock object to the content field and try again.`),
    };
  }
  const toolUses: string[] = [];
  const toolResults: string[] = [];
  for (const [index, block] of content.entries()) {
    const at = `${path}.${index}`;
    if (!isObject(block)) return { ok: false, error: notA("json object", at) };
    const { toolUse, toolResult } = block;
    if (!hasTools && (isObject(toolUse) || isObject(toolResult))) return { ok: false, error: toolsUndefined };
    if (isObject(toolUse)) toolUses.push(String(toolUse["toolUseId"]));
    if (isObject(toolResult)) toolResults.push(String(toolResult["toolUseId"]));
    const error = readBlock(block, at, prompt);
    if (error !== undefined) return { ok: false, error };
  }
  return { ok: true, toolUses, toolResults };
}

/** Exactly one member is set (API reference, ContentBlock). */
function readBlock(block: Fields, path: string, prompt: Prompt): ApiError | undefined {
  const { text, cachePoint, image, document, video } = block;
  if (cachePoint !== undefined) return prompt.cachePoint(prompt.messages, cachePoint, `${path}.cachePoint`);
  if (text !== undefined) {
    if (typeof text !== "string") return notA("string", `${path}.text`);
    if (text.trim() === "") {
      const where = `The text field in the ContentBlock object at ${path} is blank.`;
      return validationError(`${where} Add text to the text field, and try again.`);
    }
    prompt.add(prompt.messages, text);
  } else if (image !== undefined) prompt.add(prompt.messages, "", tokensPerPicture);
  else if (document !== undefined || video !== undefined) prompt.add(prompt.messages, "", tokensPerDocument);
  else if (Object.keys(block).length === 0) return required(path);
  else prompt.add(prompt.messages, JSON.stringify(block));
  return undefined;
}

function pairingProblem(path: string, used: readonly string[], answered: readonly string[]): ApiError | undefined {
  const missing = used.filter((id) => !answered.includes(id));
  if (missing.length > 0) {
    return validationError(`Expected toolResult blocks at ${path} for the following Ids: ${missing.join(", ")}`);
  }
  return answered.length > used.length
    ? validationError(
        `The number of toolResult blocks at ${path} exceeds the number of toolUse blocks of previous turn.`,
      )
    : undefined;
}
