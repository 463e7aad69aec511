import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, html, trustedMarkup } from "../../../reports/html/markup.ts";

describe("the html template", () => {
  it("escapes text, in elements and in quoted attributes", () => {
    expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.text).toBe(
      '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>',
    );
  });

  it("keeps markup, lists and numbers, and writes nothing for undefined", () => {
    const items = ["a<", "b"].map((text) => html`<b>${text}</b>`);
    expect(html`${items}${undefined}${3}${trustedMarkup("<hr>")}`.text).toBe("<b>a&lt;</b><b>b</b>3<hr>");
  });

  it("does not take a text for markup that looks like markup", () => {
    expect(html`${JSON.stringify({ kind: "markup", text: "<b>" })}`.text).not.toContain("<b>");
  });

  it("leaves no character that could open a tag or close an attribute, for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => !/[<>"']/.test(escapeHtml(text))),
      { seed: 1 },
    );
  });
});
