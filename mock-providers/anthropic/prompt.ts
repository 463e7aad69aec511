/**
 * A prompt as Anthropic counts and caches it, gathered while a request is checked.
 *
 * The service puts tools before the system prompt and that before the messages; a cached prefix is a prefix of this order
 * (platform.claude.com/docs/en/build-with-claude/prompt-caching).
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import { hourMs, minuteMs, type Ms } from "../../core/time.ts";
import type { ApiError } from "./errors.ts";
import { invalidRequest } from "./errors.ts";
import { notA, notOneOf, required } from "./parameters.ts";

/** The unit of caching: a tool, a block of the system prompt, a block of a message. */
export interface PromptBlock {
  readonly text: string;
  /** Beside those of its text. */
  readonly tokens: number;
  /** The prefix up to and with this block is to be cached for this long; undefined: it is not. */
  readonly cacheForMs: Ms | undefined;
}

/**
 * Tokens of the format. One user message "Hi" counts 8 ([capture]): taken as 3 for the request and 4 per message. A picture
 * of the largest size that is not scaled down counts about 1,600 (vision guide); a document of unknown length is taken for a
 * page, 1,500 to 3,000 (PDF guide).
 */
export const tokensPerRequest = 3;
export const tokensPerMessage = 4;
export const tokensPerPicture = 1_600;
export const tokensPerDocument = 2_000;

/** What is added when there are tools: with any choice but a forced one, and with a forced one (tool use guide, pricing). */
export const toolTokens = { free: 346, forced: 313 } as const;

/** "A maximum of 4 blocks with cache_control" (public error texts). */
const breakpointsMax = 4;

export class Prompt {
  readonly messageBlocks: PromptBlock[] = [];
  readonly systemBlocks: PromptBlock[] = [];
  readonly toolBlocks: PromptBlock[] = [];
  formatTokens: number = tokensPerRequest;
  #breakpoints = 0;

  /** Takes a block in, and reads its `cache_control`. */
  add(to: PromptBlock[], text: string, tokens: number, fields: Fields, path: string): ApiError | undefined {
    const read = cacheControlOf(fields["cache_control"], `${path}.cache_control`);
    if (!read.ok) return read.error;
    to.push({ text, tokens, cacheForMs: read.cacheForMs });
    if (read.cacheForMs !== undefined) this.#breakpoints += 1;
    if (this.#breakpoints <= breakpointsMax) return undefined;
    return invalidRequest(
      `A maximum of ${breakpointsMax} blocks with cache_control may be provided. Found ${this.#breakpoints}.`,
    );
  }

  /** `cache_control` of the whole request: a breakpoint on the last block. */
  cacheAll(control: unknown): ApiError | undefined {
    const read = cacheControlOf(control, "cache_control");
    if (!read.ok) return read.error;
    const last = this.messageBlocks.at(-1);
    if (last !== undefined && read.cacheForMs !== undefined) {
      this.messageBlocks[this.messageBlocks.length - 1] = { ...last, cacheForMs: read.cacheForMs };
    }
    return undefined;
  }

  /** All text; messages first, because the marker stands at the head of the first. */
  texts(): readonly string[] {
    return [...this.messageBlocks, ...this.systemBlocks, ...this.toolBlocks].map(({ text }) => text);
  }

  /** In the order in which prefixes are cached. */
  blocks(): readonly PromptBlock[] {
    return [...this.toolBlocks, ...this.systemBlocks, ...this.messageBlocks];
  }

  totalFormatTokens(): number {
    return this.blocks().reduce((sum, { tokens }) => sum + tokens, this.formatTokens);
  }
}

type CacheControl =
  | { readonly ok: true; readonly cacheForMs: Ms | undefined }
  | { readonly ok: false; readonly error: ApiError };

/** Times to live (prompt caching guide): five minutes unless given, or an hour. */
const timesToLive: Readonly<Record<string, Ms>> = { "5m": 5 * minuteMs, "1h": hourMs };

function cacheControlOf(control: unknown, path: string): CacheControl {
  if (isAbsent(control)) return { ok: true, cacheForMs: undefined };
  if (!isObject(control)) return { ok: false, error: notA("dictionary", path) };
  const { type, ttl = "5m" } = control;
  if (type === undefined) return { ok: false, error: required(`${path}.type`) };
  if (type !== "ephemeral") return { ok: false, error: notOneOf(`${path}.type`, ["ephemeral"]) };
  const cacheForMs = typeof ttl === "string" ? timesToLive[ttl] : undefined;
  if (cacheForMs !== undefined) return { ok: true, cacheForMs };
  return { ok: false, error: notOneOf(`${path}.ephemeral.ttl`, Object.keys(timesToLive)) };
}
