/**
 * A prompt as it is counted and cached, gathered while a Converse request is checked: tools before the system prompt and that
 * before the messages. Counted as Anthropic counts; a cache point stands behind what it caches.
 */
import { isObject, type Fields } from "../json-fields.ts";
import { hourMs, minuteMs, type Ms } from "../../core/time.ts";
import { type PromptBlock, tokensPerRequest } from "../anthropic/prompt.ts";
import { type ApiError, validationError } from "./errors.ts";
import { notA, notOneOf } from "./parameters.ts";

/** docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html: four per request for Claude and Nova. */
const cachePointsMax = 4;

const timesToLive: Readonly<Record<string, Ms>> = { "5m": 5 * minuteMs, "1h": hourMs };

export class Prompt {
  readonly messages: PromptBlock[] = [];
  readonly system: PromptBlock[] = [];
  readonly tools: PromptBlock[] = [];
  /** Beside those of the blocks. */
  formatTokens: number = tokensPerRequest;
  #cachePoints = 0;

  /** `tokens`: beside those of the text. */
  add(to: PromptBlock[], text: string, tokens = 0): void {
    to.push({ text, tokens, cacheForMs: undefined });
  }

  /** Caches the prefix up to here. */
  cachePoint(to: PromptBlock[], point: unknown, path: string): ApiError | undefined {
    if (!isObject(point)) return notA("json object", path);
    const { type, ttl = "5m" }: Fields = point;
    if (type !== "default") return notOneOf(type ?? null, `${path}.type`, ["default"]);
    const cacheForMs = typeof ttl === "string" ? timesToLive[ttl] : undefined;
    if (cacheForMs === undefined) return notOneOf(ttl, `${path}.ttl`, Object.keys(timesToLive));
    const last = to.at(-1);
    // Recalled.
    if (last === undefined) return validationError(`The cachePoint at ${path} has nothing to cache before it.`);
    to[to.length - 1] = { ...last, cacheForMs };
    this.#cachePoints += 1;
    if (this.#cachePoints <= cachePointsMax) return undefined;
    return validationError(
      `A maximum of ${cachePointsMax} cachePoint blocks may be provided. Found ${this.#cachePoints}.`,
    );
  }

  /** All text; messages first, because the marker stands at the head of the first. */
  texts(): readonly string[] {
    return [...this.messages, ...this.system, ...this.tools].map(({ text }) => text);
  }

  /** In the order in which prefixes are cached. */
  blocks(): readonly PromptBlock[] {
    return [...this.tools, ...this.system, ...this.messages];
  }

  totalFormatTokens(): number {
    return this.blocks().reduce((sum, { tokens }) => sum + tokens, this.formatTokens);
  }
}
