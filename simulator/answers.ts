/**
 * How an answer looks to a client: its status, what the client makes of it, and the machine-readable reason in its body.
 *
 * The mock writes whole bodies in each provider's dialect and the load engine reads them; a record keeps no more than this.
 * A test holds the two ways to it against each other.
 */
import type { BrokenAnswer, Refusal } from "../behavior/provider.ts";
import { assertNever } from "../core/invariant.ts";
import type { Outcome } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import type { ConnectionFailure } from "../core/scenario/fault-spec.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";
import { refusalSeen, streamErrorSeen } from "./refusals-seen.ts";

export interface Ending {
  /** 0: there was no answer. */
  readonly status: number;
  readonly outcome: Outcome;
  /** Empty when ok. */
  readonly reason: string;
}

export const notEnded: Ending = { status: 0, outcome: "unfinished", reason: "" };

export const wholeAnswer: Ending = { status: 200, outcome: "ok", reason: "" };

/** A small model has answered and is not sure: never seen by a client. */
export const unsureAnswer: Ending = { status: 200, outcome: "malformed", reason: "low-confidence" };

/** The connection failed before an answer: what undici says of a socket that its peer has reset. */
export const connectionReset: Ending = { status: 0, outcome: "connection", reason: "ECONNRESET" };

/**
 * There was no connection. Node's names (nodejs.org/api/errors.html, "Common system errors" and "X.509 certificate error codes")
 * and undici's for a connect timeout; of the many ways in which TLS fails the most usual stands for all.
 */
export function noConnection(how: Exclude<ConnectionFailure, "hang">): Ending {
  return { status: 0, outcome: "connection", reason: connectionReasons[how] };
}

const connectionReasons: Readonly<Record<Exclude<ConnectionFailure, "hang">, string>> = {
  refused: "ECONNREFUSED",
  reset: connectionReset.reason,
  dns: "ENOTFOUND",
  tls: "CERT_HAS_EXPIRED",
  timeout: "UND_ERR_CONNECT_TIMEOUT",
};

/** An answer in one piece that cannot be parsed. */
export const malformedAnswer: Ending = { status: 200, outcome: "malformed", reason: "invalid-json" };

/** The load engine's name for it, with the status of whatever had come by then. */
export function clientTimeout(status: number): Ending {
  return { status, outcome: "timeout", reason: "client-timeout" };
}

/** A client that leaves on purpose, likewise. */
export function clientLeft(status: number): Ending {
  return { status, outcome: "aborted", reason: "client-left" };
}

/**
 * A stream whose connection was cut. A gateway hides it: Portkey and LiteLLM end the answer in order, and only the finish
 * reason is missing; without one the client sees its connection close.
 */
export function cutStream(throughGateway: boolean): Ending {
  return { status: 200, outcome: "cut-stream", reason: throughGateway ? "no-finish-reason" : "closed-early" };
}

/** A stream that a fault has broken off, once it is over; undefined: it never is. */
export function brokenStream(
  broken: BrokenAnswer,
  dialect: Dialect,
  model: string,
  throughGateway: boolean,
): Ending | undefined {
  switch (broken.how) {
    case "cut":
      return cutStream(throughGateway);
    case "truncate":
      return cutStream(true);
    case "malformed":
      return malformedAnswer;
    case "error-event":
      return { status: 200, outcome: "cut-stream", reason: streamErrorSeen(dialect, model, broken.status) };
    case "stall":
      return undefined;
    default:
      return assertNever(broken);
  }
}

/** An answer with this status, as the load engine understands it. */
export function failedWith(status: number, reason: string): Ending {
  return { status, outcome: outcomeOfStatus(status), reason };
}

/** The gateway's own time limit for a call ran out: Portkey 1.15.2 and LiteLLM 1.102.4 answer 408 (measured). */
export const gatewayTimeout: Ending = failedWith(408, "gateway-timeout");

/** Whether a failure says something about the provider, and not about the request. */
export function isProvidersFault({ status }: Ending): boolean {
  return status === 0 || status === 200 || status === 408 || status === 429 || status >= 500;
}

/** How long a provider asks to be left alone; undefined: it does not say. */
export function retryAfterOf(refusal: Refusal): Ms | undefined {
  return refusal.kind === "rate-limit" || refusal.kind === "fault" ? refusal.retryAfterMs : undefined;
}

/** A provider says no. */
export function refused(dialect: Dialect, model: string, refusal: Refusal): Ending {
  const { status, reason } = refusalSeen(dialect, model, refusal);
  return failedWith(status, reason);
}

function outcomeOfStatus(status: number): Outcome {
  if (status === 429 || status === 529) return "rate-limited";
  if (status >= 500) return "server-error";
  return status >= 400 ? "rejected" : "malformed";
}
