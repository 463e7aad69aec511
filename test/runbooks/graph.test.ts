/** Pictures of runbooks: every way is there, nothing lies on anything else, and whatever is written stays a text. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Flow, flowOf } from "../../runbooks/engine/flow.ts";
import { lanesOf } from "../../runbooks/engine/graph-lanes.ts";
import { boxesOf } from "../../runbooks/engine/graph-layout.ts";
import { runbookSvg } from "../../runbooks/engine/graph-svg.ts";
import { runbookGraph } from "../../runbooks/engine/graph.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { scaffoldRunbook } from "../../runbooks/engine/scaffold.ts";

const shipped = readdirSync("runbooks").filter((file) => file.endsWith(".md"));
const read = (file: string): ReturnType<typeof parseRunbook> =>
  parseRunbook(readFileSync(`runbooks/${file}`, "utf8"), file);

/** Back to an earlier phase, past a phase, and away on both branches; and a text that would like to be more. */
const winding = parseRunbook(
  scaffoldRunbook("winding")
    .replace(
      "manual: Write down what you see, and when it began\non-failure: continue",
      'manual: "<b>\\"Look\\" & tell"\non-failure: review',
    )
    .replace("wait: provider azure answers\nwithin: 20m", "decide: provider azure answers\nyes: next\nno: contain"),
  "winding.md",
);
const all: readonly (readonly [string, ReturnType<typeof parseRunbook>])[] = [
  ["winding", winding],
  ...shipped.map((file) => [file, read(file)] as const),
];

describe("the flow of a runbook", () => {
  it("has an edge for every way that a step may lead", () => {
    const { edges } = flowOf(winding);
    const from = (id: string): readonly string[] =>
      edges.flatMap((edge) => (edge.from === id ? [`${edge.kind} ${edge.to}`] : []));
    expect(from("triage.1")).toEqual(["yes contain.1", "no investigate.1"]);
    expect(from("investigate.1")).toEqual(["next resolve.1", "fails review.1"]);
    expect(from("resolve.1")).toEqual(["yes fail-back", "no contain.1"]);
    expect(from("review.1")).toEqual(["next done"]);
  });

  it("is a Mermaid flowchart with the same ways", () => {
    const graph = runbookGraph(winding);
    expect(graph).toContain("resolve_1 -- no --> contain_1");
    expect(graph).toContain("investigate_1 -. fails .-> review_1");
    expect(graph).toContain("review_1 --> done");
    expect(graph).toContain('[/"manual, responder: &lt;b&gt;&quot;Look&quot; &amp; tell"/]');
  });
});

describe("its picture", () => {
  it.each(all)("puts no box on another and no two lines into one lane: %s", (_, runbook) => {
    const flow: Flow = flowOf(runbook);
    const layout = boxesOf(flow);
    const boxes = [...layout.boxes.values()];
    expect(boxes).toHaveLength(1 + flow.phases.flatMap(({ nodes }) => nodes).length);
    for (const [index, box] of boxes.slice(1).entries()) {
      const above = boxes[index];
      expect(box.topPx).toBeGreaterThan((above?.topPx ?? 0) + (above?.heightPx ?? 0));
      expect(box.topPx + box.heightPx).toBeLessThan(layout.heightPx);
    }
    const lanes = lanesOf(flow.edges, layout).map(({ edge, side, index, outPx, inPx }) => {
      const [from, to] = [layout.boxes.get(edge.from), layout.boxes.get(edge.to)];
      const ends = [(from?.topPx ?? 0) + outPx, (to?.topPx ?? 0) + inPx].toSorted((left, right) => left - right);
      return { lane: `${side} ${index}`, fromPx: ends[0] ?? 0, toPx: ends[1] ?? 0 };
    });
    for (const [index, lane] of lanes.entries()) {
      const same = lanes.slice(index + 1).filter((other) => other.lane === lane.lane);
      expect(same.filter(({ fromPx, toPx }) => fromPx <= lane.toPx && toPx >= lane.fromPx)).toEqual([]);
    }
  });

  it("goes forward at the right and back at the left", () => {
    const flow = flowOf(winding);
    const lanes = lanesOf(flow.edges, boxesOf(flow));
    expect(lanes.find(({ edge }) => edge.from === "resolve.1" && edge.kind === "no")?.side).toBe("left");
    expect(lanes.find(({ edge }) => edge.kind === "fails")?.side).toBe("right");
  });

  it("says in words what it shows, and keeps what was written a text", () => {
    const svg = runbookSvg(winding);
    expect(svg).toContain('<title id="title">Winding</title>');
    expect(svg).toContain("resolve.1, no: to contain.1.");
    expect(svg).toContain("&lt;b&gt;&quot;Look&quot; &amp; tell</text>");
    expect(svg).not.toContain("<b>");
    expect(runbookSvg(winding)).toBe(svg);
  });
});
