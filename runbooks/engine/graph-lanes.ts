/** Ways round: each jump of a flow gets a lane at the side in which no other goes at the same height. */
import type { FlowEdge } from "./flow.ts";
import type { Box, Layout } from "./graph-layout.ts";

export interface Lane {
  readonly edge: FlowEdge;
  /** Forward at the right, back at the left. */
  readonly side: "left" | "right";
  /** From 0 on, the nearest to the column first. */
  readonly index: number;
  /** Where it leaves its box and where it comes in, from the top of each. */
  readonly outPx: number;
  readonly inPx: number;
}

/** The short ones are nearest to the column, so that lines cross as little as can be. */
export function lanesOf(jumps: readonly FlowEdge[], { boxes, order }: Layout): readonly Lane[] {
  const placed: {
    readonly side: Lane["side"];
    readonly index: number;
    readonly fromPx: number;
    readonly toPx: number;
  }[] = [];
  const ways = jumps.flatMap((edge) => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const side: Lane["side"] = order.indexOf(edge.to) > order.indexOf(edge.from) ? "right" : "left";
    return [{ edge, side, from, to, lengthPx: Math.abs(to.topPx - from.topPx) }];
  });
  return ways
    .toSorted((left, right) => left.lengthPx - right.lengthPx)
    .map(({ edge, side, from, to }) => {
      const ports = portsOf(edge, side, from, to);
      const [y1, y2] = [from.topPx + ports.outPx, to.topPx + ports.inPx];
      const span = { side, fromPx: Math.min(y1, y2), toPx: Math.max(y1, y2) };
      const taken = new Set(
        placed.flatMap((other) =>
          other.side === side && other.fromPx <= span.toPx && other.toPx >= span.fromPx ? [other.index] : [],
        ),
      );
      let index = 0;
      while (taken.has(index)) index++;
      placed.push({ ...span, index });
      return { edge, side, index, ...ports };
    });
}

/** A box that two lines leave at one side leaves them room for their words. */
function portsOf({ kind }: FlowEdge, side: Lane["side"], from: Box, to: Box): Pick<Lane, "outPx" | "inPx"> {
  const part = kind === "fails" ? 0.8 : kind === "no" ? 0.62 : 0.38;
  const outPx =
    from.node?.kind === "decision" && kind !== "fails"
      ? from.heightPx * part
      : from.heightPx * (side === "right" ? part : 0.5);
  return { outPx: Math.round(outPx), inPx: Math.round(to.heightPx / 2) };
}
