/** Reading a request to generate content, and refusing what the real service refuses, in its words. */
import { isObject, type Fields } from "../json-fields.ts";
import type { Capacity } from "../../behavior/provider.ts";
import type { GenerationRequest, Parsed } from "../generation.ts";
import type { CachedPrompt } from "./cached-contents.ts";
import { bodyNotJson, bodyTooDeep, type GoogleError, invalidArgument, invalidPayload } from "./errors.ts";
import { generateContentFields } from "./proto-messages.ts";
import { outputTokenLimitOf, thinkingBudgetsOf } from "./models.ts";
import { isWithinDepth, type Message, readMessage } from "./proto-json.ts";
import { configProblem, contentsProblem, partsOf, type Wording } from "./parameters.ts";

export interface ContentRequest extends GenerationRequest {
  /** Per candidate, thoughts included; undefined when not sent. */
  readonly maxOutputTokens: number | undefined;
  readonly candidates: number;
  readonly stopSequences: readonly string[];
  /** undefined: it does not think. */
  readonly thinking: Thinking | undefined;
  /** Functions that the answer may call; none: it says something. */
  readonly callableFunctions: readonly FunctionDeclaration[];
  readonly output: Output;
  readonly capacity: Capacity | undefined;
  /** The texts of the prompt in the order in which the model reads them: what is cached is a beginning of these. */
  readonly ordered: readonly string[];
  /** Tokens of the cached content that it names; undefined: it names none. */
  readonly cachedContentTokens: number | undefined;
}

export interface Thinking {
  /** Tokens that it may think at most; undefined: as many as it likes. */
  readonly budgetTokens: number | undefined;
  /** Whether the answer shows thoughts. */
  readonly shown: boolean;
}

export interface FunctionDeclaration {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly schema: unknown;
}

/** What the text of an answer is. `enum`: one of the schema's values, without quotes. */
export type Output =
  | { readonly kind: "words" }
  | { readonly kind: "json" | "enum"; /** JSON Schema; undefined: any JSON. */ readonly schema: unknown };

/** What reading needs to know beside the body. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly wording: Wording;
  readonly capacity: Capacity | undefined;
  /** What was sent ahead under that name. */
  readonly cachedPrompt: (name: string) => Parsed<CachedPrompt, GoogleError>;
}

export function parseContentRequest(body: string, asked: Asked): Parsed<ContentRequest, GoogleError> {
  const read = parseBody(body, generateContentFields);
  if (!read.ok) return read;
  const { request: fields } = read;
  const contents = listOf(fields["contents"]);
  const config = objectOf(fields["generationConfig"]);
  const error =
    contentsProblem(contents) ??
    configProblem(config, asked.model, outputTokenLimitOf(asked.model), asked.wording) ??
    functionsProblem(fields);
  if (error !== undefined) return { ok: false, error };
  const { cachedContent: name } = fields;
  if (typeof name !== "string" || name === "") return { ok: true, request: requestOf(fields, asked) };
  const cached = asked.cachedPrompt(name);
  if (!cached.ok) return cached;
  const { tokens, contents: before, settings } = cached.request;
  if (cachedSettings.some((setting) => fields[setting] !== undefined)) return { ok: false, error: settingsTwice };
  const own = requestOf({ ...fields, ...settings }, asked);
  const ahead = promptOf({ contents: before });
  return {
    ok: true,
    request: {
      ...own,
      texts: [...own.texts, ...ahead.texts],
      formatTokens: own.formatTokens + ahead.formatTokens,
      characters: own.characters + ahead.characters,
      cachedContentTokens: tokens,
    },
  };
}

/** What a request leaves to the cached content that it names. */
const cachedSettings = ["systemInstruction", "tools", "toolConfig"];

/** Public error texts. */
const settingsTwice = invalidArgument(
  "CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\nProposed fix: move " +
    "those values to CachedContent from GenerateContent request.",
);

