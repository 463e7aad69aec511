/**
 * How long to wait before the next try.
 *
 * With d = min(cap, base * 2^(n - 1)) before the n-th retry:
 *
 *     none          d
 *     full          between 0 and d
 *     equal         between d / 2 and d
 *     decorrelated  between base and three times the wait before, at most cap
 *     sdk           between 3/4 d and d
 *
 * The middle three are Marc Brooker's ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015), the last one is what the
 * SDKs of OpenAI and Anthropic do (`client.ts`, `calculateDefaultRetryTimeoutMillis`).
 */
import { assertNever } from "../../core/invariant.ts";
import type { BackoffSpec } from "../../core/scenario/resilience-spec.ts";
import { minuteMs, type Ms } from "../../core/time.ts";

/** Whoever is asked to wait as long as this takes it for a no: the SDKs' limit (`client.ts`, "if the API asks us to wait"). */
export const retryAfterMaxMs: Ms = minuteMs;

/**
 * The wait before the `retry`-th retry, counted from 1. `previousMs` is the wait before the one before (0 if there was none);
 * `chance` is uniform on [0, 1).
 */
export function backoffMs(spec: BackoffSpec, retry: number, previousMs: Ms, chance: number): Ms {
  const { baseMs, capMs, jitter } = spec;
  const doubledMs = Math.min(capMs, baseMs * doublings(retry - 1));
  switch (jitter) {
    case "none":
      return doubledMs;
    case "full":
      return chance * doubledMs;
    case "equal":
      return doubledMs / 2 + (chance * doubledMs) / 2;
    case "decorrelated":
      return Math.min(capMs, baseMs + chance * (3 * Math.max(baseMs, previousMs) - baseMs));
    case "sdk":
      return doubledMs * (1 - chance / 4);
    default:
      return assertNever(jitter);
  }
}

/** 2^n, exact; far beyond any cap it stays finite. */
function doublings(n: number): number {
  return n > 1_000 ? Number.MAX_VALUE : 2 ** n;
}
