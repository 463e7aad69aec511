/**
 * An engine's KV memory: what running sequences hold, and what is kept of prompts for those that begin alike.
 *
 * A sequence reserves all it will ever need when it starts: prompt and answer, in whole blocks. vLLM reserves as it goes and
 * pre-empts the latest sequence when memory runs out; it cannot know how long an answer will be, and this model does. So nothing
 * is ever pre-empted here, and at the brink of its memory this engine runs a little fewer sequences, each without a setback.
 *
 * Prompts are kept in blocks named by a hash of themselves and of all before them, as vLLM and Mooncake do, so equal names are
 * equal prefixes. Blocks that a running sequence uses stay; the others leave, least recently used first, when room is needed;
 * of one prompt the end leaves before the beginning (vLLM, design/prefix_caching.md).
 */
import { invariant } from "../../../core/invariant.ts";

export interface KvMemoryOptions {
  readonly kvTokens: number;
  readonly kvBlockTokens: number;
  /** Tokens that one name stands for. */
  readonly prefixBlockTokens: number;
}

/** What one sequence holds. */
export interface KvHold {
  /** Named blocks at its beginning, kept by others or by itself. */
  readonly shared: readonly number[];
  readonly ownTokens: number;
  /** Prompt tokens that it found and need not read. */
  readonly foundTokens: number;
}

export class KvMemory {
  readonly #options: KvMemoryOptions;
  /** Users of each kept block. */
  readonly #users = new Map<number, number>();
  /** Blocks without a user, least recently used first. */
  readonly #idle = new Set<number>();
  #ownTokens = 0;

  constructor(options: KvMemoryOptions) {
    this.#options = options;
  }

  /** Tokens that are taken, kept blocks included. Never above the memory. */
  get usedTokens(): number {
    return this.#ownTokens + this.#users.size * this.#options.prefixBlockTokens;
  }

  /** Tokens that sequences hold; the rest is free or could be. */
  get heldTokens(): number {
    return this.usedTokens - this.#idle.size * this.#options.prefixBlockTokens;
  }

  /** Whether a sequence would fit if it were alone. */
  couldEverFit(tokens: number): boolean {
    return this.#inBlocks(tokens) <= this.#options.kvTokens;
  }

  /** Takes room for `tokens` in all, of which the first `names` may be kept already. Undefined: there is none now. */
  take(tokens: number, names: readonly number[]): KvHold | undefined {
    const { kvTokens, prefixBlockTokens } = this.#options;
    const missing = names.findIndex((name) => !this.#users.has(name));
    const shared = missing === -1 ? names : names.slice(0, missing);
    const foundTokens = shared.length * prefixBlockTokens;
    const ownTokens = this.#inBlocks(Math.max(0, tokens - foundTokens));
    const woken = shared.filter((name) => this.#idle.has(name)).length;
    if (this.heldTokens + woken * prefixBlockTokens + ownTokens > kvTokens) return undefined;
    for (const name of shared) this.#use(name);
    while (this.usedTokens + ownTokens > kvTokens) this.#forgetOldest();
    this.#ownTokens += ownTokens;
    return { shared, ownTokens, foundTokens };
  }

  /** The prompt has been read: its whole blocks are kept from now on, as long as there is room. */
  keep(hold: KvHold, names: readonly number[]): KvHold {
    const added: number[] = [];
    for (const name of names.slice(hold.shared.length)) {
      // Another sequence read the same at the same time: the names behind it would be kept without their beginning's user.
      if (this.#users.has(name)) break;
      this.#users.set(name, 1);
      added.push(name);
    }
    const moved = added.length * this.#options.prefixBlockTokens;
    this.#ownTokens -= moved;
    return { ...hold, shared: [...hold.shared, ...added], ownTokens: hold.ownTokens - moved };
  }

  give(hold: KvHold): void {
    this.#ownTokens -= hold.ownTokens;
    for (const name of hold.shared.toReversed()) {
      const users = this.#users.get(name);
      invariant(users !== undefined && users > 0, "a block that is held is kept");
      this.#users.set(name, users - 1);
      if (users === 1) this.#idle.add(name);
    }
  }

  #use(name: number): void {
    this.#idle.delete(name);
    this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
  }

  #forgetOldest(): void {
    const [oldest] = this.#idle;
    invariant(oldest !== undefined, "room that was promised is there");
    this.#idle.delete(oldest);
    this.#users.delete(oldest);
  }

  #inBlocks(tokens: number): number {
    const { kvBlockTokens } = this.#options;
    return Math.ceil(tokens / kvBlockTokens) * kvBlockTokens;
  }
}
