/**
 * Anthropic's errors: envelope, statuses, types and texts.
 *
 * Statuses and types are those of the documentation (platform.claude.com/docs/en/api/errors); texts are the service's own,
 * from error bodies quoted in public issues, named where they are used. "Recalled" marks what no source at hand confirms.
 */
import type { Refusal } from "../../behavior/provider.ts";
import type { QuotaRefusal } from "../../behavior/quota/quota.ts";
import { assertNever } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";
import { asciiJson } from "../answer.ts";
import type { RefusedCall } from "../generation.ts";

export interface ApiError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** `error.details.error_code`, which the SDK reads into `errorCode` (@anthropic-ai/sdk 1.11.0, core/error.ts). */
  readonly code?: string;
  /** Wall time after which a retry makes sense. */
  readonly retryAfterMs?: Ms;
  /** Sent as `x-should-retry`, which overrides what the SDK makes of the status (@anthropic-ai/sdk 1.11.0, client.ts). */
  readonly shouldRetry: boolean;
}

export function errorBody({ type, message, code }: ApiError, requestId: string): string {
  const details = code === undefined ? {} : { details: { error_code: code } };
  return asciiJson({ type: "error", error: { type, message, ...details }, request_id: requestId });
}

/** The request itself is wrong. */
export function invalidRequest(message: string): ApiError {
  return { status: 400, type: "invalid_request_error", message, shouldRetry: false };
}

/** Recalled. */
export const bodyNotJson: ApiError = invalidRequest("The request body is not valid JSON.");

/** 32 MB on messages (documentation of errors); text recalled. */
export const bodyTooLarge: ApiError = {
  status: 413,
  type: "request_too_large",
  message: "Request exceeds the maximum allowed number of bytes.",
  shouldRetry: false,
};

/** Recalled. */
export const unknownUrl: ApiError = { status: 404, type: "not_found_error", message: "Not Found", shouldRetry: false };

/** Recalled. */
export const methodNotAllowed: ApiError = { ...invalidRequest("Method Not Allowed"), status: 405 };

/** Pasta-Devs/Marinara-Engine #120. */
export const versionMissing: ApiError = invalidRequest("anthropic-version: header is required");

/** Recalled. */
export function versionUnknown(version: string): ApiError {
  return invalidRequest(`anthropic-version: "${version.slice(0, 32)}" is not a valid version`);
}

/** What a request sent to say who it is from. */
export type Credential = "none" | "x-api-key" | "bearer";

/** karthink/gptel #354; ITSpecialist111/ai_automation_suggester #153; that for a bearer token recalled. */
const credentialProblems: Readonly<Record<Credential, string>> = {
  none: "x-api-key header is required",
  "x-api-key": "invalid x-api-key",
  bearer: "Invalid bearer token",
};

export function unknownKey(credential: Credential): ApiError {
  return { status: 401, type: "authentication_error", message: credentialProblems[credential], shouldRetry: false };
}

/** The service names the model and nothing else (reference of the errors that SDK users report). */
export function unknownModel(model: string): ApiError {
  return { status: 404, type: "not_found_error", message: `model: ${model}`, shouldRetry: false };
}

/** What a refusal of the behavior looks like to a client. `toWallMs` turns scenario time into the client's. */
export function refusalError(
  refusal: Refusal,
  who: RefusedCall,
  credential: Credential,
  toWallMs: (ms: Ms) => number,
): ApiError {
  switch (refusal.kind) {
    case "rate-limit":
      return { ...rateLimited(refusal, who), retryAfterMs: toWallMs(refusal.retryAfterMs) };
    case "request-too-large":
      return rateLimited(refusal, who);
    case "insufficient-quota":
      return spendLimitReached;
    case "unknown-key":
      return unknownKey(credential);
    case "unknown-model":
      return unknownModel(who.model);
    case "blocked-prompt":
      return invalidRequest("Output blocked by content filtering policy");
    case "context-length":
      return contextTooLong(refusal.limit, who);
    case "fault":
      return faultError(
        refusal.status,
        refusal.retryAfterMs === undefined ? undefined : toWallMs(refusal.retryAfterMs),
      );
    default:
      return assertNever(refusal);
  }
}

/** Limits of a workspace, which is what a project is here: recalled. Others: anthropics/claude-code #55132, stagewise-io/stagewise #927, continuedev/continue #12057 (2026-04). */
function rateLimited({ limit, label, scope }: QuotaRefusal, who: RefusedCall): ApiError {
  const whose = `(org: ${who.organization}, model: ${who.model})`;
  const message =
    `This request would exceed your ${scope === "project" ? "workspace" : "organization"}'s rate limit of ${grouped(limit)} ${label} ${whose}. For details, refer to: ` +
    "https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the " +
    "prompt length or the maximum tokens requested, or try again later. You may also contact sales at " +
    "https://claude.com/contact-sales to discuss your options for a rate limit increase.";
  return { status: 429, type: "rate_limit_error", message, shouldRetry: true };
}

/** 30000 becomes 30,000. */
function grouped(amount: number): string {
  return String(amount).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Status, type and code: Microsoft Dev Proxy's page on the API, and the SDK's classes; no retry-after. Text recalled. */
const spendLimitReached: ApiError = {
  status: 429,
  type: "rate_limit_error",
  message: "You have reached your specified API usage limits.",
  code: "enforced_spend_limit_reached",
  shouldRetry: false,
};

/** anthropics/claude-code #12186 when the prompt alone is too long, docker/docker-agent #569 when only with its answer. */
function contextTooLong(limit: number, { inputTokens, maxOutputTokens }: RefusedCall): ApiError {
  if (inputTokens > limit) return invalidRequest(`prompt is too long: ${inputTokens} tokens > ${limit} maximum`);
  return invalidRequest(
    `input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${maxOutputTokens ?? 0} > ${limit}, decrease ` +
      "input length or `max_tokens` and try again",
  );
}

/** Type and text by status (documentation of errors; that of 504 recalled). */
const faultTypes: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "Error"],
  401: ["authentication_error", "Authentication failed"],
  402: ["billing_error", "There is an issue with your billing or payment information"],
  403: ["permission_error", "Your API key does not have permission to use the specified resource"],
  404: ["not_found_error", "Not Found"],
  409: ["conflict_error", "Conflict"],
  413: ["request_too_large", bodyTooLarge.message],
  429: ["rate_limit_error", "Rate limited"],
  504: ["timeout_error", "Request timed out"],
  529: ["overloaded_error", "Overloaded"],
};

/** A fault that answers with a status. Worth a retry by what the SDK itself would retry: 408, 409, 429 and 5xx. */
export function faultError(status: number, retryAfterMs: Ms | undefined): ApiError {
  const [type, message] = faultTypes[status] ?? (status < 500 ? clientFault : serverFault);
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  return {
    status,
    type,
    message,
    ...retry,
    shouldRetry: status === 408 || status === 409 || status === 429 || status >= 500,
  };
}

const clientFault = ["invalid_request_error", "Error"] as const;
const serverFault = ["api_error", "Internal server error"] as const;
