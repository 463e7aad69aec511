/**
 * What a provider still has of the conversations that it has served: the `kept` way of its prompt cache.
 *
 * A turn finds at most the whole prompt of an earlier turn of its conversation, at this provider and for this model. So a gateway
 * that sends the next turn elsewhere pays for the whole prompt again, and its user waits for it. OpenAI keeps a prefix for five to ten
 * minutes after its last use (guides/prompt-caching); ten are taken here.
 */
import { conversationOf } from "../core/conversation.ts";
import { minuteMs, type Ms } from "../core/time.ts";

const keepForMs: Ms = 10 * minuteMs;
/** Conversations remembered; beyond it the one not used for longest is forgotten. */
const conversationsMax = 20_000;

interface Kept {
  readonly tokens: number;
  readonly expiresMs: Ms;
}

export class KeptPrompts {
  readonly #kept = new Map<string, Kept>();

  /** Tokens of this request's prompt that can be there. */
  found(nowMs: Ms, requestKey: string, model: string): number {
    const kept = this.#kept.get(nameOf(requestKey, model));
    return kept === undefined || kept.expiresMs <= nowMs ? 0 : kept.tokens;
  }

  /** A prompt has been read. */
  keep(nowMs: Ms, requestKey: string, model: string, inputTokens: number): void {
    const tokens = Math.max(inputTokens, this.found(nowMs, requestKey, model));
    const name = nameOf(requestKey, model);
    this.#kept.delete(name);
    this.#kept.set(name, { tokens, expiresMs: nowMs + keepForMs });
    if (this.#kept.size <= conversationsMax) return;
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest);
      return;
    }
  }
}

function nameOf(requestKey: string, model: string): string {
  return `${model} ${conversationOf(requestKey)}`;
}
