/**
 * Reading a messages request, and refusing what the real service refuses, in its words.
 *
 * By hand rather than by schema: the service reports one problem at a time, with a text of its own per kind of problem.
 * Fields that do not matter to a mock pass unread; fields that nobody knows do not, unless a beta is asked for.
 */
import { isAbsent, isObject, parseObject, type Fields } from "../json-fields.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import { type ApiError, bodyNotJson, invalidRequest } from "./errors.ts";
import { readMessages, textProblem } from "./message-content.ts";
import { type ModelFacts, modelFacts } from "./models.ts";
import {
  checkBoolean,
  checkFraction,
  checkInteger,
  extraField,
  modelCharactersMax,
  notA,
  notOneOf,
  problemAt,
  required,
} from "./parameters.ts";
import { Prompt, type PromptBlock } from "./prompt.ts";
import type { Thread } from "./threads.ts";
import { type ClientTool, endsWithToolResult, readTools } from "./tools.ts";
import type { ApiVersion } from "./version.ts";

export interface MessageRequest extends GenerationRequest {
  readonly maxOutputTokens: number;
  readonly stopSequences: readonly string[];
  readonly thinking: Thinking | undefined;
  /** Tools that the answer may call; none: it says something. */
  readonly callableTools: readonly ClientTool[];
  /** Whether it may call several at once. */
  readonly parallelCalls: boolean;
  /** JSON Schema of the answer's text. */
  readonly outputSchema: Fields | undefined;
  /** The prompt in the order in which prefixes are cached. */
  readonly blocks: readonly PromptBlock[];
  /** The conversation, where the service is to hold it. */
  readonly thread?: Thread;
}

export interface Thinking {
  /** Most tokens to think with; infinite when the model decides. */
  readonly budgetTokens: number;
  /** Whether the text of the thoughts is sent. */
  readonly shown: boolean;
}

/** What a request is read with. */
export interface ReadingRules {
  readonly version: ApiVersion;
  /** Unknown fields may belong to a beta that the request names. */
  readonly beta: boolean;
  /** `max_tokens` is required of a message, and unknown to a count of tokens. */
  readonly endpoint: "messages" | "count_tokens";
}

const sampling = ["temperature", "top_p", "top_k"];

const fieldsOfBoth = [
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
  ...sampling,
];

/** Fields that the endpoints know (@anthropic-ai/sdk 1.11.0, resources/messages), with the sampling parameters of old. */
const knownFields: Readonly<Record<ReadingRules["endpoint"], ReadonlySet<string>>> = {
  messages: new Set([
    ...fieldsOfBoth,
    "max_tokens",
    "stop_sequences",
    "stream",
    "metadata",
    "service_tier",
    "speed",
    "container",
    "inference_geo",
    "diagnostics",
  ]),
  count_tokens: new Set([...fieldsOfBoth, "speed"]),
};

export function parseMessageRequest(body: string, rules: ReadingRules): Parsed<MessageRequest, ApiError> {
  const written = parseObject(body);
  return written === undefined ? { ok: false, error: bodyNotJson } : readMessageRequest(written, rules);
}

/** As `parseMessageRequest`, from the fields of a body. */
export function readMessageRequest(written: Fields, rules: ReadingRules): Parsed<MessageRequest, ApiError> {
  const prompt = new Prompt();
  const model = typeof written["model"] === "string" ? modelFacts(written["model"]) : undefined;
  const early = fieldProblem(written, rules, model);
  if (early !== undefined) return { ok: false, error: early };
  const tools = readTools(written, prompt);
  if (!tools.ok) return tools;
  const error =
    readSystem(written["system"], prompt) ??
    readMessages(written["messages"], { version: rules.version, model }, prompt) ??
    prompt.cacheAll(written["cache_control"]) ??
    thinkingProblem(written, tools.forced);
  if (error !== undefined) return { ok: false, error };
  const texts = prompt.texts();
  return {
    ok: true,
    request: {
      ...settingsOf(written),
      callableTools: tools.forced || !endsWithToolResult(written["messages"]) ? tools.callable : [],
      parallelCalls: tools.parallel,
      texts,
      formatTokens: prompt.totalFormatTokens(),
      characters: texts.reduce((sum, text) => sum + text.length, 0),
      blocks: prompt.blocks(),
    },
  };
}

