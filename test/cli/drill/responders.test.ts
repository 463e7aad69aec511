import { describe, expect, it } from "vitest";
import { modelledResponder, terminalResponder } from "../../../cli/drill/responders.ts";
import type { Question } from "../../../runbooks/engine/world.ts";

const question: Question = { kind: "approve", role: "incident-lead", text: "Move traffic", step: "contain.1" };
const times = { acknowledgeMs: 120_000, decideMs: 45_000, actMs: 60_000 };

async function passedBy(seed: number, asked: Question): Promise<number> {
  let passed = 0;
  await modelledResponder(times, seed).ask(asked, async (ms) => {
    passed += ms;
  });
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
  const { signal } = new AbortController();

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
      responder: terminalResponder({ prompt, who: "ada", signal, nowMs: () => nowMs, time: "simulated" }),
    };
  }

  it("says yes with Enter, and simulated time passes as long as that took", async () => {
    const { shown, responder } = person("");
    const passed: number[] = [];
    const answer = await responder.ask(question, async (ms) => void passed.push(ms));
    expect(answer).toEqual({ yes: true, who: "ada", note: undefined });
    expect(passed).toEqual([20_000]);
    expect(shown).toEqual(["APPROVE [incident-lead, contain.1] Move traffic [Y/n] "]);
  });

  it.each([
    ["n, quota is too low", { yes: false, who: "ada", note: "quota is too low" }],
    ["YES", { yes: true, who: "ada", note: undefined }],
  ])("may give a reason: %s", async (typed, answer) => {
    expect(await person(typed).responder.ask(question, async () => undefined)).toEqual(answer);
  });

  it("is asked again until it is yes or no", async () => {
    const { shown, responder } = person("perhaps", "n");
    expect((await responder.ask(question, async () => undefined)).yes).toBe(false);
    expect(shown).toHaveLength(2);
  });
});
