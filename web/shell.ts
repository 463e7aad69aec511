/** What every page of `squall serve` has around it: head, navigation, one style sheet, one script. Both come from the same server. */
import { html, type Markup, type Part } from "../reports/html/markup.ts";

export type PageName = "console" | "board";

export interface Shell {
  readonly page: PageName;
  readonly title: string;
  /** What the links carry, so that whoever came with a key keeps it. */
  readonly key: string;
  /** Whether there is a planning board to lead to. */
  readonly hasBoard: boolean;
  /** For the script. */
  readonly data: Readonly<Record<string, string>>;
  readonly body: readonly Part[];
}

const pages: readonly (readonly [page: PageName, href: string, name: string])[] = [
  ["console", "/", "Game day"],
  ["board", "/board", "Planning board"],
];

export function pageShell({ page, title, key, hasBoard, data, body }: Shell): string {
  const shown = pages.filter(([name]) => name !== "board" || hasBoard);
  const links = shown.map(([name, href, words]) =>
    name === page
      ? html`<a href="${href}?key=${key}" aria-current="page">${words}</a>`
      : html`<a href="${href}?key=${key}">${words}</a>`,
  );
  const carried = Object.entries(data).map(([name, value]) => html`<meta name="squall-${name}" content="${value}" />`);
  const { text }: Markup = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        ${carried}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/style.css" />
        <title>${title} - Squall</title>
        <script type="module" src="/${page}.js"></script>
      </head>
      <body class="${page}">
        <a class="skip" href="#main">Skip to the content</a>
        <nav aria-label="Pages"><span class="brand">Squall</span>${links}</nav>
        <main id="main">${body}</main>
        <p id="told" class="unseen" role="status" aria-live="polite"></p>
        <p id="called" class="unseen" role="alert" aria-live="assertive"></p>
      </body>
    </html> `;
  return text;
}
