/** What steps give to the steps after them, and what is said of those that want what is not given. */
import { describe, expect, it } from "vitest";
import { lintOutputs } from "../../runbooks/engine/lint-outputs.ts";
import { readRunbook } from "../../runbooks/engine/parse.ts";
import type { Answer } from "../../runbooks/engine/responder.ts";
import { type Drill, drill, runbookOf } from "./scripted-drill.ts";

const ada: Pick<Answer, "yes" | "who" | "note"> = {
  yes: true,
  who: { name: "ada", seat: "incident-lead" },
  note: undefined,
};
const attesting = (value: string | number): { readonly ask: () => Promise<Answer> } => ({
  ask: async () => ({ ...ada, value }),
});
const allowed = new Map([["shell", ["nodectl"]]] as const);

const heldAt = ({ journal }: Drill, step: string): string | undefined =>
  journal.entries().find((entry) => entry.kind === "step-holds" && entry.step === step)?.text;

describe("what a step gives", () => {
  it("is filled into texts in the words of its unit, and said to be unknown where it is not there", async () => {
    const played = await drill({
      runbook: runbookOf([
        "id: before\ncheck: errors < 100%",
        "id: left-out\nwhen: errors > 50%\ncheck: errors < 100%",
        "id: told\nnote: Errors were {{ steps.before.output }}, and {{steps.left-out.output}}",
      ]),
    });
    expect(heldAt(played, "told")).toBe("Errors were 0 %, and (not given in step left-out)");
  });

  it("is said to be not given by whoever stood in for a person", async () => {
    const played = await drill({
      runbook: runbookOf([
        "id: ticket\nmanual: Open a ticket\nattest: text",
        "id: told\nnote: Close ticket {{ steps.ticket.output }}.",
      ]),
      responder: {
        ask: async () => ({ ...ada, who: { name: "auto responder", seat: "responder", isModel: true } }),
      },
    });
    expect(heldAt(played, "told")).toBe("Close ticket (not given by auto responder in step ticket).");
  });

  it.each([
    ["steps.asked.output > 10", 12, true],
    ["steps.asked.output > 10", 9, false],
    ["steps.asked.output == 3k", 3_000, true],
  ])("of a number, %s with %s: %s", async (condition, value, holds) => {
    const blocks = ["id: asked\nmanual: How many?\nattest: number", `id: then\ncheck: ${condition}`];
    const { result } = await drill({ runbook: runbookOf(blocks), responder: attesting(value) });
    expect(result.status).toBe(holds ? "completed" : "failed");
  });

  it.each([
    ["is INC-7", true],
    ["is INC-8", false],
    ["is not INC-7", false],
    ["contains NC", true],
    ["contains nc", false],
  ])("of a text, steps.ticket.output %s: %s", async (test, holds) => {
    const blocks = ["id: ticket\nmanual: Open a ticket\nattest: text", `id: then\ncheck: steps.ticket.output ${test}`];
    const { result } = await drill({ runbook: runbookOf(blocks), responder: attesting("INC-7") });
    expect(result.status).toBe(holds ? "completed" : "failed");
  });

  it("may be the limit of a later measurement", async () => {
    const blocks = [
      "id: before\ncheck: replicas.ready > 0",
      "action: scale to 5\nundo: scale to 3",
      "id: more\ncheck: replicas.ready > steps.before.output",
    ];
    const { result } = await drill({ runbook: runbookOf(blocks) });
    expect(result).toMatchObject({ status: "completed", notRestored: [] });
    const same = blocks.toSpliced(1, 1);
    expect((await drill({ runbook: runbookOf(same) })).result.why).toBe("does not hold: replicas.ready 3");
  });

  it("of an action is the state before and after it", async () => {
    const played = await drill({
      runbook: runbookOf([
        "id: grow\naction: scale to 5\nundo: scale to 3",
        "id: told\nnote: '{{ steps.grow.before }} to {{ steps.grow.output }}'",
      ]),
    });
    expect(heldAt(played, "told")).toBe("3 replicas to 5 replicas");
  });

  it("of a command is what it printed, JSON within it, and its exit code even where it failed", async () => {
    const blocks = [
      "id: look\nshell: [nodectl, list]\nundo: none, because it only looks\non-failure: continue",
      "check: steps.look.status == 2 and steps.look.json.nodes.ready is 3",
      "id: node\nshell: [nodectl, stop, 'node-{{ steps.look.json.nodes.ready }}; reboot']\nundo: none, because it only looks",
      "check: steps.look.json.nodes.missing is 3",
    ];
    const { result, world } = await drill({
      runbook: runbookOf(blocks),
      allowed,
      script: { command: ({ words }) => ({ status: words[1] === "list" ? 2 : 0, output: '{"nodes":{"ready":3}}' }) },
    });
    expect(world.commands.at(-1)?.words).toEqual(["nodectl", "stop", "node-3; reboot"]);
    expect(result.why).toBe("does not hold: steps.look.json.nodes.missing is not known");
  });

  it("never runs a command with a hole in it", async () => {
    const blocks = [
      "id: look\nwhen: errors > 50%\nshell: [nodectl, list]\nundo: none, because it only looks",
      "shell: [nodectl, stop, '{{ steps.look.output }}']\nundo: none, because it is a test",
    ];
    const { result, world } = await drill({ runbook: runbookOf(blocks), allowed });
    expect(result.why).toBe(
      "shell: nodectl stop {{ steps.look.output }} cannot be run: steps.look.output is not known",
    );
    expect(world.commands).toEqual([]);
  });

  it("never runs a command with a key from another step, which the journal does not keep", async () => {
    const blocks = [
      "id: login\nmanual: Log in\nattest: text",
      "shell: [nodectl, --token, '{{ steps.login.output }}']\nundo: none, because it is a test",
    ];
    const { result, world } = await drill({
      runbook: runbookOf(blocks),
      allowed,
      responder: attesting("sk-abcdefghijklmnop1234"),
    });
    expect([result.why, world.commands]).toEqual([expect.stringMatching(/steps\.login\.output is not known$/), []]);
  });

  it("is encoded within an address, so that it cannot lead elsewhere", async () => {
    const blocks = [
      "id: asked\nmanual: Which one?\nattest: text",
      "http: [GET, 'http://127.0.0.1:1/nodes/{{ steps.asked.output }}/state']",
    ];
    const { world } = await drill({
      runbook: runbookOf(blocks),
      responder: attesting("../secrets?all"),
      allowed: new Map([["http", ["GET http://127.0.0.1:1/nodes"]]]),
    });
    expect(world.commands[0]?.words[1]).toBe("http://127.0.0.1:1/nodes/..%2Fsecrets%3Fall/state");
  });

  it("is the same after a crash", async () => {
    const runbook = runbookOf([
      "id: ticket\nmanual: Open a ticket\nattest: text",
      "id: told\nnote: See {{ steps.ticket.output }}",
    ]);
    const whole = await drill({ runbook, responder: attesting("INC-7, key sk-abcdefghijklmnop1234") });
    for (let crashAfter = 1; crashAfter < whole.lines.length; crashAfter++) {
      const lines: string[] = [];
      await drill({ runbook, responder: attesting("INC-7, key sk-abcdefghijklmnop1234"), lines, crashAfter }).catch(
        () => undefined,
      );
      const again = await drill({
        runbook,
        responder: attesting("INC-7, key sk-abcdefghijklmnop1234"),
        earlier: lines,
      });
      expect(heldAt(again, "told"), `killed after ${crashAfter}`).toBe("See INC-7, key [redacted]");
    }
  });
});

