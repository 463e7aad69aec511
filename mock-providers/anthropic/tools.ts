/**
 * Reading the tools of a request and its choice among them.
 *
 * A mock has nothing to decide, so it does what a client of tools wants to see: it calls one or two where calls are allowed, and answers
 * with text once the last thing in the conversation is the result of a call. A choice that forces a call forces it even then.
 *
 * Tools with a `type` of their own (web search, code execution, ...) run at the service; they are counted and never called.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { notA, notOneOf, problemAt, required } from "./parameters.ts";
import { type Prompt, toolTokens } from "./prompt.ts";

/** A tool of the client's. */
export interface ClientTool {
  readonly name: string;
  readonly inputSchema: Fields;
}

export type ToolsRead =
  | {
      readonly ok: true;
      /** Those that an answer may call. */
      readonly callable: readonly ClientTool[];
      /** It has to call one. */
      readonly forced: boolean;
      /** It may call several at once. */
      readonly parallel: boolean;
    }
  | { readonly ok: false; readonly error: ApiError };

const namePattern = /^[a-zA-Z0-9_-]{1,128}$/;
const choices = ["auto", "any", "tool", "none"];

export function readTools(written: Fields, prompt: Prompt): ToolsRead {
  const { tools, tool_choice: choice } = written;
  const clientTools: ClientTool[] = [];
  const problem = toolsProblem(tools, prompt, clientTools);
  if (problem !== undefined) return { ok: false, error: problem };
  const none = isAbsent(tools) || (Array.isArray(tools) && tools.length === 0);
  if (isAbsent(choice)) {
    if (!none) prompt.formatTokens += toolTokens.free;
    return { ok: true, callable: clientTools, forced: false, parallel: true };
  }
  // Public error texts.
  if (none) return { ok: false, error: invalidRequest("tool_choice may only be specified while providing tools") };
  return readChoice(choice, clientTools, prompt);
}

function toolsProblem(tools: unknown, prompt: Prompt, clientTools: ClientTool[]): ApiError | undefined {
  if (isAbsent(tools)) return undefined;
  if (!Array.isArray(tools)) return notA("list", "tools");
  for (const [index, tool] of tools.entries()) {
    const error = readTool(tool, `tools.${index}`, prompt, clientTools);
    if (error !== undefined) return error;
  }
  const names = clientTools.map(({ name }) => name);
  return new Set(names).size < names.length ? invalidRequest("tools: Tool names must be unique.") : undefined;
}

function readTool(tool: unknown, path: string, prompt: Prompt, clientTools: ClientTool[]): ApiError | undefined {
  if (!isObject(tool)) return notA("dictionary", path);
  const { name, type, input_schema: schema } = tool;
  if (isAbsent(type) || type === "custom") {
    if (isAbsent(name)) return required(`${path}.custom.name`);
    if (typeof name !== "string" || !namePattern.test(name)) {
      return problemAt(`${path}.custom.name`, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'");
    }
    if (isAbsent(schema)) return required(`${path}.custom.input_schema`);
    if (!isObject(schema)) return notA("dictionary", `${path}.custom.input_schema`);
    if (isAbsent(schema["type"])) return required(`${path}.custom.input_schema.type`);
    if (schema["type"] !== "object") return problemAt(`${path}.custom.input_schema.type`, "Input should be 'object'");
    clientTools.push({ name, inputSchema: schema });
  }
  return prompt.add(prompt.toolBlocks, JSON.stringify({ ...tool, cache_control: undefined }), 0, tool, path);
}

function readChoice(choice: unknown, clientTools: readonly ClientTool[], prompt: Prompt): ToolsRead {
  if (!isObject(choice)) return { ok: false, error: notA("dictionary", "tool_choice") };
  const { type, name, disable_parallel_tool_use: oneOnly } = choice;
  if (isAbsent(type)) return { ok: false, error: required("tool_choice.type") };
  if (typeof type !== "string" || !choices.includes(type)) {
    return { ok: false, error: notOneOf("tool_choice.type", choices) };
  }
  if (!isAbsent(oneOnly) && typeof oneOnly !== "boolean") {
    return { ok: false, error: notA("boolean", `tool_choice.${type}.disable_parallel_tool_use`) };
  }
  const parallel = oneOnly !== true;
  const free = type === "auto" || type === "none";
  prompt.formatTokens += free ? toolTokens.free : toolTokens.forced;
  if (free) return { ok: true, callable: type === "auto" ? clientTools : [], forced: false, parallel };
  if (type === "any") return { ok: true, callable: clientTools, forced: true, parallel };
  if (typeof name !== "string") return { ok: false, error: required("tool_choice.tool.name") };
  const named = clientTools.find((tool) => tool.name === name);
  if (named !== undefined) return { ok: true, callable: [named], forced: true, parallel };
  return { ok: false, error: invalidRequest(`Tool '${name.slice(0, 128)}' not found in provided tools`) };
}

/** Whether the last message answers a call. */
export function endsWithToolResult(messages: unknown): boolean {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const content = isObject(last) ? last["content"] : undefined;
  return Array.isArray(content) && content.some((block: unknown) => isObject(block) && block["type"] === "tool_result");
}
