import { describe, expect, it } from "vitest";
import { modelledResponder } from "../../../cli/drill/responders.ts";
import { terminalResponder } from "../../../cli/drill/terminal-responder.ts";
import type { Question, Remark } from "../../../runbooks/engine/responder.ts";

const question: Question = {
  id: "contain.1#1/approve",
  kind: "approve",
  role: "incident-lead",
  text: "Move traffic",
  step: "contain.1",
  choices: { yes: "Approve", no: "Refuse" },
  wants: "nothing",
  notBy: [],
};
const { signal } = new AbortController();
const ada = { name: "ada", seat: "incident-lead" };
const times = { acknowledgeMs: 120_000, decideMs: 45_000, actMs: 60_000 };

async function passedBy(seed: number, asked: Question): Promise<number> {
  let passed = 0;
  const pass = async (ms: number): Promise<void> => void (passed += ms);
  await modelledResponder(times, seed).ask(asked, { pass, signal });
  return passed;
}

describe("a modelled responder", () => {
  it("takes about as long as a person, the same for the same seed, in whole milliseconds", async () => {
    const all = await Promise.all(Array.from({ length: 400 }, (_, seed) => passedBy(seed, question)));
    const sorted = all.toSorted((left, right) => left - right);
    expect(sorted[200]).toBeGreaterThan(35_000);
    expect(sorted[200]).toBeLessThan(56_000);
    expect(await passedBy(7, question)).toBe(all[7]);
    expect(all.every(Number.isInteger)).toBe(true);
  });
});

describe("a person at the terminal", () => {
  function person(...typed: string[]): {
    readonly shown: string[];
    readonly responder: ReturnType<typeof terminalResponder>;
  } {
    const shown: string[] = [];
    let nowMs = 0;
    const prompt = async (text: string): Promise<string> => {
      shown.push(text);
      nowMs += 20_000;
      return typed.shift() ?? "";
    };
    return {
      shown,
      responder: terminalResponder({ prompt, who: "ada", nowMs: () => nowMs, time: "simulated" }),
    };
  }

  it("says yes with Enter, and simulated time passes as long as that took", async () => {
    const { shown, responder } = person("");
    const passed: number[] = [];
    const answer = await responder.ask(question, { pass: async (ms) => void passed.push(ms), signal });
    expect(answer).toEqual({ yes: true, who: ada, note: undefined });
    expect(passed).toEqual([20_000]);
    expect(shown).toEqual(["APPROVE [incident-lead, contain.1] Move traffic [Y/n] "]);
  });

  it.each([
    ["n, quota is too low", { yes: false, who: ada, note: "quota is too low" }],
    ["YES", { yes: true, who: ada, note: undefined }],
  ])("may give a reason: %s", async (typed, answer) => {
    expect(await person(typed).responder.ask(question, { pass: async () => undefined, signal })).toEqual(answer);
  });

  it("may take a note at any question, and end the drill", async () => {
    const { responder } = person("note: users call", "end: a real incident", "y");
    const heard: Remark[] = [];
    responder.listen?.(async (remark) => void heard.push(remark));
    expect((await responder.ask(question, { pass: async () => undefined, signal })).yes).toBe(true);
    expect(heard).toEqual([
      { kind: "note", who: ada, text: "users call" },
      { kind: "end", who: ada, text: "a real incident" },
    ]);
  });

  it("hands the keyboard to somebody else where another pair of eyes is wanted", async () => {
    const { responder, shown } = person("y", "bob: y, looks right");
    const answer = await responder.ask({ ...question, notBy: ["ada"] }, { pass: async () => undefined, signal });
    expect(answer).toMatchObject({ yes: true, who: { name: "bob" }, note: "looks right" });
    expect(shown).toHaveLength(2);
  });

  it.each([
    ["number", ["many", "12"], { yes: true, value: 12 }],
    ["text", ["", "INC-7"], { yes: true, value: "INC-7" }],
    ["text", ["no, cannot find it"], { yes: false, note: "cannot find it" }],
  ] as const)("attests a %s: %j", async (wants, typed, answer) => {
    const { responder } = person(...typed);
    expect(await responder.ask({ ...question, wants }, { pass: async () => undefined, signal })).toMatchObject(answer);
  });

  it("is asked again until it is yes or no", async () => {
    const { shown, responder } = person("perhaps", "n");
    expect((await responder.ask(question, { pass: async () => undefined, signal })).yes).toBe(false);
    expect(shown).toHaveLength(2);
  });
});
