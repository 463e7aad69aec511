/**
 * What a client may ask for again, or build upon, by its id: OpenAI's stored responses, Anthropic's threads, Google's cached contents.
 *
 * Services keep them for their time; here the oldest leave, too, when there are too many, or too much of them.
 */
import type { Ms } from "../core/time.ts";

/** An answer, or a conversation that ends with one. */
export interface KeptAnswer {
  /** Nobody else may see it. */
  readonly organization: string;
  /** As it was sent, or the conversation. */
  readonly body: string;
  /** What it answered: the items of its input, as JSON. */
  readonly input: readonly string[];
  /** Tokens of prompt and answer, which are the prompt of what follows; thoughts are not kept. */
  readonly tokens: number;
  /** Calls of tools in it, whose results are still to come. */
  readonly openCalls: readonly string[];
}

export type KeptAnswers = KeptItems<KeptAnswer>;

export function keptAnswers(): KeptAnswers {
  return new KeptItems(({ body, input }) => input.reduce((sum, item) => sum + item.length, body.length));
}

/** The beginning of prompts, sent once and then named. */
export interface CachedContent {
  readonly organization: string;
  readonly model: string;
  readonly displayName: string | undefined;
  /** Contents, system instruction and tools, as JSON. */
  readonly body: string;
  readonly tokens: number;
  readonly createdEpochMs: number;
  readonly updatedEpochMs: number;
  /** Scenario time. */
  readonly expiresMs: Ms;
}

export type CachedContents = KeptItems<CachedContent>;

export function cachedContents(): CachedContents {
  return new KeptItems(({ body }) => body.length);
}

const itemsMaxUsual = 10_000;
const charactersMaxUsual = 64 * 1024 * 1024;

export class KeptItems<Item extends { readonly organization: string }> {
  readonly #items = new Map<string, Item>();
  readonly #charactersOf: (item: Item) => number;
  readonly #itemsMax: number;
  readonly #charactersMax: number;
  #characters = 0;

  constructor(
    charactersOf: (item: Item) => number,
    itemsMax: number = itemsMaxUsual,
    charactersMax: number = charactersMaxUsual,
  ) {
    this.#charactersOf = charactersOf;
    this.#itemsMax = itemsMax;
    this.#charactersMax = charactersMax;
  }

  /** In place of what was kept under that id. */
  keep(id: string, item: Item): void {
    this.#drop(id);
    this.#items.set(id, item);
    this.#characters += this.#charactersOf(item);
    for (const oldest of this.#items.keys()) {
      if (this.#items.size <= this.#itemsMax && this.#characters <= this.#charactersMax) return;
      this.#drop(oldest);
    }
  }

  get(id: string, organization: string): Item | undefined {
    const item = this.#items.get(id);
    return item?.organization === organization ? item : undefined;
  }

  /** All of an organization's, oldest first. */
  of(organization: string): readonly (readonly [id: string, item: Item])[] {
    return [...this.#items].filter(([, item]) => item.organization === organization);
  }

  /** Whether there was one. */
  delete(id: string, organization: string): boolean {
    if (this.get(id, organization) === undefined) return false;
    this.#drop(id);
    return true;
  }

  #drop(id: string): void {
    const item = this.#items.get(id);
    if (item !== undefined) this.#characters -= this.#charactersOf(item);
    this.#items.delete(id);
  }
}
