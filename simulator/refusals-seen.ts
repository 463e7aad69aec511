/**
 * How each dialect says no: the status, and the reason that the body gives for machines to read.
 *
 * The mock writes the bodies (`mock-providers/<dialect>/errors.ts`, where the sources are); this is what is left of them in a
 * record. A test holds the two against each other, for every dialect.
 */
import type { Refusal } from "../behavior/provider.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";

export interface RefusalSeen {
  readonly status: number;
  readonly reason: string;
}

type Kind = Exclude<Refusal["kind"], "fault">;

interface RefusalWords {
  readonly kinds: Readonly<Record<Kind, readonly [status: number, reason: string]>>;
  /** Reason by status of a fault, where it has one of its own. */
  readonly faults: Readonly<Record<number, string>>;
  readonly otherFault: (status: number) => string;
}

const openai: RefusalWords = {
  kinds: {
    "rate-limit": [429, "rate_limit_exceeded"],
    "request-too-large": [429, "rate_limit_exceeded"],
    "insufficient-quota": [429, "insufficient_quota"],
    "unknown-key": [401, "invalid_api_key"],
    "unknown-model": [404, "model_not_found"],
    "context-length": [400, "context_length_exceeded"],
    "blocked-prompt": [400, "invalid_prompt"],
  },
  faults: { 429: "slow_down", 503: "server_is_overloaded" },
  otherFault: (status) => (status < 500 ? "invalid_request_error" : "server_error"),
};

/** Codes of its gateway that are numbers say no more than the status. */
const azure: RefusalWords = {
  kinds: {
    "rate-limit": [429, "http-429"],
    "request-too-large": [429, "http-429"],
    "insufficient-quota": [403, "http-403"],
    "unknown-key": [401, "http-401"],
    "unknown-model": [404, "DeploymentNotFound"],
    "context-length": [400, "context_length_exceeded"],
    "blocked-prompt": [400, "content_filter"],
  },
  faults: { 408: "Timeout", 429: "http-429", 503: "ServiceUnavailable" },
  otherFault: openai.otherFault,
};

const anthropic: RefusalWords = {
  kinds: {
    "rate-limit": [429, "rate_limit_error"],
    "request-too-large": [429, "rate_limit_error"],
    "insufficient-quota": [429, "enforced_spend_limit_reached"],
    "unknown-key": [401, "authentication_error"],
    "unknown-model": [404, "not_found_error"],
    "context-length": [400, "invalid_request_error"],
    "blocked-prompt": [400, "invalid_request_error"],
  },
  faults: {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
  },
  otherFault: (status) => (status < 500 ? "invalid_request_error" : "api_error"),
};

const bedrock: RefusalWords = {
  kinds: {
    "rate-limit": [429, "ThrottlingException"],
    "request-too-large": [429, "ThrottlingException"],
    "insufficient-quota": [403, "AccessDeniedException"],
    "unknown-key": [403, "AccessDeniedException"],
    "unknown-model": [400, "ValidationException"],
    "context-length": [400, "ValidationException"],
    "blocked-prompt": [400, "ValidationException"],
  },
  faults: {
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    503: "ServiceUnavailableException",
  },
  otherFault: (status) => (status < 500 ? "ValidationException" : "InternalServerException"),
};

const gemini: RefusalWords = {
  kinds: {
    "rate-limit": [429, "RESOURCE_EXHAUSTED"],
    "request-too-large": [429, "RESOURCE_EXHAUSTED"],
    "insufficient-quota": [429, "RESOURCE_EXHAUSTED"],
    "unknown-key": [400, "INVALID_ARGUMENT"],
    "unknown-model": [404, "NOT_FOUND"],
    "context-length": [400, "INVALID_ARGUMENT"],
    "blocked-prompt": [400, "INVALID_ARGUMENT"],
  },
  faults: {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
  },
  otherFault: (status) => (status < 500 ? "FAILED_PRECONDITION" : "INTERNAL"),
};

const vertex: RefusalWords = {
  ...gemini,
  kinds: {
    ...gemini.kinds,
    "insufficient-quota": [403, "PERMISSION_DENIED"],
    "unknown-key": [401, "UNAUTHENTICATED"],
  },
};

/** Google's front end knows keys, models and limits; the rest is the model's own. */
const claudeOnVertex: RefusalWords = {
  kinds: { ...vertex.kinds, "context-length": anthropic.kinds["context-length"] },
  faults: { ...anthropic.faults, 429: "RESOURCE_EXHAUSTED" },
  otherFault: anthropic.otherFault,
};

const words: Readonly<Record<Dialect, RefusalWords>> = {
  openai,
  "azure-openai": azure,
  anthropic,
  bedrock,
  gemini,
  vertex,
};

function wordsOf(dialect: Dialect, model: string): RefusalWords {
  return dialect === "vertex" && model.startsWith("claude") ? claudeOnVertex : words[dialect];
}

export function refusalSeen(dialect: Dialect, model: string, refusal: Refusal): RefusalSeen {
  const { kinds, faults, otherFault } = wordsOf(dialect, model);
  if (refusal.kind === "fault") {
    return { status: refusal.status, reason: faults[refusal.status] ?? otherFault(refusal.status) };
  }
  const [status, reason] = kinds[refusal.kind];
  return { status, reason };
}

/** Reason of an error within a stream: that of the status that it would have before, but for Bedrock's failing models. */
export function streamErrorSeen(dialect: Dialect, model: string, status: number): string {
  if (dialect === "bedrock" && status === 424) return "ModelStreamErrorException";
  return refusalSeen(dialect, model, { kind: "fault", status, retryAfterMs: undefined }).reason;
}
