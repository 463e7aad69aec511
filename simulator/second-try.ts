/**
 * What a gateway does when a call has failed: the same provider again after a wait, the next one of the route, or nothing.
 *
 * By itself it does what its profile says (Portkey: waits double from the first, no jitter, `retry-after` ignored); a scenario
 * may ask for more. A provider that wants to be left alone for a minute or longer is not asked again.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import { backoffMs, retryAfterMaxMs } from "../behavior/routing/backoff.ts";
import type { RandomStream } from "../core/random.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import type { RetryChoices } from "../core/scenario/resilience-spec.ts";
import type { Ms } from "../core/time.ts";
import type { Journey } from "./journey.ts";

export interface SecondTryOptions {
  readonly profile: GatewayProfile;
  readonly retries: PlatformSpec["retries"];
  readonly choices: RetryChoices | undefined;
  readonly timeScale: number;
  /** The gateway's own stream: each wait of each request is drawn from one below it. */
  readonly random: RandomStream;
}

/** Nobody is asked any more, the next provider of the route is, or the same one again after so many milliseconds. */
export type WhatNext = "give-up" | "next-provider" | Ms;

export class SecondTry {
  readonly #options: SecondTryOptions;
  readonly #retryOn: ReadonlySet<number>;
  readonly #firstWaitMs: Ms;
  readonly #waits: RandomStream;

  constructor(options: SecondTryOptions) {
    this.#options = options;
    this.#retryOn = new Set(options.retries.on);
    this.#firstWaitMs = (options.profile.failover?.backoffMs ?? 0) * options.timeScale;
    this.#waits = options.random.split("retries");
  }

  /** `status`: of the failure, 0 where no answer came; there is `failover`. */
  after(nowMs: Ms, journey: Journey, status: number, statusOfNone: number): WhatNext {
    const worthIt = status === 0 || this.#retryOn.has(status);
    if (worthIt && journey.attempts <= this.#options.retries.max) {
      const waitMs = this.#waitMs(journey);
      if (waitMs !== undefined && nowMs + waitMs < journey.limitMs) return waitMs;
    }
    const another = journey.hop + 1 < journey.route.length && nowMs < journey.limitMs;
    return another && this.#retryOn.has(status === 0 ? statusOfNone : status) ? "next-provider" : "give-up";
  }

  /** Undefined: the provider wants to be left alone for longer than anybody waits. */
  #waitMs(journey: Journey): Ms | undefined {
    const { choices } = this.#options;
    if (choices?.honourRetryAfter === true && journey.retryAfterMs !== undefined) {
      return journey.retryAfterMs < retryAfterMaxMs ? journey.retryAfterMs : undefined;
    }
    if (choices?.backoff === undefined) return this.#firstWaitMs * 2 ** (journey.attempts - 1);
    const chance = this.#waits.split(journey.planned.key).split(journey.upstreamCalls).uniform();
    journey.waitedMs = backoffMs(
      choices.backoff,
      journey.attempts,
      journey.attempts === 1 ? 0 : journey.waitedMs,
      chance,
    );
    return journey.waitedMs;
  }
}