describe("the linter", () => {
  const messages = (...blocks: readonly string[]): readonly (readonly [number | undefined, string])[] => {
    const { runbook } = readRunbook(runbookOf(blocks), "made.md");
    if (runbook === undefined) throw new Error("it could not be read");
    return lintOutputs(runbook).map(({ line, message }) => [line, message]);
  };
  const measured = "id: before\ncheck: errors < 1%";
  const looked = "id: look\nshell: [nodectl, list]\nundo: none, because it only looks";

  it.each([
    [
      "an unknown step",
      [measured, "note: '{{ steps.befor.output }}'"],
      "wants steps.befor.output, and there is no step befor",
    ],
    [
      "a later step",
      ["note: '{{ steps.before.output }}'", measured],
      "wants steps.before.output, and before is not done before it",
    ],
    [
      "a field that is not given",
      [measured, "check: steps.before.status == 0"],
      "wants steps.before.status, and before gives output only",
    ],
    [
      "what is no reference",
      ["note: '{{ env.HOME }}'"],
      "wants {{ env.HOME }}, which is not of the form steps.ID.output",
    ],
    [
      "another unit",
      [measured, "check: ttft.p95 < steps.before.output"],
      "compares ttft.p95, a duration, with steps.before.output, a share",
    ],
    [
      "a number as a text",
      [measured, "check: steps.before.output is low"],
      "asks whether steps.before.output is a text; it is a share: use <, <=, ==, >= or >",
    ],
    [
      "a text as a number",
      [looked, "check: steps.look.output > 3"],
      "compares steps.look.output, a text, with a number; use is, is not or contains",
    ],
    [
      "a limit of another unit",
      [measured, "check: steps.before.output < 5s"],
      'compares steps.before.output with "5s"; needed is a comparison with a share, such as < 1% or <= 0.01, or 0',
    ],
    [
      "a first word that nobody wrote",
      [looked, "shell: ['{{ steps.look.output }}']\nundo: none, because why"],
      "begins with what another step gives; what is allowed is told by the first word",
    ],
  ])("names %s, with its line", (_, blocks, message) => {
    expect(messages(...blocks)).toEqual([[expect.any(Number), message]]);
    expect(messages(...blocks)[0]?.[0]).toBeGreaterThan(9);
  });

  it("has nothing against what is given", () => {
    expect(
      messages(
        measured,
        looked,
        "check: errors <= steps.before.output and steps.look.json.a.b > 3 and steps.look.status == 0",
      ),
    ).toEqual([]);
  });

  it("does not let steps of the same time wait for each other", () => {
    const blocks = [
      "parallel:\n  - { id: one, check: errors < 1% }\n  - { id: two, check: errors <= steps.one.output }",
    ];
    expect(messages(...blocks).map(([, message]) => message)).toEqual([
      "wants steps.one.output, and one is not done before it",
    ]);
  });

  it.each([
    ["shell: [nodectl, stop]", /has no undo/],
    ["kubectl: [delete, pod, x]", /has no undo/],
    ["http: [POST, 'http://127.0.0.1/']", /has no undo/],
    ["shell: [a]\nundo: scale to 3", /undo of a command is a list of words/],
    ["action: scale to 3\nundo: [a]", /undo of an action is an action/],
    ["check: errors < 1%\non-failure: retry", /retry 2 then one of these/],
  ])("refuses %s", (block, message) => {
    const { problems } = readRunbook(runbookOf([block]), "made.md");
    expect(problems.map((problem) => problem.message).join()).toMatch(message);
  });

  it.each([
    "kubectl: [get, pods]",
    "kubectl: [rollout, status, deployment/gateway]",
    "http: [GET, 'http://127.0.0.1/']",
  ])("needs no undo of what only looks: %s", (block) =>
    expect(readRunbook(runbookOf([block]), "made.md").problems).toEqual([]),
  );
});
