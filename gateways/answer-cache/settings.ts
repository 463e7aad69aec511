/** What the cache of answers is told when it is started, and how it is spoken to. */
import type { CacheSpec } from "../../core/scenario/resilience-spec.ts";

export interface AnswerCacheSettings {
  readonly port: number;
  /** Where requests go that nobody has asked before. */
  readonly targetPort: number;
  readonly cache: CacheSpec;
  readonly seed: number;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
}

/** `GET`: how many answers are kept; `DELETE`: none any more. */
export const cachePath = "/_squall/cache";
