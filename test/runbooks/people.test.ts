/** Who may answer what, and what people say unasked. */
import { describe, expect, it } from "vitest";
import {
  type Answer,
  answerProblem,
  type Hear,
  mayAnswer,
  type Person,
  type Question,
  remarkProblem,
} from "../../runbooks/engine/responder.ts";
import { drill, runbookOf, text } from "./scripted-drill.ts";
import { scriptedResponder } from "./scripted-world.ts";

const ada: Person = { name: "ada", seat: "incident-lead" };
const bob: Person = { name: "bob", seat: "responder" };
const eve: Person = { name: "eve", seat: "observer" };

describe("a question", () => {
  it.each([
    ["incident-lead", ada, []],
    ["responder", bob, []],
    ["responder", ada, []],
    ["security", bob, []],
    ["incident-lead", ada, ["bob"]],
  ] as const)("for %s may be answered by %j, where it is not for %j", (role, person, notBy) => {
    expect(mayAnswer({ role, notBy }, person)).toBeUndefined();
  });

  it.each([
    ["incident-lead", bob, [], "this is for the incident lead"],
    ["responder", eve, [], "an observer reads and takes notes"],
    ["responder", bob, ["bob"], "bob asked for it; somebody else has to answer"],
  ] as const)("for %s may not be answered by %j, where it is not for %j", (role, person, notBy, why) => {
    expect(mayAnswer({ role, notBy }, person)).toBe(why);
  });

  it("that wants a text or a number takes no yes without one", () => {
    const yes = { yes: true, who: bob, note: undefined };
    expect(answerProblem({ wants: "number" }, yes)).toBe("the answer needs a number");
    expect(answerProblem({ wants: "number" }, { ...yes, value: Number.NaN })).toBe("the answer needs a number");
    expect(answerProblem({ wants: "text" }, { ...yes, value: " " })).toBe("the answer needs a text");
    expect(answerProblem({ wants: "text" }, { ...yes, value: "INC-7" })).toBeUndefined();
    expect(answerProblem({ wants: "text" }, { ...yes, yes: false })).toBeUndefined();
    expect(answerProblem({ wants: "number" }, { ...yes, who: { ...bob, isModel: true } })).toBeUndefined();
    expect(answerProblem({ wants: "nothing" }, { ...yes, note: "x".repeat(4_001) })).toMatch(/more than 4000/);
  });

  it("is in the journal with its id, and an answer that does not count is there too", async () => {
    const said: Person[] = [eve, bob, ada];
    const { journal } = await drill({
      runbook: runbookOf(["approve: incident-lead\nsay: Stop everything"]),
      responder: { ask: async () => ({ yes: true, who: said.shift() ?? ada, note: undefined }) },
    });
    const talk = journal.entries().filter(({ kind }) => ["question", "answer", "answer-refused"].includes(kind));
    expect(talk.map(({ kind, who, text: words }) => [kind, who, words])).toEqual([
      ["question", "squall", "Stop everything"],
      ["answer-refused", "eve", "an observer reads and takes notes"],
      ["answer-refused", "bob", "this is for the incident lead"],
      ["answer", "ada", "yes"],
    ]);
    expect(new Set(talk.map(({ data = {} }) => data["question"] ?? data["id"]))).toEqual(
      new Set(["contain.1#1.1/approve"]),
    );
  });

  it("to approve goes to somebody else than whoever asked, where the runbook says so", async () => {
    const asked: Question[] = [];
    const answers: Person[] = [bob, bob, ada];
    const { journal, result } = await drill({
      runbook: runbookOf(["manual: Write down what you want", "approve: security\nby: somebody-else\nsay: Do it"]),
      responder: {
        ask: async (question) => {
          asked.push(question);
          return { yes: true, who: answers.shift() ?? ada, note: undefined };
        },
      },
    });
    expect(result.status).toBe("completed");
    expect(asked.map(({ kind, notBy }) => [kind, notBy])).toEqual([
      ["manual", []],
      ["approve", ["bob"]],
      ["approve", ["bob"]],
    ]);
    expect(journal.entries().find(({ kind }) => kind === "answer-refused")?.text).toMatch(/^bob asked for it/);
  });

  it("to approve goes to somebody else after a crash too", async () => {
    const runbook = runbookOf(["manual: Write down what you want", "approve: security\nby: somebody-else\nsay: Do it"]);
    const say = (who: Person): Parameters<typeof drill>[0] => ({
      runbook,
      responder: { ask: async () => ({ yes: true, who, note: undefined }) },
    });
    const first = await drill(say(bob)).catch(() => undefined);
    const lines = first?.lines ?? [];
    const answered = lines.findIndex((line) => line.includes('"step-holds"')) + 1;
    const asked: Question[] = [];
    const ask = async (question: Question): Promise<Answer> => {
      asked.push(question);
      return { yes: true, who: ada, note: undefined };
    };
    await drill({ runbook, earlier: lines.slice(0, answered), responder: { ask } });
    expect(asked.map(({ kind, notBy }) => [kind, notBy])).toEqual([["approve", ["bob"]]]);
  });

  it("by evidence may be decided the other way by a person, and the journal says so", async () => {
    const { journal } = await drill({ responder: scriptedResponder({ no: ["decide"] }) });
    const phases = journal.entries().flatMap(({ kind, phase = "" }) => (kind === "phase-begins" ? [phase] : []));
    expect(phases).toEqual(["detect", "triage", "investigate", "resolve", "review"]);
    const answer = journal.entries().find(({ kind, step }) => kind === "answer" && step === "triage.1");
    expect(answer?.data).toMatchObject({ evidence: false, taken: true });
  });

  it("whether something was done fails its step with a no", async () => {
    const responder = scriptedResponder({ no: ["manual"] });
    const { result } = await drill({ runbook: runbookOf(["manual: Call the provider"]), responder });
    expect(result).toMatchObject({ status: "failed", why: "ada did not do it" });
  });

  it("of a page goes to the incident lead where the responder does not look into it", async () => {
    const roles: string[] = [];
    const { journal, result } = await drill({
      responder: {
        ask: async ({ kind, role }) => {
          if (kind === "acknowledge") roles.push(role);
          const yes = kind !== "acknowledge" || role === "incident-lead";
          return { yes, who: role === "responder" ? bob : ada, note: undefined };
        },
      },
    });
    expect(roles).toEqual(["responder", "incident-lead"]);
    expect(journal.entries().find(({ kind }) => kind === "acknowledged")?.who).toBe("ada");
    expect(result.status).toBe("completed");
  });

  it("of a page that nobody took is asked again when its step is tried again", async () => {
    const pages: string[] = [];
    const { result } = await drill({
      runbook: text.replace(
        "wait: alert ErrorRateHigh fires\n",
        "wait: alert ErrorRateHigh fires\non-failure: retry 1\n",
      ),
      responder: {
        ask: async ({ id, kind, role }) => {
          if (kind === "acknowledge") pages.push(id);
          return {
            yes: kind !== "acknowledge" || pages.length > 2,
            who: role === "responder" ? bob : ada,
            note: undefined,
          };
        },
      },
    });
    expect(pages).toEqual(["acknowledge/responder", "acknowledge/incident-lead", "acknowledge/responder"]);
    expect(result.status).toBe("completed");
  });
});

