import { describe, expect, it } from "vitest";
import { proseMarkup } from "../../../cli/serve/prose.ts";

const shown = (markdown: string): string => proseMarkup(markdown).text.replaceAll(/\s+/g, " ");

describe("proseMarkup", () => {
  it("shows what people write in a runbook", () => {
    expect(shown("**Do not** restart *it*, see `logs`.")).toContain(
      "<strong>Do not</strong> restart <em>it</em>, see <code>logs</code>.",
    );
    expect(shown("- one\n- two")).toMatch(/<ul> ?<li><p>one<\/p><\/li>/);
    expect(shown("[page](https://status.example)")).toContain('href="https://status.example"');
  });

  it("shows a table as one", () => {
    const text = shown("| Past us | Then |\n|---|---|\n| 5xx | *them* |");
    expect(text).toContain('<th scope="col" class="text">Past us</th>');
    expect(text).toContain('<td class="text">them</td>');
  });

  it.each([
    "<script>alert(1)</script>",
    "an <img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](http://a/b.png)",
  ])("makes nothing that acts of %s", (markdown) =>
    expect(shown(markdown)).not.toMatch(/<script|<img|href="javascript/),
  );
});
