/**
 * Google's errors: the envelope of google.rpc.Status, its codes, and the texts of the Gemini API.
 *
 * Texts are the service's own, so that a client that searches them behaves as with the real one. Sources are bodies quoted in
 * public issues, named where they are used; "recalled" marks what no source at hand confirms.
 */
import type { Refusal } from "../../behavior/provider.ts";
import { geminiQuotaIds } from "../../behavior/quota/gemini.ts";
import { assertNever } from "../../core/invariant.ts";
import { formatGoDuration, type Ms, secondMs } from "../../core/time.ts";
import { asciiJson } from "../answer.ts";
import type { RefusedCall } from "../generation.ts";
import type { Violation } from "./proto-json.ts";

export interface GoogleError {
  /** HTTP status, repeated in the body as `code`. */
  readonly status: number;
  /** `INVALID_ARGUMENT`. */
  readonly code: string;
  readonly message: string;
  /** Each with its `@type`. */
  readonly details?: readonly object[];
}

/** Indented by two and ended by a line break, as the service does it. */
export function errorBody(error: GoogleError): string {
  return `${asciiJson(errorObject(error), 2)}\n`;
}

export function errorObject({ status, code, message, details }: GoogleError): object {
  return { error: { code: status, message, status: code, ...(details === undefined ? {} : { details }) } };
}

/** Google's codes by HTTP status (google.rpc.Code; ai.google.dev/gemini-api/docs/troubleshooting). */
const codes: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ABORTED",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** Statuses that Google gives no code of their own are those of proxies on the way. */
export function googleError(status: number, message: string, details?: readonly object[]): GoogleError {
  const code = codes[status] ?? (status < 500 ? "FAILED_PRECONDITION" : "INTERNAL");
  return { status, code, message, ...(details === undefined ? {} : { details }) };
}

/** The request itself is wrong. */
export function invalidArgument(message: string): GoogleError {
  return googleError(400, message);
}

/** A field of a request is wrong (egoist/chatwise-releases #250, ikechan8370/chatgpt-plugin #733): a list, though of one. */
export function invalidField(path: string, problem: string): GoogleError {
  return invalidArgument(`* GenerateContentRequest.${path}: ${problem}\n`);
}

/** MinLL/SkyrimNet-GamePlugin #77: all problems in one text, and each by itself. */
export function invalidPayload(violations: readonly Violation[]): GoogleError {
  const fieldViolations = violations.map(({ field, description }) =>
    field === undefined ? { description } : { field, description },
  );
  return googleError(400, violations.map(({ description }) => description).join("\n"), [
    { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations },
  ]);
}

/** Recalled. */
export const bodyNotJson: GoogleError = invalidArgument(
  "Invalid JSON payload received. Expected an object key or }.\n\n^",
);

/** Recalled. */
export const bodyTooDeep: GoogleError = invalidArgument(
  "Invalid JSON payload received. Message too deep. Max recursion depth reached for the message.",
);

/** Recalled; the front end answers 413 in HTML. */
export function bodyTooLarge(bytesMax: number): GoogleError {
  return { ...invalidArgument(`Request payload size exceeds the limit: ${bytesMax} bytes.`) };
}

/** The front end answers 404 in HTML for what no method serves; the envelope is Google's own for everything else. */
export const methodNotFound: GoogleError = googleError(404, "Method not found.");

/** PublicAffairs/openai-gemini #92. */
const noKey: GoogleError = googleError(
  403,
  "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of " +
    "API consumer identity to call this API.",
);

/** Public error texts; a wrong key is a wrong argument, not 401. */
const wrongKeyText = "API key not valid. Please pass a valid API key.";
const wrongKey: GoogleError = googleError(400, wrongKeyText, [
  {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: "API_KEY_INVALID",
    domain: "googleapis.com",
    metadata: { service: "generativelanguage.googleapis.com" },
  },
  { "@type": "type.googleapis.com/google.rpc.LocalizedMessage", locale: "en-US", message: wrongKeyText },
]);

export function unknownKey(apiKey: string): GoogleError {
  return apiKey === "" ? noKey : wrongKey;
}

/** `v1beta`, and `generateContent`; public error texts. */
export function unknownModel(model: string, version: string, method: string): GoogleError {
  return googleError(
    404,
    `models/${model} is not found for API version ${version}, or is not supported for ${method}. Call ModelService.ListModels ` +
      "to see the list of available models and their supported methods.",
  );
}

/** google-gemini/gemini-cli #4118. */
export function promptTooLong(tokens: number, limit: number): GoogleError {
  return invalidArgument(`The input token count (${tokens}) exceeds the maximum number of tokens allowed (${limit}).`);
}

