import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../core/run.ts";
import { eventLayers, eventsSection } from "../../../reports/html/events.ts";
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

describe("the table of events", () => {
  it("tells once what is said again and again of the same provider, until something else happens to it", () => {
    const open = (atMs: number, subject: string): RunEvent => ({ atMs, kind: "breaker-open", subject, text: "failed" });
    const run = {
      ...madeRun([]),
      events: [
        open(1_000, "azure"),
        open(2_000, "azure"),
        open(2_500, "openai"),
        open(41_000, "azure"),
        { ...open(42_000, "azure"), kind: "breaker-closed", text: "answers" },
        open(43_000, "azure"),
      ],
    };
    const input = { run } as unknown as Parameters<typeof eventsSection>[0];
    const rows = [...(eventsSection(input)?.text ?? "").matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell]) => cell);
    expect(rows.filter((cell) => /failed|answers/.test(cell ?? ""))).toEqual([
      "failed; 2 more, the last at 0:41",
      "failed",
      "answers",
      "failed",
    ]);
  });
});
