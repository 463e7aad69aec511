/** How a scaled fleet is told: on the page, in the terminal, in Markdown. */
import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import type { Run } from "../../core/run.ts";
import { minuteMs } from "../../core/time.ts";
import { renderReport } from "../../reports/html/page.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import { renderRun } from "../../reports/terminal.ts";
import { fleetRun, loadOf, madeScaling, wishes } from "../analyzers/made-fleet.ts";
import { madeRecord, madeRun, madeScenario } from "../analyzers/made-run.ts";

/** Two replicas, from the fourth minute on five; the load needs more than two in minutes 3 and 4. */
const scaled: Run = {
  ...fleetRun(wishes([0, 2], [4, 5]), loadOf(1, 1, 1, 3, 4, 4, 4, 4), {
    ...madeScaling,
    text: "made: <config>\n",
    notes: ["something is read in our way"],
    warnings: [{ code: "cpu-alone", message: "scales on CPU alone" }],
  }),
  records: [madeRecord()],
  events: [
    { atMs: 4 * minuteMs, kind: "scale", subject: "gateway", text: "made: load, 2 -> 5" },
    { atMs: 4.5 * minuteMs, kind: "replica-ready", subject: "gateway-2", text: "serves" },
  ],
};
const input = { run: scaled, findings: analyze(scaled, madeScenario()) };

describe("a scaled fleet on the page", async () => {
  const page = await renderReport(input);
  const section = /<section aria-label="Scaling">(.*?)<\/section>/s.exec(page)?.[1] ?? "";

  it("is told in a sentence, drawn, and measured", () => {
    expect(section).toContain("made 2..20 (made.yaml): 2 replicas at first, 5 at most");
    expect(section).toContain(
      "At most 5 replicas served. The load kept more busy than there were for 12.5 % of the time.",
    );
    expect(section).toContain("Time with fewer replicas than the load kept busy");
    expect(section).toContain("Gateway replicas per hour");
  });

  it("is red where the load needs more than there are, and nowhere else", async () => {
    const red = (text: string): number => text.match(/fill="var\(--fail\)"/g)?.length ?? 0;
    expect(red(section)).toBe(1);
    expect(section).toContain("Red: the load needs more than there are");
    const calm = fleetRun(wishes([0, 5]), loadOf(1, 1, 1, 3));
    const calmPage = await renderReport({
      run: { ...calm, records: [madeRecord()] },
      findings: analyze(calm, madeScenario()),
    });
    expect(calmPage).not.toContain("Red: the load");
  });

  it("says what is to be said of the config, warnings before notes", () => {
    expect(section.indexOf("scales on CPU alone")).toBeGreaterThan(0);
    expect(section.indexOf("something is read in our way")).toBeGreaterThan(section.indexOf("scales on CPU alone"));
  });

  it("numbers scale events and not each replica", () => {
    const events = /<section aria-label="Events">(.*?)<\/section>/s.exec(page)?.[1] ?? "";
    expect(events).toContain("made: load, 2 -&gt; 5");
    expect(events).not.toContain("gateway-2");
  });

  it("can be repeated from what the page shows", () => {
    expect(page).toContain("squall simulate scenario.yaml --scaling made.yaml --seed 7".replace("simulate", "run"));
    expect(page).toContain("made: &lt;config&gt;");
  });

  it("is not there in a run whose replicas nobody counted", async () => {
    const plain = madeRun([madeRecord()]);
    expect(await renderReport({ run: plain, findings: [] })).not.toContain("Scaling");
  });
});

describe("a scaled fleet in the terminal", () => {
  it("tells what scaled, every event with its reason, and what is wrong with the config", () => {
    const text = renderRun(input, { width: 100, colour: false });
    expect(text).toContain("Scaling  made 2..20 (made.yaml): 2 replicas at first, 5 at most");
    expect(text).toMatch(/^ +4 m {2}made: load, 2 -> 5$/m);
    expect(text).toContain("Scale events undone shortly after: 0");
    expect(text).toContain("Warning: scales on CPU alone");
  });

  it("tells eight events, and how many more there are", () => {
    const events = Array.from({ length: 11 }, (_, index) => ({
      atMs: index * 1_000,
      kind: "scale",
      subject: "gateway",
      text: `change ${index}`,
    }));
    const text = renderRun({ ...input, run: { ...scaled, events } }, { width: 100, colour: false });
    expect(text).toContain("change 7");
    expect(text).not.toContain("change 8");
    expect(text).toContain("and 3 more");
  });
});

describe("a scaled fleet in Markdown", () => {
  it("is a sentence", () => {
    expect(renderMarkdown(input)).toContain("**Scaling**: made 2..20 (made.yaml): 2 replicas at first");
  });
});
