/**
 * Counting tokens of foreign prompts, those without a marker.
 *
 * Exact for texts of ordinary words up to a bound: o200k_base, the encoding of GPT-4o and later (gpt-tokenizer, loaded on
 * first use, about 130 ms). Beyond it a quarter of the characters, OpenAI's rule of thumb (help.openai.com, "What are tokens
 * and how to count them?"), because counting holds up every stream: 64 kB of English take 3 ms, but byte pair merging is
 * quadratic within one word, and 64 kB of a single letter take seconds.
 */
import { charactersPerToken } from "../behavior/prompt.ts";

/**
 * How the tokens of a prompt were counted, for the journal:
 *
 * - `marker`: the prompt said so itself
 * - `o200k_base`: exactly, in the encoding of the model's own family
 * - `o200k_base-estimate`: in that encoding, of a model of another family, whose vendor publishes none that is current
 * - `characters-estimate`: by its length, because it is too long to be counted, or has runs that would take too long
 * - `none`: it was not understood, or its sender counted
 */
export type TokensBy = "marker" | "o200k_base" | "o200k_base-estimate" | "characters-estimate" | "none";

/** Tokens of a text. */
export type TokenCount = (text: string) => number;

/** Longer texts are estimated. */
export const countedCharactersMax = 65_536;

/** Texts with a longer run of anything but spaces, or of spaces, are estimated. */
const longRun = /\S{256}|\s{256}/;

let loaded: TokenCount | undefined;

/** The counter if it is loaded. */
export function tokenCount(): TokenCount | undefined {
  return loaded;
}

export async function loadTokenCount(): Promise<TokenCount> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  // What looks like a special token in a prompt is text like any other.
  const asText = { disallowedSpecial: new Set<string>() };
  loaded = (text) => (isCounted(text) ? countTokens(text, asText) : Math.ceil(text.length / charactersPerToken));
  return loaded;
}

/** Whether a text is counted, or only measured. */
export function isCounted(text: string): boolean {
  return text.length <= countedCharactersMax && !longRun.test(text);
}
