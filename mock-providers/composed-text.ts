/** Texts that answers are composed of, beside plain words: JSON of a wished length, and words up to a stop sequence. */
import { type AnswerText, charactersPerToken } from "../behavior/prompt.ts";
import { asciiJson } from "./answer.ts";

/** A text and how many tokens it is spread over. */
export interface ComposedText {
  readonly tokens: number;
  readonly text: AnswerText;
}

/** JSON is as long as it is, unless somebody wishes for a number of tokens: then it is spread over those. */
export function jsonText(value: unknown, wishedTokens: number | undefined): ComposedText {
  return spreadText(JSON.stringify(value), wishedTokens);
}

/** As `jsonText`, for a text that stands as it is. */
export function spreadText(whole: string, wishedTokens: number | undefined): ComposedText {
  const tokens = wishedTokens ?? Math.ceil(whole.length / charactersPerToken);
  const upTo = (token: number): number => Math.floor((whole.length * token) / Math.max(1, tokens));
  return { tokens, text: (from, to) => whole.slice(upTo(from), upTo(to)) };
}

/** Words up to the stop sequence that comes first, which is generated but not part of the answer. */
export function stoppedText(text: AnswerText, tokens: number, sequences: readonly string[]): ComposedText {
  if (sequences.length === 0) return { tokens, text };
  const whole = text(0, tokens);
  const found = sequences
    .map((sequence) => ({ at: whole.indexOf(sequence), end: whole.indexOf(sequence) + sequence.length }))
    .filter(({ at }) => at !== -1);
  if (found.length === 0) return { tokens, text };
  const first = found.reduce((best, one) => (one.at < best.at ? one : best));
  const cut = (from: number, to: number): string =>
    text(from, to).slice(0, Math.max(0, first.at - from * charactersPerToken));
  return { tokens: Math.ceil(first.end / charactersPerToken), text: cut };
}

/** A text as a JSON string. Plain words need no escaping; JSON does. */
export function quoted(text: string): string {
  return /^[\w .]*$/.test(text) ? `"${text}"` : asciiJson(text);
}
