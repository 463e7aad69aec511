/**
 * Aligned columns for a terminal. Pure: text in, lines out. Colour is put on after padding, so that it never shifts a column.
 */
import { legible } from "../core/legible.ts";

export type Paint = (text: string) => string;

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

export interface Column {
  readonly align: "left" | "right";
  /** May be cut short with an ellipsis when the table is wider than the terminal. At most one column. */
  readonly shrinks?: boolean;
}

const gap = "  ";

/** Lines of a table no wider than `width`, as far as the one column that shrinks allows. No trailing blanks. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
): readonly string[] {
  const natural = columns.map((_, index) => Math.max(0, ...rows.map((row) => lengthOf(row[index]))));
  const used = natural.filter((size) => size > 0);
  const excess = used.reduce((sum, size) => sum + size, 0) + gap.length * (used.length - 1) - width;
  const widths = natural.map((size, index) =>
    columns[index]?.shrinks === true ? Math.min(size, Math.max(8, size - excess)) : size,
  );
  return rows.map((row) => {
    const cells = columns.flatMap((column, index) => {
      const size = widths[index] ?? 0;
      return size === 0 ? [] : [fitted(row[index] ?? { text: "" }, size, column.align)];
    });
    return cells.join(gap).trimEnd();
  });
}

/** Breaks text at blanks into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

function fitted(cell: Cell, size: number, align: Column["align"]): string {
  const text = shortened(legible(cell.text), size);
  const blanks = " ".repeat(size - text.length);
  const painted = cell.paint === undefined || text === "" ? text : cell.paint(text);
  return align === "left" ? painted + blanks : blanks + painted;
}

function shortened(text: string, size: number): string {
  return text.length <= size ? text : `${text.slice(0, size - 1)}…`;
}

function lengthOf(cell: Cell | undefined): number {
  return cell === undefined ? 0 : legible(cell.text).length;
}
