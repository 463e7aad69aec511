/**
 * What a gateway does so that a provider's trouble does not become its clients': waits, retries, second calls, and whom it
 * asks. Complete, in milliseconds and fractions; each part is absent where a scenario does not ask for it.
 */
import type { Ms } from "../time.ts";

/** How waits between tries grow and scatter. */
export interface BackoffSpec {
  /** Before the first retry; it doubles from one to the next. */
  readonly baseMs: Ms;
  /** No wait is longer, before it is scattered. */
  readonly capMs: Ms;
  readonly jitter: Jitter;
}

/**
 * How a wait scatters. `full`, `equal` and `decorrelated` are those of Marc Brooker, "Exponential Backoff And Jitter" (AWS
 * Architecture Blog, 2015). `sdk` takes off up to a quarter, as the SDKs of OpenAI and Anthropic do.
 */
export type Jitter = "none" | "full" | "equal" | "decorrelated" | "sdk";

/** What makes a call worth another try, beside the statuses of `retries.on`. */
export interface RetryChoices {
  /** undefined: as the gateway does it by itself. */
  readonly backoff: BackoffSpec | undefined;
  /** A retry waits as long as the provider asks for, if that is no longer than `retryAfterMaxMs`. */
  readonly honourRetryAfter: boolean;
}

export interface TimeoutSpec {
  /** From a call until the first content of a stream, or the whole of another answer. */
  readonly attemptMs: Ms | undefined;
  /** From the request until then, over all calls and waits. */
  readonly totalMs: Ms | undefined;
}

/** A second call when the first one takes long; the first to answer wins, the other is cancelled. */
export interface HedgeSpec {
  /** After so long, or after this quantile (0..1) of the waits for a first token that were seen last. */
  readonly after:
    | { readonly kind: "delay"; readonly delayMs: Ms }
    | { readonly kind: "quantile"; readonly quantile: number };
  /** Second calls are at most this share of first ones. */
  readonly shareMax: number;
}

/** When a provider's model is not called any more, for how long, and how it is tried again. */
export interface BreakerSpec {
  readonly opens:
    | { readonly kind: "consecutive"; readonly failures: number }
    | { readonly kind: "share"; readonly share: number; readonly callsMin: number; readonly windowMs: Ms };
  readonly openMs: Ms;
  /** Calls let through when it is half open; all of them must succeed. */
  readonly probes: number;
}

/** LiteLLM's: more than so many failures within a minute, and a provider's model is left out for a while. */
export interface CooldownSpec {
  readonly allowedFails: number;
  readonly cooldownMs: Ms;
}

export type RoutingSpec =
  | { readonly by: "order" | "least-busy" | "lowest-latency" | "usage" }
  | {
      readonly by: "weighted";
      readonly weights: Readonly<Record<string, number>>;
      /** A conversation stays where it began, unless there is none. */
      readonly affinity?: "none";
    }
  /** Prompts of at least `largeTokens` go to reserved capacity first, others to it last. */
  | { readonly by: "reserved"; readonly largeTokens: number }
  /** Providers in this region first. */
  | { readonly by: "near"; readonly region: string };

/** Answers kept by the gateway. */
export interface CacheSpec {
  readonly ttlMs: Ms;
  /** Answers kept at most; the one that was used longest ago goes first. */
  readonly entriesMax: number;
  /** Share of the requests that ask one of `questions` common questions, word for word. */
  readonly repeats: number;
  readonly questions: number;
  /** Of the others, the share that means the same as something that is kept. */
  readonly semantic: number;
}

/** All of it, as a scenario's platform carries it. */
export interface ResilienceSpec {
  readonly retries?: RetryChoices;
  readonly timeouts?: TimeoutSpec;
  readonly hedge?: HedgeSpec;
  readonly breaker?: BreakerSpec;
  readonly cooldown?: CooldownSpec;
  readonly routing?: RoutingSpec;
  readonly cache?: CacheSpec;
}
