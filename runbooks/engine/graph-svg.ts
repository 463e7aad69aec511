/**
 * The flow of a runbook as a picture (SVG): phases one below the other, their steps within, branches as lines at the sides.
 *
 * A runbook is a list with jumps, so its layout is a column with gutters: what leads on goes straight down, what leads elsewhere goes
 * round by a lane of its own, forward at the right and back at the left. It needs no layout library and is the same every time.
 */
import { boxesOf, columnWidth, type Box, type Layout } from "./graph-layout.ts";
import { doneId, type Flow, type FlowEdge, flowOf } from "./flow.ts";
import { type Lane, lanesOf } from "./graph-lanes.ts";
import type { Runbook } from "./runbook.ts";
import { titled } from "./titles.ts";

/** Between lanes, and from the last of them to the rim. */
const laneWidth = 22;
const rim = 28;
/** How far a lane is from the column. */
const laneGap = 34;

export function runbookSvg(runbook: Pick<Runbook, "id" | "title" | "phases">): string {
  const flow = flowOf(runbook);
  const layout = boxesOf(flow);
  const jumps = flow.edges.filter((edge) => !isStraight(edge, layout));
  const lanes = lanesOf(jumps, layout);
  const count = (side: Lane["side"]): number =>
    Math.max(0, ...lanes.flatMap((lane) => (lane.side === side ? lane.index + 1 : [])));
  const left = rim + (count("left") === 0 ? 0 : laneGap + count("left") * laneWidth);
  const right = rim + (count("right") === 0 ? 0 : laneGap + count("right") * laneWidth);
  const [width, height] = [left + columnWidth + right, layout.heightPx];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title about">`,
    `<title id="title">${xml(runbook.title)}</title>`,
    `<desc id="about">${xml(inWords(flow))}</desc>`,
    `<style>${style}</style>`,
    `<defs>${marker("head", "arrow")}${marker("fails-head", "arrow fails")}</defs>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    `<g transform="translate(${left} 0)">`,
    ...layout.phases.map(({ name, topPx, heightPx }) =>
      [
        `<rect class="phase" x="0" y="${topPx}" width="${columnWidth}" height="${heightPx}" rx="8"/>`,
        `<text class="title" x="20" y="${topPx + 25}">${xml(titled(name))}</text>`,
      ].join(""),
    ),
    ...lanes.map((lane) => laneLine(lane, layout)),
    ...flow.edges.filter((edge) => isStraight(edge, layout)).map((edge) => straightLine(edge, layout)),
    ...[...layout.boxes.values()].map(boxMark),
    `</g>`,
    `</svg>`,
    "",
  ].join("\n");
}

/** Down to the very next box. */
function isStraight({ from, to }: FlowEdge, { order }: Layout): boolean {
  return order.indexOf(to) === order.indexOf(from) + 1;
}

function straightLine({ from, to, kind }: FlowEdge, { boxes }: Layout): string {
  const [a, b] = [boxes.get(from), boxes.get(to)];
  if (a === undefined || b === undefined) return "";
  const x = columnWidth / 2;
  const [y1, y2] = [a.topPx + a.heightPx, b.topPx];
  const label = kind === "next" ? "" : `<text class="edge" x="${x + 8}" y="${y1 + 14}">${kind}</text>`;
  return `<path class="line${kind === "fails" ? " fails" : ""}" d="M${x} ${y1}V${y2 - 1}" marker-end="url(#${headOf(kind)})"/>${label}`;
}

/** Out at the side, along its lane, and in again. */
function laneLine({ edge, side, index, outPx, inPx }: Lane, { boxes }: Layout): string {
  const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (a === undefined || b === undefined) return "";
  const away = laneGap + index * laneWidth;
  const [sign, x] = side === "right" ? [1, columnWidth + away] : [-1, -away];
  const edgeOf = (box: Box): number => (side === "right" ? box.leftPx + box.widthPx : box.leftPx);
  const [x1, x2] = [edgeOf(a), edgeOf(b)];
  const [y1, y2] = [a.topPx + outPx, b.topPx + inPx];
  const bend = 8;
  const down = y2 > y1 ? 1 : -1;
  const path = [
    `M${x1 - sign * point} ${y1}H${x - sign * bend}`,
    `Q${x} ${y1} ${x} ${y1 + down * bend}`,
    `V${y2 - down * bend}`,
    `Q${x} ${y2} ${x - sign * bend} ${y2}`,
    `H${x2 + sign}`,
  ].join("");
  const anchor = side === "right" ? "start" : "end";
  const label = `<text class="edge" text-anchor="${anchor}" x="${x1 + sign * 8}" y="${edge.kind === "fails" ? y1 + 14 : y1 - 5}">${edge.kind === "next" ? "" : edge.kind}</text>`;
  return `<path class="line${edge.kind === "fails" ? " fails" : ""}" d="${path}" marker-end="url(#${headOf(edge.kind)})"/>${label}`;
}

function headOf(kind: FlowEdge["kind"]): string {
  return kind === "fails" ? "fails-head" : "head";
}

function boxMark(box: Box): string {
  const { node, leftPx, topPx, widthPx, heightPx, lines } = box;
  if (node === undefined) {
    return `<rect class="done" x="${leftPx}" y="${topPx}" width="${widthPx}" height="${heightPx}" rx="${heightPx / 2}"/><text class="text" text-anchor="middle" x="${leftPx + widthPx / 2}" y="${topPx + 21}">done</text>`;
  }
  const shape =
    node.kind === "decision"
      ? `<path class="box decision" d="${hexagon(box)}"/>`
      : `<rect class="box ${node.kind}" x="${leftPx}" y="${topPx}" width="${widthPx}" height="${heightPx}" rx="${node.kind === "condition" ? 16 : 4}"/>`;
  const texts = lines.map(
    ({ text, kind, baselinePx }) =>
      `<text class="${kind}" x="${leftPx + 20}" y="${topPx + baselinePx}">${xml(text)}</text>`,
  );
  return `<g>${shape}${texts.join("")}</g>`;
}

/** How far a question's sides come to a point. Lines begin behind it, and boxes are drawn over them. */
const point = 12;

/** A box with pointed sides, which all the world reads as a question. */
function hexagon({ leftPx: x, topPx: y, widthPx: w, heightPx: h }: Box): string {
  return `M${x} ${y + h / 2}L${x + point} ${y}H${x + w - point}L${x + w} ${y + h / 2}L${x + w - point} ${y + h}H${x + point}Z`;
}

/** For those who do not see it. */
function inWords({ phases, edges }: Flow): string {
  const steps = phases.flatMap(({ name, nodes }) => [
    `${titled(name)}: ${nodes.map(({ label, text }) => `${label} ${text}`).join("; ")}.`,
  ]);
  const jumps = edges.flatMap(({ from, to, kind }) =>
    kind === "next" ? [] : [`${from}, ${kind}: to ${to === doneId ? "the end" : to}.`],
  );
  return [...steps, ...jumps].join(" ");
}

function marker(id: string, className: string): string {
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="${className}" d="M0 0.8L7.2 4L0 7.2Z"/></marker>`;
}

