/**
 * Azure OpenAI's errors.
 *
 * Azure's gateway, which knows keys, deployments and limits, answers with a code and a message; the model behind it validates
 * requests, in OpenAI's envelope and words. Texts are the service's own as quoted in public issues, named where they are used;
 * "recalled" marks what no source at hand confirms.
 */
import { provisionedLabel } from "../../behavior/quota/azure-provisioned.ts";
import type { Refusal } from "../../behavior/provider.ts";
import { assertNever } from "../../core/invariant.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import { asciiJson } from "../answer.ts";
import type { RefusedCall } from "../generation.ts";
import {
  type ApiError,
  errorBody as openAiErrorBody,
  faultError as openAiFaultError,
  refusalError as openAiRefusalError,
} from "../openai/errors.ts";

export interface AzureError extends ApiError {
  /** Code and message are all there is. */
  readonly fromGateway?: true;
  /** The limit whose reset the headers tell. */
  readonly resets?: "requests" | "tokens";
  /** What the content filter found, beside the other fields. */
  readonly inner?: object;
  /** The wait is told in milliseconds too, as provisioned deployments do. */
  readonly retryInMs?: true;
}

export function errorBody(error: AzureError): string {
  const { message, param, code, status, inner } = error;
  // All as Azure's own errors have it, but for the type, which is null (public error texts).
  if (inner !== undefined) return asciiJson({ error: { message, type: null, param, code, status, innererror: inner } });
  if (error.fromGateway !== true) return openAiErrorBody(error, 0);
  return asciiJson({ error: { code: error.code, message: error.message } });
}

function gatewayError(status: number, code: string, message: string): AzureError {
  return { status, message, type: "", param: null, code, fromGateway: true };
}

/** MicrosoftDocs/azure-docs #114602 and #110272: also when the API version is missing, or one that this path does not have. */
export const resourceNotFound: AzureError = gatewayError(404, "404", "Resource not found");

/** openai/openai-python, tests against the service. */
const deploymentNotFound: AzureError = gatewayError(
  404,
  "DeploymentNotFound",
  "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a " +
    "moment and try again.",
);

/** Azure/azure-sdk-for-js, recordings of Cognitive Services, which share the gateway. */
const unknownSubscriptionKey: AzureError = gatewayError(
  401,
  "401",
  "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription " +
    "and use a correct regional API endpoint for your resource.",
);

/** Recalled. */
const noSubscriptionKey: AzureError = gatewayError(
  401,
  "401",
  "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
);

export function unknownKey(apiKey: string): AzureError {
  return apiKey === "" ? noSubscriptionKey : unknownSubscriptionKey;
}

/** Public error texts; `operation`: `chatCompletion` or `embeddings`. */
export function operationNotSupported(operation: string, model: string): AzureError {
  const advice =
    "Please choose different model and try again. You can learn more about which models can be used with each operation here: " +
    "https://go.microsoft.com/fwlink/?linkid=2197993.";
  const message = `The ${operation} operation does not work with the specified model, ${model}. ${advice}`;
  return gatewayError(400, "OperationNotSupported", message);
}

/** Names the API in the texts of refusals. */
export interface CalledOperation {
  /** `ChatCompletions_Create` */
  readonly name: string;
  readonly apiVersion: string;
}

/** What a refusal of the behavior looks like to a client. `toWallMs` turns scenario time into the client's. */
export function refusalError(
  operation: CalledOperation,
  refusal: Refusal,
  who: RefusedCall,
  toWallMs: (ms: Ms) => number,
): AzureError {
  switch (refusal.kind) {
    case "rate-limit":
      return rateLimited(operation, refusal, toWallMs(refusal.retryAfterMs));
    case "request-too-large":
      return { ...tooManyRequests(operation, "token rate limit", dayMsToClients), resets: "tokens" };
    case "insufficient-quota":
      return noCallsLeft;
    case "unknown-key":
      return unknownKey(who.apiKey);
    case "unknown-model":
      return deploymentNotFound;
    case "blocked-prompt":
      return promptFiltered;
    case "context-length":
      return openAiRefusalError(refusal, who, toWallMs);
    case "fault":
      return faultError(
        refusal.status,
        refusal.retryAfterMs === undefined ? undefined : toWallMs(refusal.retryAfterMs),
      );
    default:
      return assertNever(refusal);
  }
}

