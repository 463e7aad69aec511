/** The planning board before its script has run. */
import { html } from "../../reports/html/markup.ts";
import { pageShell } from "../shell.ts";

export interface BoardPage {
  readonly key: string;
  readonly version: string;
  /** Paths of the scenarios that the server offers. */
  readonly scenarios: readonly string[];
}

export function boardPage({ key, version, scenarios }: BoardPage): string {
  return pageShell({
    page: "board",
    title: "Planning board",
    key,
    data: { key, version },
    body: [html`${scenarios.length}`],
  });
}
