import { describe, expect, it } from "vitest";
import { emptyGameDay, type GameDay, type OpenQuestion } from "../../../web/console/game-day.ts";
import { questionView } from "../../../web/console/question-view.ts";
import { sparkline } from "../../../web/console/sparkline.ts";
import { alertsView, journalView, peopleView } from "../../../web/console/views.ts";

const question: OpenQuestion = {
  id: "contain.1/approve#1",
  kind: "approve",
  role: "incident-lead",
  text: "Move <all> traffic?",
  step: "contain.1",
  choices: { yes: "Approve", no: "Refuse" },
  wants: "nothing",
  notBy: [],
};

describe("the console", () => {
  it("gives a form to whoever may answer, and to others the reason why not", () => {
    const [lead, responder] = (["incident-lead", "responder"] as const).map(
      (seat) => questionView(question, { name: "ada", seat }).text,
    );
    expect(lead).toContain('value="yes"');
    expect(responder).not.toContain("<form");
    expect(responder).toContain("This is for the incident lead.");
  });

  it("asks for the text or the number that has to be attested", () => {
    const asked = (wants: OpenQuestion["wants"]): string =>
      questionView({ ...question, wants }, { name: "ada", seat: "incident-lead" }).text;
    expect(asked("nothing")).not.toContain('name="value"');
    expect(asked("text")).toContain('name="value"');
    expect(asked("number")).toContain('type="number"');
  });

  it("makes no tag of what people and files say", () => {
    const evil = "<img src=x>";
    const day: GameDay = {
      ...emptyGameDay,
      people: [{ name: evil, seat: "observer" }],
      entries: [{ seq: 0, atMs: 0, kind: "note", who: evil, text: evil, step: evil }],
    };
    const me = { name: "ada", seat: "observer" } as const;
    const shown = [journalView(day), peopleView(day, me), questionView({ ...question, text: evil, id: evil }, me)];
    for (const { text } of shown) expect(text).not.toContain("<img");
  });

  it("shows the newest entry first, and none that only the engine wants to see", () => {
    const entries = ["note", "step-begins", "alert-fires"].map((kind, seq) => {
      return { seq, atMs: seq, kind, who: "squall", text: `entry ${seq}` };
    });
    const { text } = journalView({ ...emptyGameDay, entries });
    expect(text.indexOf("entry 2")).toBeLessThan(text.indexOf("entry 0"));
    expect(text).not.toContain("entry 1");
  });

  it("says that no alert fires rather than nothing", () => {
    expect(alertsView(emptyGameDay).text).toContain("None fires");
  });
});

describe("sparkline", () => {
  const base = { label: "Failed: 3 %", limit: undefined, atLeast: 1, fromMs: 0, toMs: 10, marks: [] };

  it("breaks its line where nothing was measured", () => {
    const points = [0.2, undefined, 0.4].map((value, atMs) => ({ atMs, value }));
    const path = /class="line" d="([^"]*)"/.exec(sparkline({ ...base, points }).text)?.[1] ?? "";
    expect(path.match(/M/g)?.length).toBe(2);
  });

  it("leaves out instants that lie before its window", () => {
    const { text } = sparkline({ ...base, points: [], fromMs: 5, marks: [2, 7] });
    expect(text.match(/class="tick"/g)?.length).toBe(1);
  });

  it("has words for those who do not see it", () => {
    expect(sparkline({ ...base, points: [] }).text).toContain('aria-label="Failed: 3 %"');
  });
});