/** Public error texts, of which one category is what the filter objects to. */
const promptFiltered: AzureError = {
  ...gatewayError(
    400,
    "content_filter",
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and " +
      "retry. To learn more about our content filtering policies please read our documentation: " +
      "https://go.microsoft.com/fwlink/?linkid=2198766",
  ),
  param: "prompt",
  inner: {
    code: "ResponsibleAIPolicyViolation",
    content_filter_result: {
      hate: { filtered: false, severity: "safe" },
      jailbreak: { filtered: false, detected: false },
      self_harm: { filtered: false, severity: "safe" },
      sexual: { filtered: false, severity: "safe" },
      violence: { filtered: true, severity: "high" },
    },
  },
};

/** A call that can never pass is told to wait for a day (alex-wolf-ps/dbchatprov2 #2, jasonacox/TinyLLM #17): of the client's time. */
const dayMsToClients: Ms = 86_400 * secondMs;

function rateLimited(
  operation: CalledOperation,
  refusal: Extract<Refusal, { kind: "rate-limit" }>,
  retryAfterMs: Ms,
): AzureError {
  if (refusal.label === provisionedLabel) {
    // The text of a provisioned deployment was not found; this one is in the manner of the others.
    return { ...tooManyRequests(operation, "provisioned throughput", retryAfterMs), retryInMs: true };
  }
  const [limit, resets] =
    refusal.dimension === "requests"
      ? (["call rate limit", "requests"] as const)
      : (["token rate limit", "tokens"] as const);
  return { ...tooManyRequests(operation, limit, retryAfterMs), resets };
}

/** Quoted in hundreds of issues, BerriAI/litellm among them: "Please retry after 1 second." and "after 22 seconds." */
function tooManyRequests({ name, apiVersion }: CalledOperation, limit: string, retryAfterMs: Ms): AzureError {
  const seconds = wholeSeconds(retryAfterMs);
  const message =
    `Requests to the ${name} Operation under Azure OpenAI API version ${apiVersion} have exceeded ${limit} of your current OpenAI S0 ` +
    `pricing tier. Please retry after ${seconds} second${seconds === 1 ? "" : "s"}. Please go here: https://aka.ms/oai/quotaincrease ` +
    "if you would like to further increase the default rate limit.";
  return { ...gatewayError(429, "429", message), retryAfterMs };
}

/** A wait as clients are told it: rounded up, at least one. */
export function wholeSeconds(ms: Ms): number {
  return Math.max(1, Math.ceil(ms / secondMs));
}

/** Cognitive Services' answer when a free tier is used up (public error texts). Azure bills afterwards, so nothing else runs out. */
const noCallsLeft: AzureError = gatewayError(
  403,
  "403",
  "Out of call volume quota for OpenAI F0 pricing tier. Please upgrade your pricing tier to continue.",
);

/**
 * A fault that answers with a status. 429: pollinations/pollinations #6260. 408 and 503: public error texts. 500: scalaone/azure-openai-proxy
 * #22, shortened by the request id. Other statuses get OpenAI's envelope, as Azure passes on what the model server says.
 */
export function faultError(status: number, retryAfterMs: Ms | undefined): AzureError {
  const retry = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (status) {
    case 408:
      return { ...gatewayError(408, "Timeout", "The operation was timeout."), ...retry };
    case 429: {
      const wait = retryAfterMs === undefined ? "later" : `after ${wholeSeconds(retryAfterMs)} seconds`;
      const demand = "The system is currently experiencing high demand and cannot process your request.";
      const size = "Your request exceeds the maximum usage size allowed during peak load.";
      const advice = "For improved capacity reliability, consider switching to Provisioned Throughput.";
      return { ...gatewayError(429, "429", `${demand} ${size} Please retry ${wait}. ${advice}`), ...retry };
    }
    case 503: {
      const message = "The service is temporarily unable to process your request. Please try again later.";
      return { ...gatewayError(503, "ServiceUnavailable", message), ...retry };
    }
    default:
      return { ...openAiFaultError(status, retryAfterMs), ...(status >= 500 ? { message: serverErrorText } : {}) };
  }
}

const serverErrorText =
  "The server had an error processing your request. Sorry about that! You can retry your request, or contact us through an Azure " +
  "support request at: https://go.microsoft.com/fwlink/?linkid=2213926 if you keep seeing this error.";
