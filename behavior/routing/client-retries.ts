/**
 * What a client's library does by itself when a try fails: one policy for simulated clients and for the load engine.
 *
 * Worth another try are 408, 409, 429, every status from 500 on, a failed connection and the client's own time limit; an
 * answer that has begun never is (openai-node and anthropic-sdk-typescript, `client.ts`, `shouldRetry` and `makeRequest`). The
 * wait of each try of each request is drawn from a stream of its own, so live and simulated clients wait equally long.
 */
import type { RandomStream } from "../../core/random.ts";
import type { Outcome } from "../../core/record.ts";
import type { ClientRetries } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";
import { backoffMs, retryAfterMaxMs } from "./backoff.ts";

/** A try that has ended. */
export interface FailedTry {
  /** Names the request, and how often its person has sent it. */
  readonly key: string;
  /** 1 for the first try since it was sent. */
  readonly tries: number;
  readonly outcome: Outcome;
  readonly status: number;
  /** What the answer asked for; undefined: nothing. */
  readonly retryAfterMs: Ms | undefined;
}

/** How long the client waits before it tries again; undefined: it does not. */
export type RetryAgain = (failed: FailedTry) => Ms | undefined;

/** `random`: the workload's own stream. */
export function clientRetries(spec: ClientRetries, random: RandomStream): RetryAgain {
  const waits = random.split("client-retries");
  return (failed) => {
    const { tries, retryAfterMs } = failed;
    if (tries > spec.max || !isWorthRetrying(failed)) return undefined;
    if (spec.honourRetryAfter && retryAfterMs !== undefined && retryAfterMs < retryAfterMaxMs) return retryAfterMs;
    let waitMs = 0;
    const stream = waits.split(failed.key);
    for (let retry = 1; retry <= tries; retry++) {
      waitMs = backoffMs(spec.backoff, retry, waitMs, stream.uniform());
    }
    return waitMs;
  };
}

/** Whether the same request may well fare better the next time. */
export function isWorthRetrying({ outcome, status }: Pick<FailedTry, "outcome" | "status">): boolean {
  switch (outcome) {
    case "rate-limited":
    case "server-error":
    case "timeout":
    case "connection":
      return true;
    case "rejected":
      return status === 408 || status === 409;
    case "ok":
    case "cut-stream":
    case "malformed":
    case "aborted":
    case "unfinished":
      return false;
  }
}
