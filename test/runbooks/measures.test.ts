/** What is measured of a response, and what follows from it, from entries of a journal. */
import { describe, expect, it } from "vitest";
import { actionItems } from "../../runbooks/engine/action-items.ts";
import { issuesMarkdown } from "../../runbooks/engine/issues-markdown.ts";
import type { EntryKind, JournalEntry } from "../../runbooks/engine/journal.ts";
import { measureDrill, trendOf } from "../../runbooks/engine/measures.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { judgeDrill } from "../../runbooks/engine/verdict.ts";
import { text } from "./scripted-drill.ts";

const runbook = parseRunbook(text, "provider-outage.md");

type Row = readonly [atMs: number, kind: EntryKind, about?: Partial<JournalEntry>];

const account = (requests: number, failed: number, cost: number, costOfFailed: number): Partial<JournalEntry> => ({
  data: { account: { requests, failed, cost, costOfFailed } },
});

function journalOf(...rows: readonly Row[]): readonly JournalEntry[] {
  return rows.map(([atMs, kind, about = {}], seq) => ({
    seq,
    atMs,
    kind,
    who: "squall",
    text: kind,
    previous: "",
    ...about,
  }));
}

const fault = { data: { atMs: 100_000 } };
const fires = (alert: string, sinceMs: number): Partial<JournalEntry> => ({ data: { alert, sinceMs }, text: alert });
const errorsBelow = [{ metric: "errors", comparison: "<", limit: 0.01 }] as unknown as Parameters<
  typeof measureDrill
>[2];

describe("the measures of a drill", () => {
  it("count what each phase and the whole of it spent and lost, in requests, money and error budget", () => {
    const entries = journalOf(
      [0, "drill-begins", account(1_000, 2, 50, 1)],
      [10, "phase-begins", { phase: "contain", ...account(1_100, 10, 60, 3) }],
      [20, "phase-ends", { phase: "contain", ...account(1_300, 60, 100, 13) }],
      [30, "drill-ends", account(3_000, 62, 250, 13)],
    );
    const { phases, total } = measureDrill(entries, runbook, errorsBelow);
    // 1 % of the 2,000 requests of this drill may fail.
    expect(total).toEqual({ requests: 2_000, failed: 60, cost: 200, costOfFailed: 12, errorBudget: 3 });
    expect(phases).toEqual([
      {
        phase: "contain",
        fromMs: 10,
        toMs: 20,
        requests: 200,
        failed: 50,
        cost: 40,
        costOfFailed: 10,
        errorBudget: 2.5,
      },
    ]);
    expect(measureDrill(entries, runbook, []).total.errorBudget).toBeUndefined();
  });

  it("tell alerts that stayed silent, and pages before and after anything was wrong", () => {
    const entries = journalOf(
      [90_000, "alert-fires", fires("Early", 90_000)],
      [90_000, "fault-planned", fault],
      [150_000, "alert-fires", fires("Other", 140_000)],
      [400_000, "phase-ends", { phase: "resolve" }],
      [450_000, "alert-fires", fires("Late", 450_000)],
    );
    const measures = measureDrill(entries, runbook, []);
    expect(measures.silentAlerts).toEqual(["ErrorRateHigh"]);
    expect(measures.falsePages).toEqual(["Early", "Late"]);
  });

  it("count how long somebody was asked and did not answer, once where two were asked", () => {
    const asks = (id: string): Partial<JournalEntry> => ({ data: { id } });
    const says = (question: string): Partial<JournalEntry> => ({ data: { question } });
    const entries = journalOf(
      [10, "question", asks("a")],
      [15, "answer-refused", says("a")],
      [30, "acknowledged", says("a")],
      [100, "question", asks("b")],
      [110, "question", asks("c")],
      [150, "answer", says("b")],
      [190, "answer", says("c")],
      [200, "question", asks("d")],
    );
    expect(measureDrill(entries, runbook, []).waitedForPeopleMs).toBe(20 + 90);
  });
});

describe("several drills", () => {
  it.each([
    [[3, 1, 2], { count: 3, median: 2, least: 1, most: 3 }],
    [[4, undefined, 1], { count: 2, median: 2.5, least: 1, most: 4 }],
    [[undefined], undefined],
  ])("%j have number, median and range", (values, trend) => {
    expect(trendOf(values)).toEqual(trend);
  });
});

describe("action items", () => {
  const entries = journalOf(
    [100_000, "fault-planned", fault],
    [400_000, "alert-fires", fires("ErrorRateHigh", 400_000)],
    [
      410_000,
      "answer",
      { step: "contain.1", who: "ada", text: "I know better", data: { evidence: true, taken: false } },
    ],
    [420_000, "step-fails", { step: "grow", text: "scale to 9: the platform has room for 8 replicas" }],
    [430_000, "undo-fails", { step: "grow", text: "scale to 3", data: { why: "no" } }],
  );
  const measures = measureDrill(entries, runbook, []);
  const result = { status: "failed", why: "x", notRestored: ["scale to 3: no"] } as const;
  const items = actionItems(judgeDrill(result, measures, runbook.targets), measures, result, entries);

  it("follow from targets, alerts, decisions, steps and undos, each with what was seen", () => {
    expect(items.map(({ title }) => title)).toEqual([
      "Time to detect took 5 m against a target of 2 m",
      "Time to acknowledge has a target and could not be measured",
      "Time to contain has a target and could not be measured",
      "Time to resolve has a target and could not be measured",
      "ErrorRateHigh fired 3 m late",
      "Decision contain.1 was taken against the evidence (I know better)",
      "Step grow: scale to 9: the platform has room for 8 replicas",
      "Restore by hand, and mend the undo",
    ]);
    expect(items[0]?.evidence).toContain("An alert fired: 6:40.");
    expect(items.at(-1)?.evidence).toEqual(["Entry 4 of the journal, at 7:10, undo fails (squall): scale to 3"]);
  });

  it("read as issues in Markdown, in which nothing that was said has a meaning of its own", () => {
    const said = items.map((item) => ({ ...item, todo: `${item.todo} <b>|\n# x` }));
    const markdown = issuesMarkdown(runbook, "simulated, seed 7", said);
    expect(markdown.match(/^## /gm)).toHaveLength(items.length);
    expect(markdown.match(/^# /gm)).toHaveLength(1);
    expect(markdown).toContain("**To do:** find what took longest \\<b\\>\\| # x.");
    expect(markdown).toContain("Labels: drill, runbook provider-outage, SEV2 / P1. Owner: ai-platform.");
    expect(issuesMarkdown(runbook, "simulated", [])).toContain("None.");
  });
});
