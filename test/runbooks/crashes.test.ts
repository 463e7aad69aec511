/** What a crash leaves begun, in a world that outlives it. */
import { describe, expect, it } from "vitest";
import { executeRunbook } from "../../runbooks/engine/execute.ts";
import { createJournal, verifyJournal } from "../../runbooks/engine/journal.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";
import { cluster, scaling, wordsOf } from "./scripted-cluster.ts";
import { drill, runbookOf } from "./scripted-drill.ts";
import { scriptedResponder, scriptedWorld, type ScriptedWorld } from "./scripted-world.ts";

describe("in a world that outlives a crash", () => {
  const blocks = [
    scaling,
    "id: reroute\naction: route gpt-4o-mini to openai\nundo: route gpt-4o-mini to azure, openai",
    "id: shed\naction: drain 1 replica\nundo: none, because others start",
    "id: doubtful\non-failure: retry 1 then continue\nshell: [nodectl, fail]\nundo: [nodectl, unfail]",
  ];
  const both = new Map([
    ["kubectl", ["scale deployment/gateway", "get"]],
    ["shell", ["nodectl"]],
  ] as const);

  interface Outliving {
    readonly world: ScriptedWorld;
    readonly gateway: { replicas: number };
    readonly settings: Parameters<typeof drill>[0];
  }

  function outliving(): Outliving {
    const gateway = cluster();
    const command = (asked: Command): CommandResult =>
      asked.words[1] === "fail" ? { status: 1, output: "no" } : gateway.command(asked);
    const world = scriptedWorld({ command });
    return {
      world,
      gateway,
      settings: { world, runbook: runbookOf(blocks), allowed: both, responder: scriptedResponder() },
    };
  }

  it("does nothing twice, wherever it was killed, and leaves everything as it was", async () => {
    const whole = await drill(outliving().settings);
    expect(whole.result).toEqual({ status: "completed", why: "", notRestored: [] });
    expect(whole.lines.length).toBeGreaterThanOrEqual(40);
    for (let crashAfter = 1; crashAfter < whole.lines.length; crashAfter++) {
      const { world, gateway, settings } = outliving();
      const lines: string[] = [];
      await drill({ ...settings, lines, crashAfter }).catch(() => undefined);
      const resumed = await drill({ ...settings, earlier: lines });
      const where = `killed after ${crashAfter} entries, the last of them ${lines.at(-1) ?? ""}`;
      expect(resumed.result, where).toEqual({ status: "completed", why: "", notRestored: [] });
      expect(verifyJournal(resumed.lines), where).toMatchObject({ whole: true, ended: true });
      const changes = world.commands.filter(
        ({ words, key }) => !words.includes("--dry-run=server") && !/state$|undo$/.test(key),
      );
      const keys = changes.map(({ key }) => key);
      expect(new Set(keys).size, where).toBe(keys.length);
      expect(
        world.acts.map(({ kind }) => kind),
        where,
      ).toEqual(["route", "drain", "route"]);
      const marks = resumed.journal
        .entries()
        .flatMap(({ kind, data = {} }) =>
          /^(?:action|command)-/.test(kind) ? [`${kind} ${String(data["key"])}`] : [],
        );
      expect(new Set(marks).size, where).toBe(marks.length);
      // As often as the step says, no more for having been killed; none where somebody said that it was done.
      const fails = resumed.journal.entries().filter(({ kind }) => kind === "step-fails");
      expect(fails.length, where).toBeLessThanOrEqual(2);
      // What has a state is not even asked for a second time.
      expect(
        world.calls.filter(({ kind }) => kind === "route"),
        where,
      ).toHaveLength(2);
      expect([gateway.replicas, world.routes.get("gpt-4o-mini")], where).toEqual([3, ["azure", "openai"]]);
    }
  });

  it("asks a person where nothing tells whether it was done", async () => {
    const runbook = runbookOf(["id: stop\nshell: [nodectl, stop]\nundo: [nodectl, start]"]);
    const lines: string[] = [];
    const first = await drill({ runbook, allowed: both });
    const begun = first.lines.findIndex((line) => line.includes('"command-begins"')) + 1;
    await drill({ runbook, allowed: both, lines, crashAfter: begun }).catch(() => undefined);
    const yes = scriptedResponder();
    const done = await drill({ runbook, allowed: both, earlier: lines, responder: yes });
    expect(yes.asked.map(({ text }) => text)).toEqual([
      "shell: nodectl stop was begun before the crash, and nothing tells whether it was done. Was it?",
    ]);
    expect(wordsOf(done)).toEqual(["nodectl start"]);
    const no = await drill({
      runbook,
      allowed: both,
      earlier: lines,
      responder: scriptedResponder({ no: ["command"] }),
    });
    expect(wordsOf(no)).toEqual(["nodectl stop", "nodectl start"]);
  });

  it.each([
    ["its proof holds", "shell: [nodectl, stop]\nundo: none, because it is a test\nthen: errors < 100%", []],
    ["it only looks", "kubectl: [get, pods]", ["get pods"]],
  ])("asks nobody about a command where %s", async (_, block, run) => {
    const runbook = runbookOf([block]);
    const first = await drill({ runbook, allowed: both });
    const begun = first.lines.findIndex((line) => line.includes('"command-begins"')) + 1;
    const responder = scriptedResponder();
    const again = await drill({ runbook, allowed: both, earlier: first.lines.slice(0, begun), responder });
    expect([again.result.status, responder.asked, wordsOf(again)]).toEqual(["completed", [], run]);
  });

  it("ends as it was ending when it was killed amid taking back what it did", async () => {
    const runbook = runbookOf([...blocks.slice(0, 2), "id: wrong\ncheck: errors > 99%"]);
    const whole = await drill({ ...outliving().settings, runbook });
    expect(whole.result.status).toBe("failed");
    const fails = whole.lines.findIndex((line) => line.includes('"step-fails"')) + 1;
    for (let crashAfter = fails; crashAfter < whole.lines.length; crashAfter++) {
      const { world, gateway, settings } = outliving();
      const lines: string[] = [];
      await drill({ ...settings, runbook, lines, crashAfter }).catch(() => undefined);
      const { result, journal } = await drill({ ...settings, runbook, earlier: lines });
      expect(result, `killed after ${crashAfter}`).toEqual(whole.result);
      expect(journal.entries().filter(({ kind }) => kind === "step-fails")).toHaveLength(1);
      expect([gateway.replicas, world.routes.get("gpt-4o-mini")]).toEqual([3, ["azure", "openai"]]);
    }
  });

  it("takes back what it did even where the journal cannot be written any more", async () => {
    const { world, settings } = outliving();
    const stop = new AbortController();
    const full = "the disk is full";
    const responder = scriptedResponder();
    let written = 0;
    const journal = createJournal({
      nowMs: world.nowMs,
      wallTime: world.wallTime,
      append: async () => {
        if (world.acts.length > 0 && ++written > 1) throw new Error(full);
      },
    });
    const options = { world, responder, journal, mode: "drill", allowed: both, signal: stop.signal } as const;
    const played = executeRunbook({ ...options, runbook: parseRunbook(settings?.runbook ?? "", "made.md") });
    await expect(played).rejects.toThrow(full);
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
  });
});
