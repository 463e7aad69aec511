/**
 * LiteLLM's circuit breaker: a deployment that fails more often than `allowed_fails` within a minute is left out for
 * `cooldown_time`, or for as long as the provider asks for, if that is longer (litellm/router_utils/cooldown_handlers.py;
 * measured with 1.102.4: allowed 2, cooled after the third; a 429 with `retry-after: 12` cooled for 13 s). Afterwards it is
 * asked like any other.
 */
import type { CooldownSpec } from "../../core/scenario/resilience-spec.ts";
import { minuteMs, type Ms } from "../../core/time.ts";

export class Cooldown {
  readonly #spec: CooldownSpec;
  #untilMs: Ms = Number.NEGATIVE_INFINITY;
  /** Failures are counted in whole minutes, as LiteLLM's keys are. */
  #minute = -1;
  #fails = 0;

  constructor(spec: CooldownSpec) {
    this.#spec = spec;
  }

  allows(nowMs: Ms): boolean {
    return nowMs >= this.#untilMs;
  }

  /** A call has failed. Answers whether it is left out from now on, and was not before. */
  fails(nowMs: Ms, retryAfterMs: Ms | undefined): boolean {
    const minute = Math.floor(nowMs / minuteMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#fails = 0;
    }
    this.#fails += 1;
    if (this.#fails <= this.#spec.allowedFails || !this.allows(nowMs)) return false;
    this.#fails = 0;
    this.#untilMs = nowMs + Math.max(this.#spec.cooldownMs, retryAfterMs ?? 0);
    return true;
  }

  /** When it is asked again. */
  untilMs(): Ms {
    return this.#untilMs;
  }
}
