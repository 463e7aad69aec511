/** How text in a terminal looks: its width, and colours that never carry a meaning alone. */
import pico from "picocolors";
import type { Judgement } from "../core/finding.ts";
import type { Cell, Paint } from "./text-table.ts";

export interface TerminalStyle {
  /** Columns. Below 60 it is drawn as for 60. */
  readonly width: number;
  readonly colour: boolean;
}

export interface Palette {
  readonly judgement: Readonly<Record<Judgement, Paint>>;
  readonly strong: Paint;
  readonly faint: Paint;
}

export function paletteOf(colour: boolean): Palette {
  const paint = pico.createColors(colour);
  return {
    judgement: { pass: paint.green, fail: paint.red, inconclusive: paint.yellow },
    strong: paint.bold,
    faint: paint.dim,
  };
}

export function headings(texts: readonly string[], palette: Palette): Cell[] {
  return texts.map((text) => ({ text, paint: palette.faint }));
}