/** Colors of the reports (`reports/html/style.ts`), light and dark. */
const style = [
  ":root{--paper:#fff;--wash:#f6f7f8;--ink:#1b1f24;--muted:#5f6873;--rule:#c4cad1;--blue:#0072b2;--amber:#a86400;--red:#b3361b}",
  "@media(prefers-color-scheme:dark){:root{--paper:#15181c;--wash:#1e2227;--ink:#e8eaed;--muted:#a2aab4;--rule:#414852;--blue:#56b4e9;--amber:#e3b04b;--red:#ff8a6b}}",
  "text{font:14px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--ink)}",
  ".paper{fill:var(--paper)}.phase{fill:var(--wash)}.title{font-weight:650;font-size:15px}",
  ".label{font-size:11.5px;font-weight:600;fill:var(--muted)}.note{font-size:12px;fill:var(--muted)}.edge{font-size:12px;font-weight:600;fill:var(--muted)}",
  ".box,.done{fill:var(--paper);stroke:var(--rule);stroke-width:1.25}.action{stroke:var(--blue);stroke-width:1.75}.person{stroke:var(--amber);stroke-width:1.75}",
  ".decision{stroke:var(--ink);stroke-width:1.5}.note.box{stroke-dasharray:3 3}",
  ".line{fill:none;stroke:var(--muted);stroke-width:1.4}.arrow{fill:var(--muted)}.line.fails{stroke:var(--red);stroke-dasharray:5 4}.arrow.fails{fill:var(--red)}",
].join("");

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