/** The first thing wrong with anything but tools, system prompt and messages. */
function fieldProblem(written: Fields, rules: ReadingRules, known: ModelFacts | undefined): ApiError | undefined {
  const { model, messages, max_tokens: cap } = written;
  if (isAbsent(model)) return required("model");
  if (typeof model !== "string") return notA("string", "model");
  if (isAbsent(messages)) return required("messages");
  if (rules.endpoint === "messages" && isAbsent(cap)) return required("max_tokens");
  return (
    (rules.beta ? undefined : extraField(written, knownFields[rules.endpoint])) ??
    samplingProblem(written, rules.version, known) ??
    checkInteger(cap, "max_tokens", 1) ??
    capProblem(cap, known) ??
    checkBoolean(written, "stream") ??
    stopProblem(written["stop_sequences"]) ??
    outputProblem(written["output_config"]) ??
    metadataProblem(written["metadata"]) ??
    wordProblem(written["service_tier"], "service_tier", serviceTiers) ??
    wordProblem(written["speed"], "speed", speeds)
  );
}

function samplingProblem(written: Fields, version: ApiVersion, model: ModelFacts | undefined): ApiError | undefined {
  const given = sampling.find((name) => !isAbsent(written[name]));
  if (given === undefined) return undefined;
  // Refused even at default values (codersera.com, "Anthropic API Version 2026-10-21"); text assumed.
  if (version !== "2023-06-01") return problemAt(given, "Extra inputs are not permitted");
  // conselara.dev/notes/opus-4-8-temperature-deprecated.
  if (model?.sampling === false) return invalidRequest(`\`${given}\` is deprecated for this model.`);
  return (
    checkFraction(written, "temperature") ??
    checkFraction(written, "top_p") ??
    checkInteger(written["top_k"], "top_k", 0)
  );
}

/** anthropics/claude-code #24451. */
function capProblem(cap: unknown, model: ModelFacts | undefined): ApiError | undefined {
  if (model === undefined || typeof cap !== "number" || cap <= model.maxOutputTokens) return undefined;
  const most = `${model.maxOutputTokens}, which is the maximum allowed number of output tokens for ${model.snapshot}`;
  return problemAt("max_tokens", `${cap} > ${most}`);
}

function stopProblem(stops: unknown): ApiError | undefined {
  if (isAbsent(stops)) return undefined;
  if (!Array.isArray(stops)) return notA("list", "stop_sequences");
  const index = stops.findIndex((text) => typeof text !== "string");
  if (index !== -1) return notA("string", `stop_sequences.${index}`);
  // Public error texts.
  return stops.some((text) => String(text).trim() === "")
    ? problemAt("stop_sequences", "each stop sequence must contain non-whitespace")
    : undefined;
}

function outputProblem(config: unknown): ApiError | undefined {
  if (isAbsent(config)) return undefined;
  if (!isObject(config)) return notA("dictionary", "output_config");
  const { format, effort } = config;
  const error = wordProblem(effort, "output_config.effort", efforts);
  if (error !== undefined || isAbsent(format)) return error;
  if (!isObject(format)) return notA("dictionary", "output_config.format");
  if (format["type"] !== "json_schema") return problemAt("output_config.format.type", "Input should be 'json_schema'");
  return isObject(format["schema"]) ? undefined : required("output_config.format.schema");
}

/** Recalled. */
function metadataProblem(metadata: unknown): ApiError | undefined {
  if (isAbsent(metadata)) return undefined;
  if (!isObject(metadata)) return notA("dictionary", "metadata");
  const user = metadata["user_id"];
  return isAbsent(user) || typeof user === "string" ? undefined : notA("string", "metadata.user_id");
}

