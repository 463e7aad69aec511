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

export interface StoppedText extends ComposedText {
  /** The stop sequence that ends it; undefined when none is in it. */
  readonly stoppedBy?: string;
}

/** Words up to the stop sequence that comes first, which is generated but not part of the answer. */
export function stoppedText(text: AnswerText, tokens: number, sequences: readonly string[]): StoppedText {
  if (sequences.length === 0) return { tokens, text };
  const whole = text(0, tokens);
  const found = sequences.map((sequence) => ({ sequence, at: whole.indexOf(sequence) })).filter(({ at }) => at !== -1);
  const [one, ...others] = found;
  if (one === undefined) return { tokens, text };
  const { sequence, at } = others.reduce((best, other) => (other.at < best.at ? other : best), one);
  return {
    tokens: Math.ceil((at + sequence.length) / charactersPerToken),
    text: (from, to) => text(from, to).slice(0, Math.max(0, at - from * charactersPerToken)),
    stoppedBy: sequence,
  };
}

/** A text as a JSON string. Plain words need no escaping; JSON does. */
export function quoted(text: string): string {
  return /^[\w .]*$/.test(text) ? `"${text}"` : asciiJson(text);
}
