/**
 * Bedrock's errors: names, statuses and texts.
 *
 * Names and statuses are those of the service's model (@aws-sdk/client-bedrock-runtime 3.1162.0, schemas) and of AWS's common
 * errors; the SDK goes by the name, in `x-amzn-ErrorType`. Texts are the service's own, from public issues named where they are
 * used. "Recalled" marks what no source at hand confirms.
 */
import type { Refusal } from "../../behavior/provider.ts";
import { bedrockLabels } from "../../behavior/quota/bedrock.ts";
import { assertNever } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";
import type { RefusedCall } from "../generation.ts";

export interface ApiError {
  readonly status: number;
  readonly name: string;
  readonly message: string;
  /** Wall time after which a retry makes sense: only faults that say so. The service itself never does. */
  readonly retryAfterMs?: Ms;
}

/** The request itself is wrong. */
export function validationError(message: string): ApiError {
  return { status: 400, name: "ValidationException", message };
}

/** Recalled. */
export const bodyNotJson: ApiError = {
  status: 400,
  name: "SerializationException",
  message: "The request body is not valid JSON.",
};

/** Recalled. */
export function malformedInput(problem: string): ApiError {
  return validationError(`Malformed input request: ${problem}, please reformat your input and try again.`);
}

/** Recalled; the service's own bound is 25 MB for InvokeModel. */
export const bodyTooLarge: ApiError = {
  status: 413,
  name: "RequestEntityTooLargeException",
  message: "The request body is too large.",
};

/** Recalled. */
export const unknownOperation: ApiError = {
  status: 404,
  name: "UnknownOperationException",
  message: "The requested operation is not recognized by the service.",
};

/** Recalled. */
export const missingCredential: ApiError = {
  status: 403,
  name: "MissingAuthenticationTokenException",
  message: "Missing Authentication Token",
};

/** ai4s-research/open-science #53. */
export const unknownBearer: ApiError = {
  status: 403,
  name: "AccessDeniedException",
  message: "Authentication failed: Please make sure your API Key is valid.",
};

/** anthropics/anthropic-sdk-typescript #537. */
export const unknownAccessKey: ApiError = {
  status: 403,
  name: "UnrecognizedClientException",
  message: "The security token included in the request is invalid.",
};

/** Recalled. */
export function incompleteSignature(message: string): ApiError {
  return { status: 403, name: "IncompleteSignatureException", message };
}

export function invalidSignature(message: string): ApiError {
  return { status: 403, name: "InvalidSignatureException", message };
}

/** BerriAI/litellm #14763. */
export const wrongSignature: ApiError = invalidSignature(
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and " +
    "signing method. Consult the service documentation for details.",
);

/** [capture]: 400, not 404. */
export const unknownModel: ApiError = validationError("The provided model identifier is invalid.");

/** qiita.com/k5ki/items/7c4f4567043482bb4521: models that are served by inference profiles only. */
function profileNeeded(model: string): ApiError {
  return validationError(
    `Invocation of model ID ${model} with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an ` +
      "inference profile that contains this model.",
  );
}

/** `profiled`: the model is served, but only by inference profiles. */
export function refusalError(
  refusal: Exclude<Refusal, { readonly kind: "unknown-key" }>,
  who: RefusedCall,
  profiled: boolean,
  toWallMs: (ms: Ms) => number,
): ApiError {
  switch (refusal.kind) {
    case "rate-limit":
    case "request-too-large":
      return throttled(refusal.label);
    case "insufficient-quota":
      return noPaymentInstrument;
    case "unknown-model":
      return profiled ? profileNeeded(who.model) : unknownModel;
    case "blocked-prompt":
      return validationError("The prompt was blocked by a content filter.");
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

/** Public error texts. A call that no waiting helps is told the same. */
function throttled(label: string): ApiError {
  const what =
    label === bedrockLabels.perDay
      ? "Too many tokens per day"
      : label === bedrockLabels.tokens
        ? "Too many tokens"
        : "Too many requests";
  return { status: 429, name: "ThrottlingException", message: `${what}, please wait before trying again.` };
}

/** Recalled. */
const noPaymentInstrument: ApiError = {
  status: 403,
  name: "AccessDeniedException",
  message:
    "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid payment instrument must be provided. Your AWS Marketplace " +
    "subscription for this model cannot be completed at this time.",
};

/** daisuke-awaji/moca #254; the latter text is Anthropic's (public error texts). */
function contextTooLong(limit: number, who: RefusedCall): ApiError {
  const { inputTokens, maxOutputTokens = 0 } = who;
  const problem =
    inputTokens > limit
      ? `prompt is too long: ${inputTokens} tokens > ${limit} maximum`
      : `input length and \`max_tokens\` exceed context limit: ${inputTokens} + ${maxOutputTokens} > ${limit}, decrease input length or \`max_tokens\` and try again`;
  return validationError(modelError(problem));
}

/** What the model itself objects to. */
export function modelError(problem: string): string {
  return `The model returned the following errors: ${problem}`;
}

/** A fault that answers with a status. Texts: public error texts, of 408 and 424 recalled. */
export function faultError(status: number, retryAfterMs: Ms | undefined): ApiError {
  const [name, message] = faultTexts[status] ?? (status >= 500 ? internalError : refusedRequest);
  return { status, name, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

const internalErrorText = "The system encountered an unexpected error during processing. Try your request again.";
const internalError = ["InternalServerException", internalErrorText] as const;
const refusedRequest = ["ValidationException", "The request was refused."] as const;

const faultTexts: Readonly<Record<number, readonly [name: string, message: string]>> = {
  403: ["AccessDeniedException", "You don't have access to the model with the specified model ID."],
  404: ["ResourceNotFoundException", "Could not resolve the foundation model from the provided model identifier."],
  408: ["ModelTimeoutException", "The model took too long to respond. Try your request again."],
  424: ["ModelErrorException", modelError("an error occurred while the request was processed.")],
  429: ["ThrottlingException", "Too many requests, please wait before trying again."],
  503: ["ServiceUnavailableException", "Bedrock is unable to process your request."],
};
