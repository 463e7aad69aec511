/**
 * Models that think before they answer: which they are, how much they think, and which parameters they refuse.
 *
 * A model thinks unless its effort is `none`; only then it takes `temperature`, `top_p` and `logprobs` (developers.openai.com,
 * guides/latest-model, "Parameter compatibility"). Texts: microsoft/vscode #255504, appatalks/eva-agent #83.
 */
import { isAbsent, type Fields } from "../json-fields.ts";
import type { RequestIdentity } from "../request-identity.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { invalidValue, listInWords } from "./parameters.ts";

/** Every effort of any model (openai 7.55.0, Shared.ReasoningEffort). */
const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * Part of an answer's tokens that is thought. What share models really take depends on the task; these are the shares of the
 * allowed tokens that OpenRouter sets aside per effort (openrouter.ai/docs, "Reasoning Tokens"). Assumed for `max`.
 */
const shareByEffort: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.95,
  max: 0.95,
};

interface ReasoningRules {
  readonly efforts: readonly string[];
  readonly byDefault: string;
}

/** By family, the first that matches (guides/reasoning and model pages; defaults of newer ones recalled). */
const families: readonly (readonly [RegExp, ReasoningRules])[] = [
  [/^o\d/, { efforts: ["low", "medium", "high"], byDefault: "medium" }],
  [/^gpt-5(?:-|$)/, { efforts: ["minimal", "low", "medium", "high"], byDefault: "medium" }],
  [/^gpt-5\.1/, { efforts: ["none", "low", "medium", "high"], byDefault: "none" }],
  [/^gpt-5\.[234]/, { efforts: ["none", "low", "medium", "high", "xhigh"], byDefault: "none" }],
  [/^gpt-5\./, { efforts: ["none", "low", "medium", "high", "xhigh"], byDefault: "medium" }],
  [/^gpt-6(?:[.-]|$)/, { efforts: ["none", "low", "medium", "high", "xhigh", "max"], byDefault: "medium" }],
];

/** Undefined for a model that does not think: `gpt-5-chat-latest`, too. */
function rulesOf(model: string): ReasoningRules | undefined {
  if (!anyFamily.test(model) || model.includes("-chat")) return undefined;
  return families.find(([name]) => name.test(model))?.[1];
}

/** Most models are of none, and every request asks. */
const anyFamily = /^(?:o\d|gpt-[5-9])/;

export function reasons(model: string): boolean {
  return rulesOf(model) !== undefined;
}

/** What a request says about thinking. */
export interface ReasoningAsk {
  readonly effort: string | undefined;
  /** Part of the answer that is thought if nobody says how long the answer is to be. */
  readonly share: number;
}

export function reasoningOf(model: string, effort: unknown): ReasoningAsk {
  const inForce = effortInForce(model, effort);
  return {
    effort: typeof effort === "string" ? effort : undefined,
    share: inForce === undefined ? 0 : (shareByEffort[inForce] ?? 0),
  };
}

/**
 * A marked request says how long the answer is, and the simulation that it is compared with knows of no thoughts: it gets some
 * only when it asks for an effort.
 */
export function thoughtShare({ effort, share }: ReasoningAsk, { marked }: RequestIdentity): number {
  return marked && effort === undefined ? 0 : share;
}

/** `path`: what the API calls the effort. `refuse`: how it refuses one of a model that does not think. */
export function effortProblem(
  model: string,
  effort: unknown,
  path: string,
  refuse: (path: string) => ApiError,
): ApiError | undefined {
  if (isAbsent(effort)) return undefined;
  if (typeof effort !== "string" || !efforts.includes(effort)) return invalidValue(path, effort, efforts);
  const rules = rulesOf(model);
  if (rules === undefined) return refuse(path);
  if (rules.efforts.includes(effort)) return undefined;
  const supported = listInWords(rules.efforts);
  const message = `Unsupported value: '${path}' does not support '${effort}' with this model. Supported values are: ${supported}.`;
  return invalidRequest(message, path, "unsupported_value");
}

export function unsupportedParameter(name: string, hint = ""): ApiError {
  const message = `Unsupported parameter: '${name}' is not supported with this model.${hint}`;
  return invalidRequest(message, name, "unsupported_parameter");
}

/** Refused beside their default while a model thinks. */
const onlyByDefault: Readonly<Record<string, number>> = {
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
};
/** Refused altogether. */
const notTaken = ["logprobs", "top_logprobs", "logit_bias", "stop"];

/** Parameters of sampling that a model that thinks has no use for. */
export function samplingProblem(model: string, effort: unknown, written: Fields): ApiError | undefined {
  const inForce = effortInForce(model, effort);
  if (inForce === undefined || inForce === "none") return undefined;
  for (const [name, byDefault] of Object.entries(onlyByDefault)) {
    const value = written[name];
    if (isAbsent(value) || value === byDefault) continue;
    if (name !== "temperature") return unsupportedParameter(name);
    const message = `Unsupported value: 'temperature' does not support ${JSON.stringify(value)} with this model. Only the default (1) value is supported.`;
    return invalidRequest(message, "temperature", "unsupported_value");
  }
  const refused = notTaken.find((name) => !isAbsent(written[name]) && written[name] !== false);
  return refused === undefined ? undefined : unsupportedParameter(refused);
}

function effortInForce(model: string, effort: unknown): string | undefined {
  const rules = rulesOf(model);
  return rules === undefined ? undefined : typeof effort === "string" ? effort : rules.byDefault;
}
