/**
 * Tools of a request, and which of them the answer calls.
 *
 * A mock has nothing to decide, so it does what a client of tools wants to see: it calls one or two where calls are allowed, and
 * answers with text once the last thing in the conversation is the result of a call.
 *
 * Chat completions nest a function in its tool, the Responses API has it flat (openai 7.55.0, FunctionTool of both). Texts:
 * schemas baucucu in kevinwatt/mysql-mcp #5 and Nek-12 in xemantic/xemantic-ai-tool-schema #37; choices recalled.
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { arrayTooLong, checkBoolean, emptyArray, invalidType, invalidValue, missingParameter } from "./parameters.ts";
import { schemaProblem } from "./strict-schema.ts";

/** A tool that the client runs. */
export type CallableTool =
  | { readonly kind: "function"; readonly name: string; readonly schema: unknown }
  /** Takes free text. */
  | { readonly kind: "custom"; readonly name: string };

/** Tools that an answer calls. */
export interface ToolUse {
  /** At least one. */
  readonly tools: readonly CallableTool[];
  readonly mode: "auto" | "required" | "named";
  /** Whether it may call several at once. */
  readonly parallel: boolean;
  /** `functions` and `function_call`, which tools have replaced. */
  readonly legacy: boolean;
}

export type ToolsRead =
  | { readonly ok: true; readonly use: ToolUse | undefined }
  | { readonly ok: false; readonly error: ApiError };

/** How an API writes tools down. */
export interface ToolForm {
  /** Where the name and the rest of a tool stand: in a field with the name of its type, or beside that. */
  readonly nested: boolean;
  /** Types of tools; those beside `function` and `custom` run at the service and are never called here. */
  readonly types: readonly string[];
}

/** Tools in a request (API reference, chat, create: "A max of 128 functions are supported"). */
const toolsMax = 128;
const nameCharactersMax = 64;
const namePattern = /^[a-zA-Z0-9_-]+$/;

/** `answered`: the conversation ends with the result of a call. */
export function readTools(written: Fields, form: ToolForm, answered: boolean): ToolsRead {
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = written;
  const error = checkBoolean(written, "parallel_tool_calls");
  if (error !== undefined) return { ok: false, error };
  if (isAbsent(tools) || (!form.nested && Array.isArray(tools) && tools.length === 0)) {
    // Chat completions refuse even the default of a request that has tools (dphnAI/sonar #1143).
    if (!isAbsent(choice) && choice !== "none" && (choice !== "auto" || form.nested))
      return { ok: false, error: onlyWithTools("tool_choice") };
    if (form.nested && !isAbsent(parallel)) return { ok: false, error: onlyWithTools("parallel_tool_calls") };
    return { ok: true, use: undefined };
  }
  const callable: CallableTool[] = [];
  const problem = toolsProblem(tools, form, callable);
  if (problem !== undefined) return { ok: false, error: problem };
  return chosen(choice, callable, form, { parallel: parallel !== false, answered });
}

/** `functions` and `function_call`, deprecated in favour of tools (API reference, chat, create). */
export function readFunctions(written: Fields, answered: boolean): ToolsRead {
  const { functions, function_call: choice } = written;
  if (isAbsent(functions)) {
    return isAbsent(choice) || choice === "none"
      ? { ok: true, use: undefined }
      : { ok: false, error: onlyWith("function_call", "functions") };
  }
  if (!Array.isArray(functions))
    return { ok: false, error: invalidType("functions", "an array of objects", functions) };
  if (functions.length === 0) return { ok: false, error: emptyArray("functions") };
  const callable: CallableTool[] = [];
  for (const [index, one] of functions.entries()) {
    const error = readFunction(one, `functions[${index}]`, callable);
    if (error !== undefined) return { ok: false, error };
  }
  if (choice === "none" || (answered && !isObject(choice))) return { ok: true, use: undefined };
  const common = { parallel: false, legacy: true } as const;
  if (!isObject(choice)) return { ok: true, use: { tools: callable, mode: "auto", ...common } };
  const named = callable.filter(({ name }) => name === choice["name"]);
  if (named.length === 0) return { ok: false, error: noSuchFunction("function_call", "functions", choice["name"]) };
  return { ok: true, use: { tools: named, mode: "named", ...common } };
}

function toolsProblem(tools: unknown, form: ToolForm, callable: CallableTool[]): ApiError | undefined {
  if (!Array.isArray(tools)) return invalidType("tools", "an array of objects", tools);
  if (tools.length === 0) return emptyArray("tools");
  if (tools.length > toolsMax) return arrayTooLong("tools", toolsMax, tools.length);
  for (const [index, tool] of tools.entries()) {
    const error = readTool(tool, `tools[${index}]`, form, callable);
    if (error !== undefined) return error;
  }
  return undefined;
}

function readTool(tool: unknown, path: string, form: ToolForm, callable: CallableTool[]): ApiError | undefined {
  if (!isObject(tool)) return invalidType(path, "an object", tool);
  const { type } = tool;
  if (isAbsent(type)) return missingParameter(`${path}.type`);
  if (typeof type !== "string" || !form.types.includes(type)) return invalidValue(`${path}.type`, type, form.types);
  if (type !== "function" && type !== "custom") return undefined;
  const inner = form.nested ? tool[type] : tool;
  const at = form.nested ? `${path}.${type}` : path;
  if (isAbsent(inner)) return missingParameter(at);
  if (type === "function") return readFunction(inner, at, callable);
  if (!isObject(inner)) return invalidType(at, "an object", inner);
  return nameProblem(inner, at) ?? taken(callable, { kind: "custom", name: String(inner["name"]) });
}

