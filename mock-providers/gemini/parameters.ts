/**
 * What the service refuses in a request whose every field is of the right kind.
 *
 * The Gemini API and Vertex AI check the same, but word some of it differently: `Wording`. Texts without a source are recalled.
 */
import { isObject, type Fields } from "../json-fields.ts";
import type { GoogleError } from "./errors.ts";
import { invalidArgument, invalidField } from "./errors.ts";
import { thinkingBudgetsOf } from "./models.ts";

/** What one of the two services says of a number that is out of range, and whether it caps long answers by itself. */
export interface Wording {
  /** `low` and `high` inclusive. */
  readonly outOfRange: (field: RangedField, value: number, low: number, high: number) => GoogleError;
  /** Whether as many output tokens as the model's limit, or more, are refused; otherwise they are cut down to it. */
  readonly refusesLongAnswers: boolean;
}

export type RangedField =
  | "temperature"
  | "topP"
  | "candidateCount"
  | "maxOutputTokens"
  | "presencePenalty"
  | "frequencyPenalty";

/** Bounds of the API reference (GenerationConfig). The most candidates: "from 1 to 8". */
const candidatesMax = 8;
const stopsMax = 5;

export const geminiWording: Wording = {
  outOfRange: (field, _value, low, high) => {
    const name = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const shown = field === "candidateCount" ? String : decimal;
    const range =
      field === "maxOutputTokens" ? "must be positive." : `must be in the range [${shown(low)}, ${shown(high)}].`;
    return invalidField(`generation_config.${name}`, `${name} ${range}`);
  },
  refusesLongAnswers: false,
};

/** `2.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** The first thing wrong with the generation config. */
export function configProblem(
  config: Fields,
  model: string,
  outputTokensMax: number,
  wording: Wording,
): GoogleError | undefined {
  const within = (field: RangedField, low: number, high: number): GoogleError | undefined => {
    const value = config[field];
    return typeof value !== "number" || (value >= low && value <= high)
      ? undefined
      : wording.outOfRange(field, value, low, high);
  };
  const longest = wording.refusesLongAnswers ? outputTokensMax - 1 : Number.POSITIVE_INFINITY;
  return (
    within("temperature", 0, 2) ??
    within("topP", 0, 1) ??
    within("presencePenalty", -2, 2) ??
    within("frequencyPenalty", -2, 2) ??
    within("candidateCount", 1, candidatesMax) ??
    within("maxOutputTokens", 1, longest) ??
    stopProblem(config["stopSequences"]) ??
    responseTypeProblem(config) ??
    thinkingProblem(config["thinkingConfig"], model)
  );
}

function stopProblem(stops: unknown): GoogleError | undefined {
  if (!Array.isArray(stops) || stops.length <= stopsMax) return undefined;
  return invalidField("generation_config.stop_sequences", `at most ${stopsMax} stop sequences are allowed.`);
}

/** Types of answers (API reference, GenerationConfig.responseMimeType). */
const mimeTypes = ["text/plain", "application/json", "text/x.enum"];

function responseTypeProblem({
  responseMimeType,
  responseSchema,
  responseJsonSchema,
}: Fields): GoogleError | undefined {
  const type = responseMimeType ?? "text/plain";
  if (typeof type === "string" && !mimeTypes.includes(type)) {
    return invalidField(
      "generation_config.response_mime_type",
      "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, `application/yaml` and `text/x.enum`.",
    );
  }
  if (responseSchema !== undefined && responseJsonSchema !== undefined) {
    return invalidField("generation_config", "response_schema and response_json_schema must not be set both.");
  }
  if ((responseSchema === undefined && responseJsonSchema === undefined) || type !== "text/plain") return undefined;
  const name = responseSchema === undefined ? "response_json_schema" : "response_schema";
  return invalidField(
    `generation_config.${name}`,
    "only allowed when response_mime_type is `application/json` or `text/x.enum`.",
  );
}

function thinkingProblem(config: unknown, model: string): GoogleError | undefined {
  if (!isObject(config)) return undefined;
  const { thinkingBudget: budget, thinkingLevel: level } = config;
  const budgets = thinkingBudgetsOf(model);
  if (budget !== undefined && level !== undefined) {
    return invalidArgument("You can only set only one of thinking budget and thinking level.");
  }
  if (budgets === undefined || typeof budget !== "number" || budget === -1) return undefined;
  if (budget === 0) {
    return budgets.mayBeOff
      ? undefined
      : invalidArgument("Budget 0 is invalid. This model only works in thinking mode.");
  }
  if (budget >= budgets.least && budget <= budgets.most) return undefined;
  return invalidArgument(
    `The thinking budget ${budget} is invalid. Please choose a value between ${budgets.least} and ${budgets.most}.`,
  );
}

/** Who sends no role is the user; `function` is what older clients call function responses. */
const roles: ReadonlySet<string> = new Set(["", "user", "model", "function"]);

/** The first thing wrong with the turns of a conversation. */
export function contentsProblem(contents: readonly Fields[]): GoogleError | undefined {
  if (contents.length === 0) return invalidField("contents", "contents is not specified");
  let calls = 0;
  for (const [index, turn] of contents.entries()) {
    const { role } = turn;
    const parts = partsOf(turn);
    if (parts.length === 0) return invalidField(`contents[${index}].parts`, "contents.parts must not be empty.");
    // songquanpeng/one-api #1385.
    if (typeof role === "string" && !roles.has(role)) {
      return invalidArgument("Please use a valid role: user, model.");
    }
    const empty = parts.findIndex((part) => Object.keys(part).every((name) => !partKinds.has(name)));
    if (empty !== -1) {
      const path = `contents[${index}].parts[${empty}].data`;
      return invalidField(path, "required oneof field 'data' must have one initialized field");
    }
    const answered = parts.filter((part) => part["functionResponse"] !== undefined).length;
    if (answered !== calls && (answered > 0 || calls > 0)) return unansweredCalls;
    calls = parts.filter((part) => part["functionCall"] !== undefined).length;
    if (calls > 0 && role !== "model") return misplacedCall;
    if (calls > 0 && index === 0) return misplacedCall;
  }
  return undefined;
}

/** Public error texts. */
const unansweredCalls: GoogleError = invalidArgument(
  "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
);
const misplacedCall: GoogleError = invalidArgument(
  "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
);

/** Of what a part may be; whatever else it has says something about it. */
const partKinds: ReadonlySet<string> = new Set([
  "text",
  "inlineData",
  "fileData",
  "functionCall",
  "functionResponse",
  "executableCode",
  "codeExecutionResult",
  "toolCall",
  "toolResponse",
  "audioTranscription",
]);

export function partsOf(turn: Fields): readonly Fields[] {
  const { parts } = turn;
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}
