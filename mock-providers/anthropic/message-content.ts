/**
 * Reading the messages of a request: roles, blocks, and which tool result answers which tool use.
 *
 * Texts: LibreChat #3372 and miurla/morphic #83 (empty content), anthropics/claude-code #8210 and #13460 (tool use and result),
 * benchr.org (prefilling). Others follow the pattern of pydantic.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import type { ModelFacts } from "./models.ts";
import { notA, notOneOf, problemAt, required } from "./parameters.ts";
import { type Prompt, tokensPerDocument, tokensPerMessage, tokensPerPicture } from "./prompt.ts";
import type { ApiVersion } from "./version.ts";

/** Since 2026 the system may speak between the others (@anthropic-ai/sdk 1.11.0, resources/messages: MessageParam). */
const roles = ["user", "assistant", "system"];

/** Kinds of blocks in requests (@anthropic-ai/sdk 1.11.0, resources/messages: ContentBlockParam). */
const blockTypes = [
  "bash_code_execution_tool_result",
  "code_execution_tool_result",
  "container_upload",
  "document",
  "image",
  "redacted_thinking",
  "search_result",
  "server_tool_use",
  "text",
  "text_editor_code_execution_tool_result",
  "thinking",
  "tool_result",
  "tool_search_tool_result",
  "tool_use",
  "web_fetch_tool_result",
  "web_search_tool_result",
];

/** What the messages are checked against. */
export interface MessageRules {
  readonly version: ApiVersion;
  /** undefined: nothing is known of the model. */
  readonly model: ModelFacts | undefined;
}

/** Neighbours of one role are one turn (Messages API reference). */
interface Turn {
  readonly role: string;
  /** Index of its last message. */
  index: number;
  readonly toolUses: string[];
  readonly toolResults: { readonly id: string; readonly path: string }[];
}

export function readMessages(messages: unknown, rules: MessageRules, prompt: Prompt): ApiError | undefined {
  if (!Array.isArray(messages)) return notA("list", "messages");
  if (messages.length === 0) return problemAt("messages", "at least one message is required");
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const error = readMessage(message, { index, last: index === messages.length - 1, rules, prompt, turns });
    if (error !== undefined) return error;
  }
  const first = turns.find(({ role }) => role !== "system");
  // Public error texts of 2024.
  if (first?.role !== "user") return invalidRequest(`messages: first message must use the "user" role`);
  if (turns.at(-1)?.role === "assistant" && rules.model?.prefill === false) {
    return invalidRequest("Prefilling assistant messages is not supported for this model.");
  }
  return pairingProblem(turns) ?? endingProblem(messages);
}

/** tailcallhq/forgecode #1872. */
function endingProblem(messages: readonly unknown[]): ApiError | undefined {
  const last: unknown = messages.at(-1);
  if (!isObject(last) || last["role"] !== "assistant") return undefined;
  const { content } = last;
  const end: unknown = Array.isArray(content) ? content.at(-1) : { type: "text", text: content };
  const text = isObject(end) && end["type"] === "text" ? end["text"] : undefined;
  return typeof text === "string" && /\s$/.test(text)
    ? problemAt("messages", "final assistant content cannot end with trailing whitespace")
    : undefined;
}

interface Reading {
  readonly index: number;
  readonly last: boolean;
  readonly rules: MessageRules;
  readonly prompt: Prompt;
  readonly turns: Turn[];
}

function readMessage(message: unknown, reading: Reading): ApiError | undefined {
  const { index, last, prompt, turns } = reading;
  const path = `messages.${index}`;
  if (!isObject(message)) return notA("dictionary", path);
  const { role, content } = message;
  if (isAbsent(role)) return required(`${path}.role`);
  if (typeof role !== "string" || !roles.includes(role)) return notOneOf(`${path}.role`, roles);
  const extra = Object.keys(message).find((name) => name !== "role" && name !== "content");
  if (extra !== undefined) return problemAt(`${path}.${extra.slice(0, 64)}`, "Extra inputs are not permitted");
  prompt.formatTokens += tokensPerMessage;
  const turn = turnOf(role, index, turns);
  if (isAbsent(content)) return required(`${path}.content`);
  if (content === "" || (Array.isArray(content) && content.length === 0)) {
    return last && role === "assistant" ? undefined : emptyContent(path);
  }
  if (typeof content === "string") return prompt.add(prompt.messageBlocks, content, 0, {}, path);
  if (!Array.isArray(content)) return problemAt(`${path}.content`, "Input should be a valid string or list");
  for (const [at, block] of content.entries()) {
    const error = readBlock(block, `${path}.content.${at}`, turn, reading);
    if (error !== undefined) return error;
  }
  return undefined;
}

function turnOf(role: string, index: number, turns: Turn[]): Turn {
  const latest = turns.at(-1);
  if (latest?.role === role) {
    latest.index = index;
    return latest;
  }
  const turn: Turn = { role, index, toolUses: [], toolResults: [] };
  turns.push(turn);
  return turn;
}

