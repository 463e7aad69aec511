/**
 * Answers that a gateway keeps: what was asked, the answer's size, and until when it may be given again.
 *
 * At most so many are kept; the one that was used longest ago goes first. A hit does not prolong an answer's life (Redis'
 * `SETEX`, which LiteLLM and Portkey use, counts from when it was stored).
 */
import type { CacheSpec } from "../../core/scenario/resilience-spec.ts";
import type { Ms } from "../../core/time.ts";

/** An answer as far as anybody needs to know it. */
export interface KeptAnswer {
  readonly outputTokens: number;
  readonly chunks: number;
}

interface Lifetime {
  readonly untilMs: Ms;
}

export class ResponseCache<Answer extends object = KeptAnswer> {
  readonly #spec: Pick<CacheSpec, "ttlMs" | "entriesMax">;
  /** In order of use, the oldest first. */
  #entries = new Map<string, Answer & Lifetime>();

  constructor(spec: Pick<CacheSpec, "ttlMs" | "entriesMax">) {
    this.#spec = spec;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The answer to this very question, if there is one that is still good. */
  lookup(nowMs: Ms, question: string): Answer | undefined {
    const entry = this.#entries.get(question);
    if (entry === undefined) return undefined;
    this.#entries.delete(question);
    if (nowMs >= entry.untilMs) return undefined;
    this.#entries.set(question, entry);
    return entry;
  }

  store(nowMs: Ms, question: string, answer: Answer): void {
    this.#entries.delete(question);
    if (this.#entries.size >= this.#spec.entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    this.#entries.set(question, { ...answer, untilMs: nowMs + this.#spec.ttlMs });
  }

  /** Everything is lost. */
  clear(): void {
    this.#entries = new Map();
  }
}
