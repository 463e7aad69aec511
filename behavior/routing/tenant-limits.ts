/**
 * What one tenant may ask of a gateway: requests and tokens per minute, and requests at once.
 *
 * A minute begins with the first request after the one before has passed. Tokens are known when an answer has ended and
 * count then, so a tenant may go beyond its tokens by what is in flight; after that it waits for the next minute. (LiteLLM
 * 1.102.4, measured: rpm 3 lets three pass and then says `retry-after: 60`; tpm 40 lets two of 25 pass.)
 */
import type { TenantLimits } from "../../core/scenario/budget-spec.ts";
import { minuteMs, type Ms } from "../../core/time.ts";

/** Why a tenant is refused, and for how long; undefined: it may go on. */
export interface TenantRefusal {
  readonly what: "requests" | "tokens" | "concurrency";
  readonly retryAfterMs: Ms | undefined;
}

export class TenantLimiter {
  readonly #limits: TenantLimits;
  #minuteMs: Ms = Number.NEGATIVE_INFINITY;
  #requests = 0;
  #tokens = 0;
  #inFlight = 0;

  constructor(limits: TenantLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** A request comes. Undefined: it is let in, and counted. */
  enter(nowMs: Ms): TenantRefusal | undefined {
    const { requestsPerMinute, tokensPerMinute, concurrency } = this.#limits;
    this.#turn(nowMs);
    if (concurrency !== undefined && this.#inFlight >= concurrency)
      return { what: "concurrency", retryAfterMs: undefined };
    const retryAfterMs = this.#minuteMs + minuteMs - nowMs;
    if (requestsPerMinute !== undefined && this.#requests >= requestsPerMinute) {
      return { what: "requests", retryAfterMs };
    }
    if (tokensPerMinute !== undefined && this.#tokens >= tokensPerMinute) return { what: "tokens", retryAfterMs };
    this.#requests += 1;
    this.#inFlight += 1;
    return undefined;
  }

  /** A request that was let in has ended, with so many tokens of prompt and answer. */
  leave(nowMs: Ms, tokens: number): void {
    this.#turn(nowMs);
    this.#inFlight -= 1;
    this.#tokens += tokens;
  }

  #turn(nowMs: Ms): void {
    if (nowMs < this.#minuteMs + minuteMs) return;
    this.#minuteMs = nowMs;
    this.#requests = 0;
    this.#tokens = 0;
  }
}