function emptyContent(path: string): ApiError {
  return problemAt(path, "all messages must have non-empty content except for the optional final assistant message");
}

function readBlock(block: unknown, path: string, turn: Turn, { rules, prompt }: Reading): ApiError | undefined {
  if (!isObject(block)) return notA("dictionary", path);
  const { type } = block;
  if (isAbsent(type)) return required(`${path}.type`);
  if (typeof type !== "string" || !blockTypes.includes(type)) return unknownTag(path, type);
  const error = versionProblem(block, path, turn.role, rules) ?? blockProblem(block, type, path, turn);
  return error ?? prompt.add(prompt.messageBlocks, textOf(block, type), tokensOf(block, type), block, path);
}

function unknownTag(path: string, type: unknown): ApiError {
  const tags = blockTypes.map((name) => `'${name}'`).join(", ");
  return problemAt(
    path,
    `Input tag '${String(type).slice(0, 64)}' found using 'type' does not match any of the expected tags: ${tags}`,
  );
}

/** What version 2026-10-21 no longer takes (codersera.com, "Anthropic API Version 2026-10-21"; texts assumed). */
function versionProblem(block: Fields, path: string, role: string, { version }: MessageRules): ApiError | undefined {
  if (version === "2023-06-01") return undefined;
  const { type, citations } = block;
  if (type === "document" && role === "assistant") {
    return problemAt(path, "`document` blocks are not permitted in `assistant` messages");
  }
  const cited = Array.isArray(citations) && citations.length > 0;
  if (type === "text" && role === "user" && cited) {
    return problemAt(`${path}.text.citations`, "`citations` are not permitted in `user` messages");
  }
  return undefined;
}

function blockProblem(block: Fields, type: string, path: string, turn: Turn): ApiError | undefined {
  switch (type) {
    case "text":
      return textProblem(block["text"], `${path}.text.text`);
    case "image":
    case "document":
      return isObject(block["source"]) ? undefined : required(`${path}.${type}.source`);
    case "tool_use": {
      const { id, name, input } = block;
      if (typeof id !== "string") return required(`${path}.tool_use.id`);
      if (typeof name !== "string") return required(`${path}.tool_use.name`);
      // microsoft/autogen and others.
      if (!isObject(input)) return notA("dictionary", `${path}.tool_use.input`);
      turn.toolUses.push(id);
      return undefined;
    }
    case "tool_result": {
      const { tool_use_id: id } = block;
      if (typeof id !== "string") return required(`${path}.tool_result.tool_use_id`);
      turn.toolResults.push({ id, path });
      return undefined;
    }
    default:
      return undefined;
  }
}

export function textProblem(text: unknown, path: string): ApiError | undefined {
  if (isAbsent(text)) return required(path);
  if (typeof text !== "string") return notA("string", path);
  return text === "" ? problemAt("messages", "text content blocks must be non-empty") : undefined;
}

/** Everything in a block that is text. A block of text is just that, so that a marker is at its head. */
function textOf(block: Fields, type: string): string {
  const { text, thinking, input, content, source } = block;
  switch (type) {
    case "text":
      return typeof text === "string" ? text : "";
    case "thinking":
      return typeof thinking === "string" ? thinking : "";
    case "tool_use":
      return `${String(block["name"])} ${JSON.stringify(input)}`;
    case "document":
      return isObject(source) && source["type"] === "text" ? String(source["data"]) : "";
    default:
      return typeof content === "string" ? content : textsIn(content);
  }
}

function textsIn(content: unknown): string {
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (isObject(part) && typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

function tokensOf(block: Fields, type: string): number {
  const { content, source } = block;
  if (type === "image") return tokensPerPicture;
  if (type === "document") return isObject(source) && source["type"] === "text" ? 0 : tokensPerDocument;
  if (!Array.isArray(content)) return 0;
  return content.filter((part: unknown) => isObject(part) && part["type"] === "image").length * tokensPerPicture;
}

/** Every tool use is answered in the next turn, and nothing else is. */
function pairingProblem(turns: readonly Turn[]): ApiError | undefined {
  for (const [at, turn] of turns.entries()) {
    const asked = turns[at - 1]?.toolUses ?? [];
    const unasked = turn.toolResults.find(({ id }) => !asked.includes(id));
    if (unasked !== undefined) {
      return problemAt(
        unasked.path,
        `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unasked.id.slice(0, 64)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    const answered = turns[at + 1]?.toolResults.map(({ id }) => id) ?? [];
    const open = turn.toolUses.filter((id) => !answered.includes(id));
    if (open.length > 0) {
      return problemAt(
        `messages.${turn.index}`,
        `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ").slice(0, 256)}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
  }
  return undefined;
}
