/**
 * The input of a response: a text, or items of a conversation (openai 7.55.0, resources/responses, ResponseInputItem).
 *
 * A result of a tool must belong to a call in the input or in the response that it follows, and a call must have its result
 * (texts cbbyos in continuedev/continue #10092, ghLcd9dG in bytedance/trae-agent #245).
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { tokensPerAnswerHead, tokensPerMessage, tokensPerPicture } from "./chat-messages.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { emptyArray, invalidType, invalidValue, missingParameter } from "./parameters.ts";

export interface ReadInput {
  readonly texts: readonly string[];
  readonly formatTokens: number;
  /** The conversation ends with the result of a call. */
  readonly answered: boolean;
  /** As items, which is how the service keeps even a plain text. */
  readonly items: readonly Fields[];
}

export type InputRead =
  | { readonly ok: true; readonly read: ReadInput }
  | { readonly ok: false; readonly error: ApiError };

const roles = ["assistant", "system", "developer", "user"];
const partTypes = ["input_text", "input_image", "input_file", "output_text", "refusal"];

/** Fields of an item that must be texts, by its type; the first is read as part of the prompt. */
const textFields: Readonly<Record<string, readonly string[]>> = {
  function_call: ["arguments", "call_id", "name"],
  custom_tool_call: ["input", "call_id", "name"],
  function_call_output: ["output", "call_id"],
  custom_tool_call_output: ["output", "call_id"],
};

/** Items that say nothing to a mock: what the service's own tools did, thoughts, and what points elsewhere. */
const unreadTypes = [
  "reasoning",
  "item_reference",
  "file_search_call",
  "computer_call",
  "computer_call_output",
  "web_search_call",
  "tool_search_call",
  "tool_search_output",
  "additional_tools",
  "configuration_update",
  "compaction",
  "compaction_trigger",
  "image_generation_call",
  "code_interpreter_call",
  "local_shell_call",
  "local_shell_call_output",
  "shell_call",
  "shell_call_output",
  "apply_patch_call",
  "apply_patch_call_output",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "mcp_call",
  "program",
  "program_output",
];
const itemTypes = ["message", ...Object.keys(textFields), ...unreadTypes];

/** `openCalls`: of the response that this one follows. */
export function readInput(input: unknown, openCalls: readonly string[]): InputRead {
  const items = typeof input === "string" ? [plainMessage(input)] : isAbsent(input) ? [] : input;
  if (!Array.isArray(items))
    return { ok: false, error: invalidType("input", "one of a string or array of input items", input) };
  if (items.length === 0 && !isAbsent(input)) return { ok: false, error: emptyArray("input") };
  const prompt: Prompt = { texts: [], formatTokens: tokensPerAnswerHead, open: new Set(openCalls) };
  for (const [index, item] of items.entries()) {
    const error = readItem(item, `input[${index}]`, prompt);
    if (error !== undefined) return { ok: false, error };
  }
  const [unanswered] = prompt.open;
  if (unanswered !== undefined) {
    const message = `No tool output found for function call ${unanswered.slice(0, 64)}.`;
    return { ok: false, error: invalidRequest(message, "input") };
  }
  const last: unknown = items.at(-1);
  const answered = isObject(last) && String(last["type"]).endsWith("call_output");
  return {
    ok: true,
    read: { texts: prompt.texts, formatTokens: prompt.formatTokens, answered, items: items.filter(isObject) },
  };
}

/** What the input says, gathered while it is checked. */
interface Prompt {
  readonly texts: string[];
  formatTokens: number;
  /** Calls that have no result yet. */
  readonly open: Set<string>;
}

function plainMessage(text: string): Fields {
  return { type: "message", role: "user", content: [{ type: "input_text", text }] };
}

function readItem(item: unknown, path: string, prompt: Prompt): ApiError | undefined {
  if (!isObject(item)) return invalidType(path, "an object", item);
  const { type = "message" } = item;
  if (typeof type !== "string" || !itemTypes.includes(type)) return invalidValue(`${path}.type`, type, itemTypes);
  if (type === "message") return readMessage(item, path, prompt);
  const fields = textFields[type];
  if (fields === undefined) return undefined;
  for (const name of fields) {
    const value = item[name];
    if (isAbsent(value)) return missingParameter(`${path}.${name}`);
    if (typeof value === "string") continue;
    if (name !== "output" || !Array.isArray(value)) return invalidType(`${path}.${name}`, "a string", value);
  }
  const [said = ""] = fields;
  prompt.texts.push(typeof item[said] === "string" ? String(item[said]) : JSON.stringify(item[said]));
  prompt.formatTokens += tokensPerMessage;
  return pairProblem(type, String(item["call_id"]), prompt);
}

function pairProblem(type: string, callId: string, prompt: Prompt): ApiError | undefined {
  if (!type.endsWith("_output")) {
    prompt.open.add(callId);
    return undefined;
  }
  if (prompt.open.delete(callId)) return undefined;
  return invalidRequest(`No tool call found for function call output with call_id ${callId.slice(0, 64)}.`, "input");
}

function readMessage(item: Fields, path: string, prompt: Prompt): ApiError | undefined {
  const { role, content } = item;
  if (isAbsent(role)) return missingParameter(`${path}.role`);
  if (typeof role !== "string" || !roles.includes(role)) return invalidValue(`${path}.role`, role, roles);
  prompt.formatTokens += tokensPerMessage;
  if (typeof content === "string") {
    prompt.texts.push(content);
    return undefined;
  }
  if (isAbsent(content)) return missingParameter(`${path}.content`);
  if (!Array.isArray(content)) {
    return invalidType(`${path}.content`, "one of a string or array of input content parts", content);
  }
  for (const [index, part] of content.entries()) {
    const error = readPart(part, `${path}.content[${index}]`, prompt);
    if (error !== undefined) return error;
  }
  return undefined;
}

function readPart(part: unknown, path: string, prompt: Prompt): ApiError | undefined {
  if (!isObject(part)) return invalidType(path, "an object", part);
  const { type, text } = part;
  if (isAbsent(type)) return missingParameter(`${path}.type`);
  if (typeof type !== "string" || !partTypes.includes(type)) return invalidValue(`${path}.type`, type, partTypes);
  if (type === "input_image") prompt.formatTokens += tokensPerPicture;
  if (type !== "input_text" && type !== "output_text") return undefined;
  if (isAbsent(text)) return missingParameter(`${path}.text`);
  if (typeof text !== "string") return invalidType(`${path}.text`, "a string", text);
  prompt.texts.push(text);
  return undefined;
}
