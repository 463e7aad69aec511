/** Data tables: a heading for each column, a heading for each row, numbers to the right, and a frame that scrolls by itself. */
import type { Judgement } from "../../core/finding.ts";
import { judgementMarks } from "../format.ts";
import { html, type Markup, type Part } from "./markup.ts";

export interface TableColumn {
  readonly heading: string;
  readonly align: "text" | "number";
}

/** The first cell of each row is its heading. Rows are as long as there are columns. */
export function dataTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Part[])[],
  caption?: string,
): Markup {
  const headings = columns.map(({ heading, align }) => html`<th scope="col" class="${align}">${heading}</th>`);
  const body = rows.map(([first, ...cells]) => {
    const data = cells.map((cell, index) => html`<td class="${columns[index + 1]?.align ?? "text"}">${cell}</td>`);
    return html`<tr>
      <th scope="row" class="${columns[0]?.align ?? "text"}">${first}</th>
      ${data}
    </tr> `;
  });
  const above =
    caption === undefined
      ? undefined
      : html`<caption>
          ${caption}
        </caption>`;
  return html`<div class="scroll">
    <table>
      ${above}
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div> `;
}

/** Columns from their headings; those after the first are numbers unless they stand in `texts`. */
export function tableColumns(headings: readonly string[], texts: readonly string[] = []): readonly TableColumn[] {
  return headings.map((heading, index) => ({
    heading,
    align: index === 0 || texts.includes(heading) ? "text" : "number",
  }));
}

/** `✓ pass`, in its colour. */
export function judgementMarkup(judgement: Judgement): Markup {
  const { sign, word } = judgementMarks[judgement];
  return html`<span class="judgement ${judgement}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** A second, quieter line in a cell. */
export function detailMarkup(text: string | undefined): Markup | undefined {
  return text === undefined ? undefined : html`<span class="detail">${text}</span>`;
}
