/**
 * Reading the tools of a Converse request and its choice among them (API reference, ToolConfiguration).
 *
 * Which tool is called when: as at Anthropic (`../anthropic/tools.ts`).
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { toolTokens } from "../anthropic/prompt.ts";
import type { ClientTool, ToolsRead as ToolsOfClaude } from "../anthropic/tools.ts";
import { type ApiError, modelError, validationError } from "./errors.ts";
import { notA, required, violated } from "./parameters.ts";
import type { Prompt } from "./prompt.ts";

export type ToolsRead =
  | Extract<ToolsOfClaude, { readonly ok: true }>
  | { readonly ok: false; readonly error: ApiError };

const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

export function readTools(config: unknown, prompt: Prompt): ToolsRead {
  if (isAbsent(config)) return { ok: true, callable: [], forced: false, parallel: true };
  if (!isObject(config)) return { ok: false, error: notA("json object", "toolConfig") };
  const { tools, toolChoice } = config;
  if (isAbsent(tools)) return { ok: false, error: required("toolConfig.tools") };
  if (!Array.isArray(tools)) return { ok: false, error: notA("list", "toolConfig.tools") };
  if (tools.length === 0) {
    return {
      ok: false,
      error: violated(tools, "toolConfig.tools", "Member must have length greater than or equal to 1"),
    };
  }
  const known: ClientTool[] = [];
  for (const [index, tool] of tools.entries()) {
    const error = readTool(tool, `toolConfig.tools.${index}`, known, prompt);
    if (error !== undefined) return { ok: false, error };
  }
  return readChoice(toolChoice, known, prompt);
}

function readTool(tool: unknown, path: string, known: ClientTool[], prompt: Prompt): ApiError | undefined {
  if (!isObject(tool)) return notA("json object", path);
  const { toolSpec, cachePoint } = tool;
  if (cachePoint !== undefined) return prompt.cachePoint(prompt.tools, cachePoint, `${path}.cachePoint`);
  // System tools run at the service; they are counted and never called.
  prompt.add(prompt.tools, JSON.stringify(tool));
  if (toolSpec === undefined) return undefined;
  if (!isObject(toolSpec)) return notA("json object", `${path}.toolSpec`);
  const { name, inputSchema } = toolSpec;
  if (isAbsent(name)) return required(`${path}.toolSpec.name`);
  if (typeof name !== "string" || !namePattern.test(name)) {
    const rule = "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+";
    return violated(name, `${path}.toolSpec.name`, rule);
  }
  const schema = isObject(inputSchema) ? inputSchema["json"] : undefined;
  if (isAbsent(schema)) return required(`${path}.toolSpec.inputSchema`);
  if (!isObject(schema)) return notA("json object", `${path}.toolSpec.inputSchema.json`);
  // Public error texts.
  if (schema["type"] !== "object") {
    return validationError(`The value at ${path}.toolSpec.inputSchema.json.type must be one of the following: object.`);
  }
  known.push({ name, inputSchema: schema });
  return undefined;
}

/** `{ auto: {} }`, `{ any: {} }` or `{ tool: { name } }`. */
function readChoice(choice: unknown, known: readonly ClientTool[], prompt: Prompt): ToolsRead {
  const { any, tool }: Fields = isObject(choice) ? choice : {};
  const free = isAbsent(any) && isAbsent(tool);
  prompt.formatTokens += free ? toolTokens.free : toolTokens.forced;
  if (free) return { ok: true, callable: known, forced: false, parallel: true };
  if (isAbsent(tool)) return { ok: true, callable: known, forced: true, parallel: true };
  const name = isObject(tool) ? tool["name"] : undefined;
  if (typeof name !== "string") return { ok: false, error: required("toolConfig.toolChoice.tool.name") };
  const named = known.find((one) => one.name === name);
  if (named !== undefined) return { ok: true, callable: [named], forced: true, parallel: true };
  const problem = `Tool '${name.slice(0, 64)}' not found in provided tools`;
  return { ok: false, error: validationError(modelError(problem)) };
}

/** Whether the last message answers a call. */
export function endsWithToolResult(messages: unknown): boolean {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  const content = isObject(last) ? last["content"] : undefined;
  return Array.isArray(content) && content.some((block: unknown) => isObject(block) && isObject(block["toolResult"]));
}
