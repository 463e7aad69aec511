/**
 * HTML that escapes by default: whatever is put into an `html` template is text, unless it is markup already.
 *
 * Scenario names, provider names and error reasons come from files and from the network; none of them can become a tag.
 */

/** Text that is HTML. Only `html` and `trustedMarkup` make it. */
export interface Markup {
  readonly kind: "markup";
  readonly text: string;
}

/** What a template takes: text to escape, markup to keep, lists of both; undefined writes nothing. */
export type Part = string | number | Markup | undefined | readonly Part[];

/** The template tag. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = strings.reduce((before, string, index) => before + render(parts[index - 1]) + string);
  return { kind: "markup", text };
}

/** Marks text as HTML that needs no escaping: our own style sheet and the SVG that Vega has escaped itself. */
export function trustedMarkup(text: string): Markup {
  return { kind: "markup", text };
}

/** Text as it stands in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "kind" in part ? part.text : part.map(render).join("");
}
