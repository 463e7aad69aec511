/**
 * What becomes of a request one of whose tries has ended: the client's library tries again, its person sends it again, or that was
 * it. One rule for simulated clients and for the load engine.
 *
 *     sent ─▶ try ─▶ try ─▶ ...   the library's, as long as it goes on
 *       ▲                     │   failed for good, or the person has lost patience
 *       └── by hand ──────────┘   at once after lost patience, after a pause otherwise
 */
import type { Ms } from "../../core/time.ts";
import type { FailedTry, RetryAgain } from "./client-retries.ts";
import type { Resends } from "./resends.ts";

/** What clients do of their own accord; nothing unless given. */
export interface ClientHabits {
  readonly retryAgain?: RetryAgain;
  readonly resends?: Resends;
}

/** A try that has ended for its client. */
export interface EndedTry extends Omit<FailedTry, "key"> {
  /** Names the request. */
  readonly key: string;
  /** How often its person has sent it again. */
  readonly resends: number;
  /** Whether any of a streamed answer had come. */
  readonly begun: boolean;
  /** How much longer its person would have waited for an answer to begin; infinite: for any time. */
  readonly patienceLeftMs: Ms;
}

export interface NextTry {
  readonly by: "library" | "person";
  /** From the end of the try. */
  readonly waitMs: Ms;
}

/** Undefined: its client has what came, and leaves it at that. */
export function nextTry({ retryAgain, resends }: ClientHabits, ended: EndedTry): NextTry | undefined {
  const { begun, key, outcome, patienceLeftMs } = ended;
  if (outcome === "ok") return undefined;
  if (!begun) {
    if (patienceLeftMs <= 0) return { by: "person", waitMs: 0 };
    const waitMs = retryAgain?.({ ...ended, key: sendingName(key, ended.resends) });
    if (waitMs !== undefined) {
      return waitMs < patienceLeftMs ? { by: "library", waitMs } : { by: "person", waitMs: patienceLeftMs };
    }
  }
  const pauseMs = resends?.pauseMs(key, ended.resends, ended);
  return pauseMs === undefined ? undefined : { by: "person", waitMs: pauseMs };
}

/** The library that a person has set going again knows nothing of what it did before. */
function sendingName(key: string, resends: number): string {
  return resends === 0 ? key : `${key}/${resends}`;
}
