/**
 * Counting tokens of foreign prompts, those without a marker.
 *
 * Exact for texts of ordinary words up to a bound: o200k_base, the encoding of GPT-4o and later (gpt-tokenizer, loaded on
 * first use, about 130 ms). Beyond it a quarter of the characters, OpenAI's rule of thumb (help.openai.com, "What are tokens
 * and how to count them?"), because counting holds up every stream: 64 kB of English take 3 ms, but byte pair merging is
 * quadratic within one word, and 64 kB of a single letter take seconds.
 */
import { charactersPerToken } from "../behavior/prompt.ts";

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
  loaded = (text) =>
    text.length > countedCharactersMax || longRun.test(text)
      ? Math.ceil(text.length / charactersPerToken)
      : countTokens(text, asText);
  return loaded;
}