/** What was asked of the service, beside what the behavior knows. */
export interface AskedMethod {
  readonly version: string;
  readonly method: string;
}

/** What a refusal of the behavior looks like to a client. */
export function refusalError(
  refusal: Refusal,
  who: Pick<RefusedCall, "apiKey" | "model">,
  { version, method }: AskedMethod,
  toWallMs: (ms: Ms) => number,
): GoogleError {
  switch (refusal.kind) {
    case "rate-limit":
      return quotaExceeded(quotaIdOf(refusal), refusal.limit, who.model, toWallMs(refusal.retryAfterMs));
    case "request-too-large":
      return quotaExceeded(quotaIdOf({ ...refusal, dimension: "inputTokens" }), refusal.limit, who.model, undefined);
    case "insufficient-quota":
      return spendingCapReached;
    case "unknown-key":
      return unknownKey(who.apiKey);
    case "unknown-model":
      return unknownModel(who.model, version, method);
    case "blocked-prompt":
      return invalidArgument("The prompt was blocked by a content filter.");
    case "context-length":
      return promptTooLong(refusal.requested, refusal.limit);
    case "fault":
      return faultError(
        refusal.status,
        refusal.retryAfterMs === undefined ? undefined : toWallMs(refusal.retryAfterMs),
      );
    default:
      return assertNever(refusal);
  }
}

/** Labels of limits are Google's ids; a key's limits may be labelled in words, which stand for the limits per minute. */
function quotaIdOf({
  label,
  dimension,
}: Pick<Extract<Refusal, { kind: "rate-limit" }>, "label" | "dimension">): string {
  if (/^[\w-]+$/.test(label)) return label;
  return dimension === "requests" ? geminiQuotaIds.requestsPerMinute : geminiQuotaIds.inputTokensPerMinute;
}

/** Metrics of the paid tiers, as refusals pair them with ids (continuedev/continue #10921; public error texts). */
function metricOf(quotaId: string): string {
  const name = quotaId.includes("Tokens")
    ? "generate_content_paid_tier_input_token_count"
    : quotaId.includes("PerDay")
      ? "generate_requests_per_model_per_day"
      : "generate_requests_per_model";
  return `generativelanguage.googleapis.com/${name}`;
}

/**
 * continuedev/continue #10921, in every part. The delay is rounded up to whole seconds, where the service cuts off: whoever
 * waits for it then gets in. A call that no waiting helps gets no delay.
 */
function quotaExceeded(quotaId: string, limit: number, model: string, retryAfterMs: Ms | undefined): GoogleError {
  const quotaMetric = metricOf(quotaId);
  const violation = { quotaMetric, quotaId, quotaDimensions: { location: "global", model }, quotaValue: String(limit) };
  const message =
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: " +
    "https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. \n" +
    `* Quota exceeded for metric: ${quotaMetric}, limit: ${limit}, model: ${model}`;
  const help = {
    "@type": "type.googleapis.com/google.rpc.Help",
    links: [
      { description: "Learn more about Gemini API quotas", url: "https://ai.google.dev/gemini-api/docs/rate-limits" },
    ],
  };
  const failure = { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] };
  if (retryAfterMs === undefined) return googleError(429, message, [help, failure]);
  return googleError(429, `${message}\nPlease retry in ${formatGoDuration(retryAfterMs)}.`, [
    help,
    failure,
    retryInfo(retryAfterMs),
  ]);
}

function retryInfo(retryAfterMs: Ms): object {
  return {
    "@type": "type.googleapis.com/google.rpc.RetryInfo",
    retryDelay: `${Math.max(1, Math.ceil(retryAfterMs / secondMs))}s`,
  };
}

/** Recalled. Not worth a retry. */
const spendingCapReached: GoogleError = googleError(
  429,
  "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend cap.",
);

/** Texts of faults by status: public error texts (503: "The model is overloaded", 429 without details: googleapis/python-genai #2065). */
const faultTexts: Readonly<Record<number, string>> = {
  429: "Resource has been exhausted (e.g. check quota).",
  500: "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  503: "The model is overloaded. Please try again later.",
  504: "Deadline expired before operation could complete.",
};

/** A fault that answers with a status. */
export function faultError(status: number, retryAfterMs: Ms | undefined): GoogleError {
  const details = retryAfterMs === undefined ? undefined : [retryInfo(retryAfterMs)];
  return googleError(status, faultTexts[status] ?? `The request failed with status ${status}.`, details);
}