/** A body as fields of a message. */
export function parseBody(body: string, message: Message): Parsed<Fields, GoogleError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  if (!isWithinDepth(written)) return { ok: false, error: bodyTooDeep };
  const read = readMessage(written, message);
  return read.ok ? { ok: true, request: read.fields } : { ok: false, error: invalidPayload(read.violations) };
}

/** The object that a body holds; undefined when it is not JSON or not an object. An empty body is an empty message. */
export function parseObject(body: string): Fields | undefined {
  if (body.trim() === "") return {};
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function requestOf(fields: Fields, { model, stream, capacity }: Asked): ContentRequest {
  const config = objectOf(fields["generationConfig"]);
  const { candidateCount, maxOutputTokens, stopSequences } = config;
  const limit = outputTokenLimitOf(model);
  return {
    model,
    stream,
    ...promptOf(fields),
    maxOutputTokens: typeof maxOutputTokens === "number" ? Math.min(maxOutputTokens, limit) : undefined,
    candidates: typeof candidateCount === "number" ? candidateCount : 1,
    stopSequences: stringsOf(stopSequences).filter((sequence) => sequence !== ""),
    thinking: thinkingOf(objectOf(config["thinkingConfig"]), model),
    callableFunctions: callableFunctionsOf(fields),
    output: outputOf(config),
    capacity,
    ordered: orderedTexts(fields),
    cachedContentTokens: undefined,
  };
}

/** A picture counts 258 tokens up to 384 pixels (ai.google.dev/gemini-api/docs/tokens); so does any other medium here. */
const tokensPerMedium = 258;

/** The text of a prompt: the user's first, where a marker stands, then the rest. */
export function promptOf(fields: Fields): Pick<GenerationRequest, "texts" | "formatTokens" | "characters"> {
  const turns = [...listOf(fields["contents"]), objectOf(fields["content"]), objectOf(fields["systemInstruction"])];
  const parts = turns.flatMap(partsOf);
  const texts = parts.flatMap(textsOf);
  for (const tool of listOf(fields["tools"])) texts.push(JSON.stringify(tool));
  const media = parts.filter((part) => part["inlineData"] !== undefined || part["fileData"] !== undefined).length;
  return {
    texts,
    formatTokens: media * tokensPerMedium,
    characters: texts.reduce((sum, text) => sum + text.length, 0),
  };
}

/** Instructions and tools before the conversation. */
function orderedTexts(fields: Fields): readonly string[] {
  const { texts } = promptOf({ contents: fields["contents"] });
  return [...promptOf({ ...fields, contents: [] }).texts, ...texts];
}

function textsOf({ text, functionCall, functionResponse }: Fields): readonly string[] {
  const texts = typeof text === "string" ? [text] : [];
  for (const said of [functionCall, functionResponse]) if (said !== undefined) texts.push(JSON.stringify(said));
  return texts;
}

/** Of the budget, what a level stands for; levels have no published numbers, so these shares are assumed. */
const levelShares: Readonly<Record<string, number>> = { MINIMAL: 0.02, LOW: 0.1, MEDIUM: 0.4 };

/**
 * The mock thinks only when a request says so: the latency profiles are those of models that do not. A model that cannot
 * do without thinks at its least, unless told otherwise.
 */
function thinkingOf(
  { thinkingBudget: budget, thinkingLevel: level, includeThoughts }: Fields,
  model: string,
): Thinking | undefined {
  const shown = includeThoughts === true;
  const budgets = thinkingBudgetsOf(model);
  if (budget === 0) return undefined;
  if (typeof budget === "number" && budget > 0) return { budgetTokens: budget, shown };
  const share = typeof level === "string" ? levelShares[level] : undefined;
  if (share !== undefined) return { budgetTokens: Math.ceil((budgets?.most ?? 24_576) * share), shown };
  if (budget === -1 || level === "HIGH" || shown) return { budgetTokens: budgets?.most, shown };
  return budgets?.mayBeOff === false ? { budgetTokens: budgets.least, shown } : undefined;
}

function outputOf({ responseMimeType: type, responseSchema, responseJsonSchema }: Fields): Output {
  if (type !== "application/json" && type !== "text/x.enum") return { kind: "words" };
  const schema = responseSchema === undefined ? responseJsonSchema : jsonSchemaOf(responseSchema);
  return { kind: type === "text/x.enum" ? "enum" : "json", schema };
}

/** Google's schema is OpenAPI's: types in capitals, `nullable`, numbers written as text. */
export function jsonSchemaOf(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const { type, items, properties, anyOf, ...others } = schema;
  return {
    ...others,
    ...(typeof type === "string" ? { type: type.toLowerCase() } : {}),
    ...(items === undefined ? {} : { items: jsonSchemaOf(items) }),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(jsonSchemaOf) } : {}),
    ...(isObject(properties) ? { properties: mapped(properties, jsonSchemaOf) } : {}),
  };
}

