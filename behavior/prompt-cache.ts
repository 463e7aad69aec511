/**
 * A provider's cache of prompt prefixes, as Anthropic describes it (platform.claude.com/docs/en/build-with-claude/prompt-caching).
 *
 * - A request marks positions of its prompt, breakpoints; the prefix up to each is kept for the time that it asks for.
 * - A later request reads the longest kept prefix that ends at a breakpoint of its own, or at one of the `lookBack` blocks
 *   before one: so a conversation that grows finds what its last turn has written.
 * - Reading renews the time to live. What lies between the prefix that was read and the last breakpoint is written.
 * - A prefix below the model's minimum is not cached, without an error.
 *
 * Pure on `nowMs`, bounded, and blind to content: whoever asks brings a name for each prefix.
 */
import type { Ms } from "../core/time.ts";

/** A prompt up to the end of one of its blocks. */
export interface Prefix {
  /** Equal for equal prefixes of one model and organization, and for nothing else. */
  readonly name: string;
  /** Of everything up to here. */
  readonly tokens: number;
  /** undefined: not a breakpoint. */
  readonly keepForMs: Ms | undefined;
}

/** What a request has of the cache. */
export interface CacheUse {
  readonly readTokens: number;
  /** Tokens written, by the time that they are kept for. */
  readonly written: readonly { readonly tokens: number; readonly keepForMs: Ms }[];
}

interface Entry {
  readonly keepForMs: Ms;
  expiresMs: Ms;
}

/** Blocks before a breakpoint that are looked at (prompt caching guide). */
const lookBack = 20;

/** Prefixes remembered; beyond it the one not used for longest is forgotten. About 3 MB when full. */
const prefixesMax = 20_000;

export class PromptCache {
  readonly #entries = new Map<string, Entry>();

  /** Reads what is there and writes the rest. `prefixes`: one per block, in order; `tokensMin`: shortest prefix that is cached. */
  use(nowMs: Ms, prefixes: readonly Prefix[], tokensMin: number): CacheUse {
    const read = this.#longestKept(nowMs, prefixes);
    const readTokens = read === undefined ? 0 : (prefixes[read]?.tokens ?? 0);
    const written: { tokens: number; keepForMs: Ms }[] = [];
    let covered = readTokens;
    for (const { name, tokens, keepForMs } of prefixes.slice((read ?? -1) + 1)) {
      if (keepForMs === undefined || tokens < tokensMin) continue;
      this.#keep(name, { keepForMs, expiresMs: nowMs + keepForMs });
      written.push({ tokens: tokens - covered, keepForMs });
      covered = tokens;
    }
    return { readTokens, written };
  }

  #longestKept(nowMs: Ms, prefixes: readonly Prefix[]): number | undefined {
    let reach = Number.POSITIVE_INFINITY;
    for (let index = prefixes.length - 1; index >= 0; index--) {
      const prefix = prefixes[index];
      if (prefix === undefined) continue;
      if (prefix.keepForMs !== undefined) reach = index - lookBack;
      if (index < reach) continue;
      const entry = this.#entries.get(prefix.name);
      if (entry === undefined || entry.expiresMs <= nowMs) continue;
      this.#keep(prefix.name, { ...entry, expiresMs: nowMs + entry.keepForMs });
      return index;
    }
    return undefined;
  }

  #keep(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size <= prefixesMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
