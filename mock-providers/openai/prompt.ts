/**
 * The texts of a prompt in the order in which the model reads them: tools and schemas come before messages, as cached prefixes
 * show (guides/prompt-caching, "What can be cached").
 *
 * A marker at the head of any message goes first, because that is where it is looked for: who stands before the user in a
 * conversation is the gateway's business.
 */
import { isAbsent } from "../json-fields.ts";

export interface PromptTexts {
  readonly texts: readonly string[];
  readonly characters: number;
}

const markerHead = "[sq ";

/** `described`: what is sent as JSON and read by the model as text; nothing that is absent. */
export function promptTexts(said: readonly string[], described: readonly unknown[]): PromptTexts {
  const json = described.filter((value) => !isAbsent(value)).map((value) => JSON.stringify(value));
  const texts = json.length === 0 ? said : [...json, ...said];
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (texts[0]?.startsWith(markerHead) === true) return { texts, characters };
  const marked = texts.findIndex((text) => text.startsWith(markerHead));
  if (marked === -1) return { texts, characters };
  return {
    texts: [...texts.slice(marked, marked + 1), ...texts.slice(0, marked), ...texts.slice(marked + 1)],
    characters,
  };
}
