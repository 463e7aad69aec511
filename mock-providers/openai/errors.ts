/**
 * OpenAI's errors: envelope, statuses and texts.
 *
 * Texts are the service's own, so that a client that searches them behaves as with the real one. Sources, beside
 * wire formats as the SDK reads them: error bodies quoted in public issues, named where they are used; "recalled" marks what no
 * source at hand confirms.
 */
import type { Refusal } from "../../behavior/provider.ts";
import type { QuotaRefusal } from "../../behavior/quota/quota.ts";
import { assertNever } from "../../core/invariant.ts";
import { formatGoDuration, type Ms } from "../../core/time.ts";
import type { RefusedCall } from "../generation.ts";
import { asciiJson } from "../answer.ts";

export interface ApiError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** Wall time after which a retry makes sense. */
  readonly retryAfterMs?: Ms;
}

/** The body: all four keys are always there, indented as the service does it unless it has to fit on one line. */
export function errorBody({ message, type, param, code }: ApiError, indent = 4): string {
  return asciiJson({ error: { message, type, param, code } }, indent);
}

/** The request itself is wrong. */
export function invalidRequest(message: string, param: string | null = null, code: string | null = null): ApiError {
  return { status: 400, message, type: "invalid_request_error", param, code };
}

/** ChatGPTNextWeb/NextChat #4064. */
export const bodyNotJson: ApiError = invalidRequest(
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. " +
    "The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix " +
    "this, please contact us through our help center at help.openai.com.)",
);

/** The real service's proxy answers 413 without saying more; the envelope is ours. */
export function bodyTooLarge(bytesMax: number): ApiError {
  return { ...invalidRequest(`Request body is too large: at most ${bytesMax} bytes are accepted.`), status: 413 };
}

/** harry0703/MoneyPrinterTurbo #57. */
export function unknownUrl(method: string, path: string): ApiError {
  return { ...invalidRequest(`Invalid URL (${method} ${path})`), status: 404 };
}

/** Recalled. */
export function methodNotAllowed(method: string, path: string): ApiError {
  const hint = "(HINT: Perhaps you meant to use a different HTTP method?)";
  return {
    ...invalidRequest(`Not allowed to ${method} on ${path}. ${hint}`, null, "method_not_supported"),
    status: 405,
  };
}

/** openai/openai-python #1434. */
const missingKey: ApiError = {
  ...invalidRequest(
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. " +
      "Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your " +
      "browser and are prompted for a username and password. You can obtain an API key from " +
      "https://platform.openai.com/account/api-keys.",
  ),
  status: 401,
};

/** continuedev/continue #10250: all but the last four characters are stars, the first eight stay when the key is long. */
export function unknownKey(apiKey: string): ApiError {
  if (apiKey === "") return missingKey;
  const hint = "You can find your API key at https://platform.openai.com/account/api-keys.";
  const message = `Incorrect API key provided: ${maskedKey(apiKey)}. ${hint}`;
  return { ...invalidRequest(message, null, "invalid_api_key"), status: 401 };
}

/** Never more than twelve characters of what was sent. */
function maskedKey(apiKey: string): string {
  const printable = apiKey.slice(0, 256).replaceAll(/[^\x21-\x7e]/g, "?");
  if (printable.length <= 12) return "*".repeat(printable.length);
  return `${printable.slice(0, 8)}${"*".repeat(printable.length - 12)}${printable.slice(-4)}`;
}

/** Public error texts; chat answers 404 with this code, the models endpoint likewise. */
export function unknownModel(model: string): ApiError {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return { ...invalidRequest(message, null, "model_not_found"), status: 404 };
}

/** yasir2000 in skorokithakis/sysaidmin #9. */
function modelNotThere(model: string): ApiError {
  return invalidRequest(`The requested model '${model}' does not exist.`, "model", "model_not_found");
}

/** Public error texts. */
const inputTooLong: ApiError = invalidRequest(
  "Your input exceeds the context window of this model. Please adjust your input and try again.",
  "input",
  "context_length_exceeded",
);

/** As `refusalError`, in the words of the Responses API. */
export function responseRefusalError(refusal: Refusal, who: RefusedCall, toWallMs: (ms: Ms) => number): ApiError {
  if (refusal.kind === "unknown-model") return modelNotThere(who.model);
  return refusal.kind === "context-length" ? inputTooLong : refusalError(refusal, who, toWallMs);
}

