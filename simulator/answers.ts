/**
 * How an answer looks to a client: its status, what the client makes of it, and the machine-readable reason in its body.
 *
 * The mock writes whole bodies in each provider's dialect and the load engine reads them; a record keeps no more than this.
 * A test holds the two ways to it against each other.
 */
import type { Refusal, ResponsePlan } from "../behavior/provider.ts";
import { assertNever } from "../core/invariant.ts";
import type { Outcome } from "../core/record.ts";

export interface Ending {
  /** 0: there was no answer. */
  readonly status: number;
  readonly outcome: Outcome;
  /** Empty when ok. */
  readonly reason: string;
}

export const notEnded: Ending = { status: 0, outcome: "unfinished", reason: "" };

export const wholeAnswer: Ending = { status: 200, outcome: "ok", reason: "" };

/** The connection failed before an answer: what undici says of a socket that its peer has reset. */
export const connectionReset: Ending = { status: 0, outcome: "connection", reason: "ECONNRESET" };

/** The load engine's name for it, with the status of whatever had come by then. */
export function clientTimeout(status: number): Ending {
  return { status, outcome: "timeout", reason: "client-timeout" };
}

/** A client that leaves on purpose, likewise. */
export function clientLeft(status: number): Ending {
  return { status, outcome: "aborted", reason: "client-left" };
}

/**
 * A stream that a fault has broken off. A gateway hides how: Portkey and LiteLLM end the answer in order, and only the
 * finish reason is missing; without one the client sees its connection close.
 */
export function cutStream(how: ResponsePlan["breakHow"], throughGateway: boolean): Ending {
  const cut = throughGateway ? "no-finish-reason" : "closed-early";
  return { status: 200, outcome: "cut-stream", reason: how === "error-event" ? "server_error" : cut };
}

/** An answer with this status, as the load engine understands it. */
export function failedWith(status: number, reason: string): Ending {
  return { status, outcome: outcomeOfStatus(status), reason };
}

/** How a provider says no. OpenAI's dialect, the only one so far. */
export function refusalSeen(refusal: Refusal): Ending {
  switch (refusal.kind) {
    case "rate-limit":
    case "request-too-large":
      return failedWith(429, "rate_limit_exceeded");
    case "insufficient-quota":
      return failedWith(429, "insufficient_quota");
    case "unknown-key":
      return failedWith(401, "invalid_api_key");
    case "unknown-model":
      return failedWith(404, "model_not_found");
    case "context-length":
      return failedWith(400, "context_length_exceeded");
    case "fault":
      return failedWith(refusal.status, faultReason(refusal.status));
    default:
      return assertNever(refusal);
  }
}

/** OpenAI's codes, or the type of the error where it has no code. */
function faultReason(status: number): string {
  if (status === 429) return "slow_down";
  if (status === 503) return "server_is_overloaded";
  return status < 500 ? "invalid_request_error" : "server_error";
}

function outcomeOfStatus(status: number): Outcome {
  if (status === 429 || status === 529) return "rate-limited";
  if (status >= 500) return "server-error";
  return status >= 400 ? "rejected" : "malformed";
}
