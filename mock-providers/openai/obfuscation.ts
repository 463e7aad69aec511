/**
 * Padding of streamed events, on unless `stream_options.include_obfuscation` is false: "adds random characters to an obfuscation
 * field on streaming delta events to normalize payload sizes" (openai 7.55.0, ChatCompletionStreamOptions). To which size is not
 * published.
 */

/** Sizes that padding evens out to, in characters of text and padding together. */
const paddedTo = 16;

/** What padding is cut from. */
const paddingText = "kX3vQ9mZ1rTb7LwY";

const paddings: readonly string[] = Array.from(
  { length: paddedTo },
  (_, missing) => `,"obfuscation":"${paddingText.slice(0, missing)}"`,
);

/** The field with the comma before it. */
export function paddingFor(characters: number): string {
  return paddings[paddedTo - 1 - (characters % paddedTo)] ?? "";
}
