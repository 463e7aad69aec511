/** Where the boxes of a flow stand: one below the other, as high as their words. */
import { doneId, type Flow, type FlowNode, type FlowPhase } from "./flow.ts";

export interface Layout {
  /** By id of the node, and `done`. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Ids from top to bottom. */
  readonly order: readonly string[];
  readonly phases: readonly PhaseBox[];
  readonly heightPx: number;
}

/** Pixels from the left of the column and the top of the picture. */
export interface Box {
  /** Undefined for the end. */
  readonly node: FlowNode | undefined;
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly lines: readonly Line[];
}

export interface Line {
  readonly kind: "label" | "text" | "note";
  readonly text: string;
  /** From the top of its box. */
  readonly baselinePx: number;
}

export interface PhaseBox extends Pick<FlowPhase, "name"> {
  readonly topPx: number;
  readonly heightPx: number;
}

export const columnWidth = 460;
const boxLeft = 20;
const boxWidth = columnWidth - 2 * boxLeft;
const gap = 24;
const phaseHead = 40;
const phaseFoot = 16;
const doneWidth = 96;
const doneHeight = 32;

/** Characters that fit into a box at 14 px (text) and 12 px (notes): the widest common system font takes 0.55 em each. */
const charactersMax: Readonly<Record<Line["kind"], number>> = { label: 60, text: 50, note: 58 };
const linePx: Readonly<Record<Line["kind"], number>> = { label: 16, text: 19, note: 17 };
/** More than that of one text is cut. */
const linesMax = 4;

export function boxesOf({ phases }: Flow): Layout {
  const boxes = new Map<string, Box>();
  let topPx = 16;
  const drawn = phases.map(({ name, nodes }): PhaseBox => {
    const startPx = topPx;
    topPx += phaseHead;
    for (const [index, node] of nodes.entries()) {
      if (index > 0) topPx += gap;
      const { lines, heightPx } = linesOf(node);
      boxes.set(node.id, { node, leftPx: boxLeft, topPx, widthPx: boxWidth, heightPx, lines });
      topPx += heightPx;
    }
    const heightPx = topPx + phaseFoot - startPx;
    topPx += phaseFoot + gap;
    return { name, topPx: startPx, heightPx };
  });
  const leftPx = (columnWidth - doneWidth) / 2;
  boxes.set(doneId, { node: undefined, leftPx, topPx, widthPx: doneWidth, heightPx: doneHeight, lines: [] });
  return { boxes, order: [...boxes.keys()], phases: drawn, heightPx: topPx + doneHeight + 16 };
}

function linesOf({ label, text, notes }: FlowNode): { readonly lines: readonly Line[]; readonly heightPx: number } {
  const written: readonly (readonly [Line["kind"], string])[] = [
    ["label", label],
    ["text", text],
    ...notes.map((note) => ["note", note] as const),
  ];
  let baselinePx = 6;
  const lines = written.flatMap(([kind, words]) =>
    wrapped(words, charactersMax[kind]).map((line): Line => {
      baselinePx += linePx[kind];
      return { kind, text: line, baselinePx };
    }),
  );
  return { lines, heightPx: baselinePx + 11 };
}

/** At spaces, and within words that are longer than a line. */
function wrapped(text: string, charactersOfLine: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(/\s+/).flatMap((word) => word.match(new RegExp(`.{1,${charactersOfLine}}`, "gu")) ?? []);
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > charactersOfLine) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length <= linesMax) return lines;
  return [...lines.slice(0, linesMax - 1), `${lines[linesMax - 1] ?? ""}…`];
}
