/**
 * What a gateway does when a call has failed: the same provider again after a wait, the next one of the route, or nothing.
 *
 * By itself it does what its profile says (Portkey: waits double from the first, no jitter, `retry-after` ignored; LiteLLM and
 * TensorZero: behavior/gateway-profiles); a scenario may ask for more. A provider that wants to be left alone for a minute or longer is not asked again.
 */
import type { Failover } from "../behavior/gateway-profile.ts";
import { backoffMs, retryAfterMaxMs } from "../behavior/routing/backoff.ts";
import type { RandomStream } from "../core/random.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import type { RetryChoices } from "../core/scenario/resilience-spec.ts";
import type { Ms } from "../core/time.ts";
import { type Ending, failedWith } from "./answers.ts";
import type { Journey } from "./journey.ts";

export interface SecondTryOptions {
  readonly retries: PlatformSpec["retries"];
  readonly choices: RetryChoices | undefined;
  readonly timeScale: number;
  /** The gateway's own stream: each wait of each request is drawn from one below it. */
  readonly random: RandomStream;
}

export class SecondTry {
  readonly #options: SecondTryOptions;
  readonly #retryOn: ReadonlySet<number>;
  readonly #waits: RandomStream;

  constructor(options: SecondTryOptions) {
    this.#options = options;
    this.#retryOn = new Set(options.retries.on);
    this.#waits = options.random.split("retries");
  }

  /** How long until the same provider is asked again, or the route, from its beginning; undefined: it is not. */
  waitMs(nowMs: Ms, journey: Journey, failover: Failover): Ms | undefined {
    if (failover.retriesRoute === true && hasNext(journey)) return undefined;
    if (!this.#repeats(journey.ending.status, failover)) return undefined;
    if (roundsOf(journey, failover) > this.#options.retries.max) return undefined;
    const waitMs = this.#nextWaitMs(journey, failover);
    if (waitMs === undefined || nowMs + waitMs >= journey.limitMs) return undefined;
    if (failover.retriesRoute === true) journey.hop = 0;
    return waitMs;
  }

  /** How long it waits after its last try, for nothing; 0: it does not. */
  lastWaitMs(nowMs: Ms, journey: Journey, failover: Failover): Ms {
    const repeats = this.#options.retries.max > 0 && this.#repeats(journey.ending.status, failover);
    if (failover.waitsAfterLast !== true || !repeats) return 0;
    const waitMs = this.#nextWaitMs(journey, failover) ?? 0;
    return nowMs + waitMs < journey.limitMs ? waitMs : 0;
  }

  /** Whether the next provider of the route is asked. */
  goesOn(nowMs: Ms, journey: Journey, { connectionStatus, fallsBackAlways }: Failover): boolean {
    if (!hasNext(journey) || nowMs >= journey.limitMs) return false;
    const { status } = journey.ending;
    return fallsBackAlways === true || this.#retryOn.has(status === 0 ? connectionStatus : status);
  }

  /** Status 0: no answer came. */
  #repeats(status: number, { repeats }: Failover): boolean {
    if (repeats === undefined) return status === 0 || this.#retryOn.has(status);
    if (repeats.never.includes(status)) return false;
    return !repeats.asTold.includes(status) || this.#retryOn.has(status);
  }

  /** Undefined: the provider wants to be left alone for longer than anybody waits. */
  #nextWaitMs(journey: Journey, failover: Failover): Ms | undefined {
    const { choices } = this.#options;
    if (choices?.honourRetryAfter === true && journey.retryAfterMs !== undefined) {
      return journey.retryAfterMs < retryAfterMaxMs ? journey.retryAfterMs : undefined;
    }
    if (choices?.backoff === undefined) return this.#ownWaitMs(journey, failover);
    journey.waitedMs = backoffMs(
      choices.backoff,
      journey.attempts,
      journey.attempts === 1 ? 0 : journey.waitedMs,
      this.#chance(journey),
    );
    return journey.waitedMs;
  }

  /** As the gateway does it by itself. Its waits are its own time, which no time scale shortens; what a provider asks for is not. */
  #ownWaitMs(journey: Journey, failover: Failover): Ms {
    const { retryAfterMsMax = 0, backoffMsMax = Number.POSITIVE_INFINITY, jitterMs = 0, jitterShare = 0 } = failover;
    const { timeScale } = this.#options;
    const { retryAfterMs } = journey;
    const doubled = failover.backoffMs * 2 ** (roundsOf(journey, failover) - 1);
    const isAsked = retryAfterMs !== undefined && retryAfterMs > 0 && retryAfterMs <= retryAfterMsMax;
    const waitMs = isAsked ? retryAfterMs : Math.min(doubled, backoffMsMax) * timeScale;
    const longerMs = jitterMs * timeScale + jitterShare * waitMs;
    return longerMs === 0 ? waitMs : waitMs + longerMs * this.#chance(journey);
  }

  #chance(journey: Journey): number {
    return this.#waits.split(journey.planned.key).split(journey.upstreamCalls).uniform();
  }
}

/** What the client of a request gets that has failed at every provider. */
export function endingTold(ending: Ending, { failureStatus, connectionStatus }: Failover): Ending {
  const told = failureStatus ?? (ending.status === 0 ? connectionStatus : ending.status);
  return told === ending.status ? ending : failedWith(told, `http-${told}`);
}

/** Tries so far: at this provider, or of the whole route. */
function roundsOf({ attempts, upstreamCalls, route }: Journey, { retriesRoute }: Failover): number {
  return retriesRoute === true ? Math.ceil(upstreamCalls / route.length) : attempts;
}

function hasNext({ hop, route }: Journey): boolean {
  return hop + 1 < route.length;
}
