import { describe, expect, it } from "vitest";
import { eventLayers } from "../../../reports/html/events.ts";
import { madeRun } from "../../analyzers/made-run.ts";

describe("the numbers of events on a time chart", () => {
  it("share a label where they would stand on each other, and keep a line each", () => {
    const events = [1_000, 1_500, 2_000, 30_000, 59_000].map((atMs) => ({
      atMs,
      kind: "fault-on",
      subject: "azure",
      text: "outage",
    }));
    const run = { ...madeRun([]), events };
    const [lines, numbers] = eventLayers(run, { type: "quantitative", axis: {}, scale: {} } as never);
    const valuesOf = (layer: unknown): readonly { readonly label?: string }[] =>
      (layer as { readonly data: { readonly values: readonly { readonly label?: string }[] } }).data.values;
    expect(valuesOf(lines)).toHaveLength(5);
    expect(valuesOf(numbers).map(({ label }) => label)).toEqual(["1–3", "4", "5"]);
  });
});