function readFunction(written: unknown, path: string, callable: CallableTool[]): ApiError | undefined {
  if (!isObject(written)) return invalidType(path, "an object", written);
  const error = nameProblem(written, path) ?? checkBoolean(written, "strict", `${path}.strict`);
  if (error !== undefined) return error;
  const name = String(written["name"]);
  const { parameters } = written;
  if (!isAbsent(parameters)) {
    if (!isObject(parameters)) return invalidType(`${path}.parameters`, "an object", parameters);
    const problem = schemaProblem(parameters, written["strict"] === true);
    if (problem !== undefined) {
      const message = `Invalid schema for function '${name}': ${problem}`;
      return invalidRequest(message, `${path}.parameters`, "invalid_function_parameters");
    }
  }
  const schema = { type: "object", properties: {}, ...(isObject(parameters) ? parameters : {}) };
  return taken(callable, { kind: "function", name, schema });
}

function taken(callable: CallableTool[], tool: CallableTool): undefined {
  callable.push(tool);
  return undefined;
}

function nameProblem({ name }: Fields, path: string): ApiError | undefined {
  if (isAbsent(name)) return missingParameter(`${path}.name`);
  if (typeof name !== "string") return invalidType(`${path}.name`, "a string", name);
  if (name.length > nameCharactersMax) {
    const message = `Invalid '${path}.name': string too long. Expected a string with maximum length ${nameCharactersMax}, but got a string with length ${name.length} instead.`;
    return invalidRequest(message, `${path}.name`, "string_above_max_length");
  }
  if (namePattern.test(name)) return undefined;
  const message = `Invalid '${path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
  return invalidRequest(message, `${path}.name`, "invalid_value");
}

/** What a choice leaves of the tools. */
function chosen(
  choice: unknown,
  callable: readonly CallableTool[],
  form: ToolForm,
  { parallel, answered }: { readonly parallel: boolean; readonly answered: boolean },
): ToolsRead {
  const use = (tools: readonly CallableTool[], mode: ToolUse["mode"]): ToolsRead =>
    tools.length === 0 || (mode === "auto" && answered)
      ? { ok: true, use: undefined }
      : { ok: true, use: { tools, mode, parallel, legacy: false } };
  if (isAbsent(choice) || choice === "auto") return use(callable, "auto");
  if (choice === "none") return { ok: true, use: undefined };
  if (choice === "required") return use(callable, "required");
  if (typeof choice === "string") return { ok: false, error: invalidValue("tool_choice", choice, choices) };
  if (!isObject(choice)) return { ok: false, error: invalidType("tool_choice", "one of a string or object", choice) };
  const { type } = choice;
  if (type === "allowed_tools") return allowedTools(choice, callable, form, use);
  if (type !== "function" && type !== "custom") {
    // A tool of the service's own: it would run there, and text is what follows.
    if (typeof type === "string" && form.types.includes(type)) return { ok: true, use: undefined };
    return isAbsent(type)
      ? { ok: false, error: missingParameter("tool_choice.type") }
      : { ok: false, error: invalidValue("tool_choice.type", type, form.types) };
  }
  const name = nameIn(choice, form);
  if (typeof name !== "string") {
    return { ok: false, error: missingParameter(form.nested ? `tool_choice.${type}` : "tool_choice.name") };
  }
  const named = callable.filter((tool) => tool.kind === type && tool.name === name);
  return named.length === 0 ? { ok: false, error: noSuchFunction("tool_choice", "tools", name) } : use(named, "named");
}

const choices = ["none", "auto", "required"];

/** `allowed_tools`: a mode, and the tools that it is about (openai 7.55.0, ChatCompletionAllowedTools, ToolChoiceAllowed). */
function allowedTools(
  choice: Fields,
  callable: readonly CallableTool[],
  form: ToolForm,
  use: (tools: readonly CallableTool[], mode: ToolUse["mode"]) => ToolsRead,
): ToolsRead {
  const allowed = form.nested ? choice["allowed_tools"] : choice;
  if (!isObject(allowed)) return { ok: false, error: missingParameter("tool_choice.allowed_tools") };
  const names = (Array.isArray(allowed["tools"]) ? allowed["tools"] : []).map((tool) => nameIn(tool, form));
  const left = callable.filter(({ name }) => names.includes(name));
  return use(left, allowed["mode"] === "required" ? "required" : "auto");
}

function nameIn(tool: unknown, form: ToolForm): unknown {
  if (!isObject(tool)) return undefined;
  const inner = form.nested ? tool[String(tool["type"])] : tool;
  return isObject(inner) ? inner["name"] : undefined;
}

function onlyWithTools(parameter: string): ApiError {
  return onlyWith(parameter, "tools");
}

function onlyWith(parameter: string, needed: string): ApiError {
  const message = `Invalid value for '${parameter}': '${parameter}' is only allowed when '${needed}' are specified.`;
  return invalidRequest(message, parameter);
}

function noSuchFunction(parameter: string, list: string, name: unknown): ApiError {
  const message = `Invalid value for '${parameter}': no function named '${String(name).slice(0, 64)}' was specified in the '${list}' parameter.`;
  return invalidRequest(message, parameter);
}