/** @anthropic-ai/sdk 1.11.0, MessageCreateParamsBase, OutputConfig and ThinkingConfigEnabled. */
const serviceTiers = ["auto", "standard_only"];
const speeds = ["standard", "fast"];
const efforts = ["low", "medium", "high", "xhigh", "max"];
const displays = ["summarized", "omitted"];

function wordProblem(word: unknown, path: string, allowed: readonly string[]): ApiError | undefined {
  return isAbsent(word) || (typeof word === "string" && allowed.includes(word)) ? undefined : notOneOf(path, allowed);
}

function readSystem(system: unknown, prompt: Prompt): ApiError | undefined {
  if (isAbsent(system) || system === "") return undefined;
  if (typeof system === "string") return prompt.add(prompt.systemBlocks, system, 0, {}, "system");
  if (!Array.isArray(system)) return problemAt("system", "Input should be a valid string or list");
  for (const [index, block] of system.entries()) {
    const path = `system.${index}`;
    if (!isObject(block)) return notA("dictionary", path);
    const { type, text } = block;
    if (type !== "text") return problemAt(`${path}.type`, "Input should be 'text'");
    const error = textProblem(text, `${path}.text`) ?? prompt.add(prompt.systemBlocks, String(text), 0, block, path);
    if (error !== undefined) return error;
  }
  return undefined;
}

const thinkingTypes = ["adaptive", "between_tools", "disabled", "enabled"];
/** Least budget (extended thinking guide). */
const thinkingTokensMin = 1_024;

function thinkingProblem(written: Fields, forced: boolean): ApiError | undefined {
  const { thinking, max_tokens: cap } = written;
  if (isAbsent(thinking)) return undefined;
  if (!isObject(thinking)) return notA("dictionary", "thinking");
  const { type, budget_tokens: budget, display } = thinking;
  if (typeof type !== "string" || !thinkingTypes.includes(type)) return notOneOf("thinking.type", thinkingTypes);
  const unknown = wordProblem(display, `thinking.${type}.display`, displays);
  if (unknown !== undefined) return unknown;
  if (type === "disabled") return undefined;
  // Public error texts.
  if (forced) return invalidRequest("Thinking may not be enabled when tool_choice forces tool use.");
  if (type !== "enabled") return undefined;
  if (isAbsent(budget)) return required("thinking.enabled.budget_tokens");
  const error = checkInteger(budget, "thinking.enabled.budget_tokens", thinkingTokensMin);
  if (error !== undefined) return error;
  // ProfSynapse/nexus #17.
  return typeof budget === "number" && typeof cap === "number" && cap <= budget
    ? invalidRequest(
        "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at " +
          "https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
      )
    : undefined;
}

type Settings = Pick<
  MessageRequest,
  "model" | "stream" | "maxOutputTokens" | "stopSequences" | "thinking" | "outputSchema"
>;

function settingsOf(written: Fields): Settings {
  const { model, stream, max_tokens: cap, stop_sequences: stops, output_config: config } = written;
  const format = isObject(config) && isObject(config["format"]) ? config["format"] : {};
  return {
    model: String(model).slice(0, modelCharactersMax),
    stream: stream === true,
    maxOutputTokens: typeof cap === "number" ? cap : 0,
    stopSequences: Array.isArray(stops) ? stops.map(String) : [],
    thinking: thinkingOf(written["thinking"]),
    outputSchema: isObject(format["schema"]) ? format["schema"] : undefined,
  };
}

function thinkingOf(thinking: unknown): Thinking | undefined {
  if (!isObject(thinking)) return undefined;
  const { type, budget_tokens: budget, display } = thinking;
  if (type !== "enabled" && type !== "adaptive") return undefined;
  const budgetTokens = typeof budget === "number" ? budget : Number.POSITIVE_INFINITY;
  return { budgetTokens, shown: display !== "omitted" };
}