describe("a remark", () => {
  it.each([
    [{ kind: "note", who: eve, text: "users call" }, undefined],
    [{ kind: "note", who: eve, text: " " }, "the remark says nothing"],
    [{ kind: "end", who: bob, text: "enough" }, "only the incident lead ends a drill"],
    [{ kind: "end", who: ada, text: "enough" }, undefined],
  ] as const)("%j is taken unless: %s", (remark, problem) => {
    expect(remarkProblem(remark)).toBe(problem);
  });

  it("goes into the journal at any time, and the lead's end takes back what was done", async () => {
    let hear: Hear | undefined;
    const base = scriptedResponder();
    const { journal, result, world } = await drill({
      responder: {
        listen: (given) => {
          hear = given;
        },
        ask: async (question, turn) => {
          if (question.kind === "approve")
            expect(await hear?.({ kind: "note", who: eve, text: "users call" })).toBeUndefined();
          return await base.ask(question, turn);
        },
      },
      script: {
        onAct: () => void hear?.({ kind: "end", who: ada, text: "a real incident" }),
      },
    });
    expect(result).toMatchObject({
      status: "interrupted",
      why: "ada (incident-lead) ended it: a real incident",
      notRestored: [],
    });
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(
      journal
        .entries()
        .filter(({ kind }) => kind === "note")
        .map(({ who, text: words }) => [who, words]),
    ).toEqual([
      ["eve", "users call"],
      ["ada", "a real incident"],
    ]);
    expect(await hear?.({ kind: "note", who: eve, text: "too late" })).toBe("the drill is over");
  });

  it("ends a drill amid a question, which is withdrawn", async () => {
    const { result } = await drill({
      runbook: text,
      responder: {
        listen: (hear) => queueMicrotask(() => void hear({ kind: "end", who: ada, text: "enough" })),
        ask: (_question, { signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason as Error));
            if (signal.aborted) reject(signal.reason as Error);
          }),
      },
    });
    expect(result).toMatchObject({ status: "interrupted", why: "ada (incident-lead) ended it: enough" });
  });
});