/** What a refusal of the behavior looks like to a client. `toWallMs` turns scenario time into the client's. */
export function refusalError(refusal: Refusal, who: RefusedCall, toWallMs: (ms: Ms) => number): ApiError {
  switch (refusal.kind) {
    case "rate-limit":
      return rateLimited(refusal, who, toWallMs(refusal.retryAfterMs));
    case "request-too-large": {
      const { label, limit, requested } = refusal;
      const advice = "The input or output tokens must be reduced in order to run successfully.";
      // Aider-AI/aider #1880.
      const message = `Request too large for ${who.model} in ${ownerOf(refusal, who)} on ${label}: Limit ${limit}, Requested ${requested}. ${advice} ${learnMore}`;
      return { status: 429, message, type: "tokens", param: null, code: "rate_limit_exceeded" };
    }
    case "insufficient-quota":
      return creditUsedUp;
    case "unknown-key":
      return unknownKey(who.apiKey);
    case "unknown-model":
      return unknownModel(who.model);
    case "context-length":
      return contextTooLong(refusal, who);
    case "blocked-prompt":
      return promptFlagged;
    case "fault":
      return faultError(
        refusal.status,
        refusal.retryAfterMs === undefined ? undefined : toWallMs(refusal.retryAfterMs),
      );
    default:
      return assertNever(refusal);
  }
}

const learnMore = "Visit https://platform.openai.com/account/rate-limits to learn more.";

/** BuilderIO/micro-agent #86: "Please try again in 644ms"; semanser/codel #72: "18.642s". */
function rateLimited(refusal: Extract<Refusal, { kind: "rate-limit" }>, who: RefusedCall, retryAfterMs: Ms): ApiError {
  const { label, limit, used, requested, dimension } = refusal;
  const state = `Limit ${limit}, Used ${used}, Requested ${requested}. Please try again in ${formatGoDuration(retryAfterMs)}.`;
  const message = `Rate limit reached for ${who.model} in ${ownerOf(refusal, who)} on ${label}: ${state} ${learnMore}`;
  return { status: 429, message, type: dimension, param: null, code: "rate_limit_exceeded", retryAfterMs };
}

/** Whose limit it is. A project's is recalled; limits of a key alone, which OpenAI does not have, are told as its organization's. */
function ownerOf({ scope }: Pick<QuotaRefusal, "scope">, { organization, project }: RefusedCall): string {
  return scope === "project" && project !== undefined ? `project ${project}` : `organization ${organization}`;
}

/** Public error texts; type and code by the error-code guide. Not worth a retry. */
const creditUsedUp: ApiError = {
  status: 429,
  message:
    "You exceeded your current quota, please check your plan and billing details. For more information on this error, read " +
    "the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
  type: "insufficient_quota",
  param: null,
  code: "insufficient_quota",
};

/** Public error texts. */
const promptFlagged: ApiError = invalidRequest(
  "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt: " +
    "https://platform.openai.com/docs/guides/reasoning#advice-on-prompting",
  null,
  "invalid_prompt",
);

/** ChatGPTNextWeb/NextChat #3195 with a cap on the answer, crewAIInc/crewAI-examples #121 without. */
function contextTooLong(refusal: Extract<Refusal, { kind: "context-length" }>, who: RefusedCall): ApiError {
  const { limit, requested } = refusal;
  const capped = who.maxOutputTokens !== undefined && who.maxOutputTokens > 0;
  const said = capped
    ? `you requested ${requested} tokens (${who.inputTokens} in the messages, ${who.maxOutputTokens} in the completion). Please reduce the length of the messages or completion.`
    : `your messages resulted in ${requested} tokens. Please reduce the length of the messages.`;
  const message = `This model's maximum context length is ${limit} tokens. However, ${said}`;
  return invalidRequest(message, "messages", "context_length_exceeded");
}

/**
 * A fault that answers with a status. 500: public error texts. 503 and 429 `slow_down`: error-code guide. Other statuses come
 * from the proxies in front of the service, whose bodies vary; they get the envelope of a server error.
 */
export function faultError(status: number, retryAfterMs: Ms | undefined): ApiError {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  const common = { status, param: null, ...retry };
  if (status === 429) {
    const message = "The server is receiving too many requests. Please slow down and try again later.";
    return { ...common, message, type: "rate_limit_error", code: "slow_down" };
  }
  if (status === 503) {
    const message = "The server is currently overloaded with other requests. Sorry about that! Please try again later.";
    return { ...common, message, type: "service_unavailable_error", code: "server_is_overloaded" };
  }
  if (status < 500)
    return { ...common, message: `The request was refused (${status}).`, type: "invalid_request_error", code: null };
  return { ...common, message: serverErrorText, type: "server_error", code: null };
}

/** Public error texts, shortened by the request id that the real one ends with. */
const serverErrorText =
  "The server had an error while processing your request. Sorry about that! Please contact us through our help center at " +
  "help.openai.com if the error persists.";
