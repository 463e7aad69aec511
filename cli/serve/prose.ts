/** The prose of a runbook as markup: what people write in one, and nothing that could act on a page. */
import type { Nodes, PhrasingContent, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { html, type Markup, type Part } from "../../reports/html/markup.ts";
import { dataTable, tableColumns } from "../../reports/html/table.ts";

export function proseMarkup(markdown: string): Markup {
  return html`${fromMarkdown(markdown).children.map(block)}`;
}

function block(node: RootContent): Part {
  if (node.type === "paragraph") {
    return tableOf(plain(node)) ?? html`<p>${node.children.map(inline)}</p>`;
  }
  if (node.type === "list") {
    const items = node.children.map((item) => html`<li>${item.children.map(block)}</li>`);
    return node.ordered === true
      ? html`<ol>
          ${items}
        </ol>`
      : html`<ul>
          ${items}
        </ul>`;
  }
  if (node.type === "heading") return html`<h3>${node.children.map(inline)}</h3>`;
  if (node.type === "blockquote") return html`<blockquote>${node.children.map(block)}</blockquote>`;
  if (node.type === "code") return html`<pre>${node.value}</pre>`;
  return plain(node);
}

function inline(node: PhrasingContent): Part {
  if (node.type === "inlineCode") return html`<code>${node.value}</code>`;
  if (node.type === "strong") return html`<strong>${node.children.map(inline)}</strong>`;
  if (node.type === "emphasis") return html`<em>${node.children.map(inline)}</em>`;
  if (node.type === "link" && isWeb(node.url)) {
    return html`<a href="${node.url}" target="_blank" rel="noreferrer">${node.children.map(inline)}</a>`;
  }
  return node.type === "break" ? " " : plain(node);
}

function isWeb(url: string): boolean {
  return url.startsWith("https://") || url.startsWith("http://");
}

/** The words of a node. HTML in a runbook is words too. */
function plain(node: Nodes): string {
  if ("value" in node) return node.value;
  return "children" in node ? node.children.map(plain).join("") : "";
}

/** CommonMark knows no tables; a paragraph whose lines are rows of one is one. */
function tableOf(text: string): Markup | undefined {
  const lines = text.split("\n");
  const [head, rule, ...rest] = lines.map((line) => line.replace(/^\||\|$/g, "").split("|"));
  if (head === undefined || rule === undefined || !lines.every((line) => line.startsWith("|"))) return undefined;
  if (!rule.every((cell) => /^[\s:-]+$/.test(cell))) return undefined;
  const headings = head.map((cell) => cell.trim());
  return dataTable(
    tableColumns(headings, headings),
    rest.map((cells) => headings.map((_, index) => (cells[index] ?? "").trim())),
  );
}