function mapped(fields: Fields, change: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)]));
}

function declarationsOf(fields: Fields): readonly Fields[] {
  return listOf(fields["tools"]).flatMap((tool) => listOf(tool["functionDeclarations"]));
}

function callingConfigOf(fields: Fields): Fields {
  return objectOf(objectOf(fields["toolConfig"])["functionCallingConfig"]);
}

/**
 * Functions that the answer may call. A mock has nothing to decide, so it does what a client of tools wants to see: it calls one or two
 * where calls are allowed, and answers with text once the last turn is the result of a call, unless the mode forces a call.
 */
function callableFunctionsOf(fields: Fields): readonly FunctionDeclaration[] {
  const { mode, allowedFunctionNames } = callingConfigOf(fields);
  if (mode === "NONE" || (mode !== "ANY" && endsWithFunctionResponse(fields))) return [];
  const allowed = stringsOf(allowedFunctionNames);
  return declarationsOf(fields)
    .map(({ name, parameters, parametersJsonSchema }) => ({
      name: String(name),
      schema: (parameters === undefined ? parametersJsonSchema : jsonSchemaOf(parameters)) ?? { type: "object" },
    }))
    .filter(({ name }) => allowed.length === 0 || allowed.includes(name));
}

function endsWithFunctionResponse(fields: Fields): boolean {
  return partsOf(listOf(fields["contents"]).at(-1) ?? {}).some((part) => part["functionResponse"] !== undefined);
}

/** docs of FunctionDeclaration: "Must start with a letter or an underscore", at most 128 characters (@google/genai 3.1.0). */
const functionName = /^[A-Za-z_][\w.:-]{0,127}$/;

function functionsProblem(fields: Fields): GoogleError | undefined {
  // A name is a string or not there: the message says so.
  const names = declarationsOf(fields).map(({ name }) => (typeof name === "string" ? name : ""));
  const unnamed = names.findIndex((name) => !functionName.test(name));
  if (unnamed !== -1) {
    // Public error texts.
    return invalidArgument(
      `* GenerateContentRequest.tools[0].function_declarations[${unnamed}].name: Invalid function name. Must start with a letter or ` +
        "an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n",
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return invalidArgument(`Duplicate function declaration found: ${twice}`);
  const { mode, allowedFunctionNames } = callingConfigOf(fields);
  const allowed = stringsOf(allowedFunctionNames);
  if ((mode === "ANY" || allowed.length > 0) && names.length === 0) {
    return invalidArgument("Function calling config is set without function_declarations.");
  }
  if (allowed.length > 0 && mode !== "ANY" && mode !== "VALIDATED") {
    return invalidArgument("Allowed function names should only be set when function calling mode is ANY or VALIDATED.");
  }
  const stranger = allowed.find((name) => !names.includes(name));
  if (stranger === undefined) return undefined;
  return invalidArgument(
    `The function name ${stranger.slice(0, 128)} in allowed_function_names is not one of the function declarations.`,
  );
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function objectOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
