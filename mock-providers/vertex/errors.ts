/**
 * Vertex AI's errors where they differ from the Gemini API's. Sources are bodies quoted in public issues, named where they are
 * used; "recalled" marks what no source at hand confirms.
 */
import type { Refusal } from "../../behavior/provider.ts";
import { vertexLabels } from "../../behavior/quota/vertex.ts";
import { assertNever } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";
import { faultError, type GoogleError, googleError, invalidArgument, promptTooLong } from "../gemini/errors.ts";
import type { RangedField, Wording } from "../gemini/parameters.ts";
import { resourceOf, type Target } from "./paths.ts";

/** What a request was made with. */
export type Credential = "none" | "bearer" | "api-key";

const whatIsExpected =
  "Expected OAuth 2 access token, login cookie or other valid authentication credential. See " +
  "https://developers.google.com/identity/sign-in/web/devconsole-project.";

/** Wrong token: googleapis/java-aiplatform #1056; API key: HisMax/RedInk #40, reasons alike; without any: recalled. */
export function unauthenticated(credential: Credential, method: string): GoogleError {
  switch (credential) {
    case "none":
      return credentialError(
        `Request is missing required authentication credential. ${whatIsExpected}`,
        "CREDENTIALS_MISSING",
        method,
      );
    case "bearer":
      return credentialError(
        `Request had invalid authentication credentials. ${whatIsExpected}`,
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        method,
      );
    case "api-key":
      return credentialError(
        "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that " +
          "assert a principal. See https://cloud.google.com/docs/authentication",
        "CREDENTIALS_MISSING",
        method,
      );
    default:
      return assertNever(credential);
  }
}

function credentialError(message: string, reason: string, method: string): GoogleError {
  const rpc = `google.cloud.aiplatform.v1.PredictionService.${method.charAt(0).toUpperCase()}${method.slice(1)}`;
  const metadata = { method: rpc, service: "aiplatform.googleapis.com" };
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "googleapis.com", metadata }];
  return googleError(401, message, details);
}

/** truefoundry/models #961. */
export function unknownModel(target: Target): GoogleError {
  return googleError(
    404,
    `Publisher Model \`${resourceOf(target)}\` was not found or your project does not have access to it. Please ensure you are ` +
      "using a valid model version. For more information, see: " +
      "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions",
  );
}

/** google-gemini/gemini-cli #14811: no details, and nothing about when to come back. */
const poolExhausted: GoogleError = googleError(
  429,
  "Resource exhausted. Please try again later. Please refer to " +
    "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.",
);

/** cloud.google.com/vertex-ai/generative-ai/docs/provisioned-throughput/error-code-429. */
const throughputExceeded: GoogleError = googleError(429, "Too many requests. Exceeded the Provisioned Throughput.");

/** Recalled. Not worth a retry. */
const billingDisabled: GoogleError = googleError(
  403,
  "This API method requires billing to be enabled. Please enable billing on your project, then retry.",
);

/** What a refusal of the behavior looks like to a client. */
export function refusalError(
  refusal: Refusal,
  credential: Credential,
  target: Target,
  toWallMs: (ms: Ms) => number,
): GoogleError {
  switch (refusal.kind) {
    case "rate-limit":
    case "request-too-large":
      return refusal.label === vertexLabels.provisionedThroughput ? throughputExceeded : poolExhausted;
    case "insufficient-quota":
      return billingDisabled;
    case "unknown-key":
      return unauthenticated(credential, target.method);
    case "unknown-model":
      return unknownModel(target);
    case "blocked-prompt":
      return invalidArgument("The prompt was blocked by a content filter.");
    case "context-length":
      return promptTooLong(refusal.requested, refusal.limit);
    case "fault":
      return refusal.status === 429
        ? poolExhausted
        : faultError(refusal.status, refusal.retryAfterMs === undefined ? undefined : toWallMs(refusal.retryAfterMs));
    default:
      return assertNever(refusal);
  }
}

/** BerriAI/litellm #10548, aaif-goose/goose #11364: the limit itself is out of range. */
export const vertexWording: Wording = {
  outOfRange: (field, value, low, high) => {
    const beyond = wholeNumbers.has(field) ? high + 1 : `${high}.0001`;
    return invalidArgument(
      `Unable to submit request because it has a ${field} value of ${value} but the supported range is from ${low} (inclusive) to ` +
        `${beyond} (exclusive). Update the value and try again.`,
    );
  },
  refusesLongAnswers: true,
};

const wholeNumbers: ReadonlySet<RangedField> = new Set<RangedField>(["maxOutputTokens", "candidateCount"]);
