/** Commands outside of Squall: allowed, shown, tried dry, run once, and taken back. */
import { describe, expect, it } from "vitest";
import { dryRunOf, notAllowed, onlyReads } from "../../runbooks/engine/commands.ts";
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";
import { allowed, cluster, scaling, wordsOf } from "./scripted-cluster.ts";
import { drill, runbookOf } from "./scripted-drill.ts";
import { scriptedResponder, scriptedWorld } from "./scripted-world.ts";

describe("a command", () => {
  it.each([
    ["kubectl", ["get", "pods"], ["get"]],
    ["kubectl", ["scale", "deployment/gateway", "--replicas=3"], ["get", "scale deployment/gateway"]],
    ["shell", ["nodectl", "stop", "2"], ["nodectl"]],
    ["http", ["GET", "http://127.0.0.1:9100/_squall/faults"], ["GET"]],
    ["http", ["POST", "http://127.0.0.1:9100/admin/keys"], ["POST http://127.0.0.1:9100/admin"]],
    ["http", ["POST", "http://127.0.0.1:9100/admin"], ["POST http://127.0.0.1:9100/admin/"]],
  ] as const)("of %s %j is allowed by %j", (tool, words, beginnings) => {
    expect(notAllowed(tool, words, new Map([[tool, beginnings]]))).toBeUndefined();
  });

  it.each([
    ["kubectl", ["delete", "pod", "x"], ["get"]],
    ["kubectl", ["scale", "deployment/other"], ["scale deployment/gateway"]],
    ["http", ["DELETE", "http://127.0.0.1:9100/admin"], ["GET", "POST http://127.0.0.1:9100/admin"]],
    ["http", ["POST", "http://127.0.0.1:9101/admin"], ["POST http://127.0.0.1:9100/admin"]],
    ["http", ["POST", "http://127.0.0.1:9100/administration"], ["POST http://127.0.0.1:9100/admin"]],
    ["http", ["POST", "http://127.0.0.1:9100/admin/../keys"], ["POST http://127.0.0.1:9100/admin"]],
    ["http", ["POST", "http://127.0.0.1:9100@evil.example/admin"], ["POST http://127.0.0.1:9100/admin"]],
  ] as const)("of %s %j is not allowed by %j", (tool, words, beginnings) => {
    expect(notAllowed(tool, words, new Map([[tool, beginnings]]))).toMatch(/is not on the list of allowed ones/);
  });

  it("is off unless its tool was allowed", () => {
    expect(notAllowed("shell", ["ls"], new Map())).toBe("shell: ls is off; allow it with --allow-shell");
  });

  it.each([
    ["kubectl", ["get", "pods"], true],
    ["kubectl", ["rollout", "history"], true],
    ["kubectl", ["rollout", "restart"], false],
    ["http", ["HEAD", "http://127.0.0.1"], true],
    ["http", ["PUT", "http://127.0.0.1"], false],
    ["shell", ["ls"], false],
  ] as const)("of %s %j only reads: %s", (tool, words, reads) => {
    expect(onlyReads(tool, words)).toBe(reads);
  });

  it("of kubectl is tried by the server where its verb can be", () => {
    const of = (...words: readonly string[]): unknown => dryRunOf({ tool: "kubectl", words, dryRun: undefined });
    expect(of("scale", "deployment/gateway", "--replicas=3")).toEqual([
      "scale",
      "deployment/gateway",
      "--replicas=3",
      "--dry-run=server",
    ]);
    expect(of("rollout", "undo", "deployment/gateway")).toEqual([
      "rollout",
      "undo",
      "deployment/gateway",
      "--dry-run=server",
    ]);
    expect(of("rollout", "restart", "deployment/gateway")).toBeUndefined();
    expect(of("apply", "-f", "x.yaml", "--dry-run=client")).toBeUndefined();
  });
});

describe("a command step", () => {
  it("is tried dry, shown with its undo, run, and taken back, each verified by the state", async () => {
    const responder = scriptedResponder();
    const gateway = cluster();
    const played = await drill({ runbook: runbookOf([scaling]), allowed, responder, script: gateway });
    expect(wordsOf(played)).toEqual([
      "scale deployment/gateway --replicas=5 --dry-run=server",
      "get deployment/gateway",
      "scale deployment/gateway --replicas=5",
      "get deployment/gateway",
      "scale deployment/gateway --replicas=3",
      "get deployment/gateway",
    ]);
    expect(responder.asked.map(({ kind, text }) => [kind, text])).toEqual([
      [
        "command",
        "Run kubectl: scale deployment/gateway --replicas=5? The dry run says: 3 replicas (server dry run). Taken back by kubectl: scale deployment/gateway --replicas=3.",
      ],
    ]);
    expect(played.result).toEqual({ status: "completed", why: "", notRestored: [] });
    expect(gateway.replicas).toBe(3);
    expect(played.journal.entries().find(({ kind }) => kind === "undo-done")?.data).toEqual({
      state: "3 replicas",
      verified: true,
    });
  });

  it("runs nothing where its undo is not allowed, nobody wants it, or the dry run fails", async () => {
    const runbook = runbookOf([scaling.replace("undo: [scale", "undo: [patch")]);
    const unlisted = await drill({ runbook, allowed });
    expect([unlisted.result.why, wordsOf(unlisted)]).toEqual([
      expect.stringMatching(/^kubectl: patch .* is not on the list/),
      [],
    ]);
    const declined = await drill({
      runbook: runbookOf([scaling]),
      allowed,
      responder: scriptedResponder({ no: ["command"] }),
    });
    expect(declined.result.why).toBe("ada does not run kubectl: scale deployment/gateway --replicas=5");
    expect(wordsOf(declined)).toEqual(["scale deployment/gateway --replicas=5 --dry-run=server"]);
    const script = { command: (): CommandResult => ({ status: 1, output: "forbidden" }) };
    const refused = await drill({ runbook: runbookOf([scaling]), allowed, script });
    expect(refused.result.why).toBe(
      "dry run of kubectl: scale deployment/gateway --replicas=5 ended with 1: forbidden",
    );
    expect(wordsOf(refused)).toEqual(["scale deployment/gateway --replicas=5 --dry-run=server"]);
  });

  it("says what its undo did not bring back, and goes on with the rest in reverse order", async () => {
    const blocks = [
      scaling,
      "id: reroute\naction: route gpt-4o-mini to openai\nundo: route gpt-4o-mini to azure, openai",
      "check: errors > 99%",
    ];
    const { result, world, journal } = await drill({
      runbook: runbookOf(blocks),
      allowed,
      script: cluster({ isStuck: true }),
    });
    expect(result.notRestored).toEqual([
      "kubectl: scale deployment/gateway --replicas=3: the state is 5 replicas; it was 3 replicas",
    ]);
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(
      journal
        .entries()
        .filter(({ kind }) => kind === "undo-begins")
        .map(({ step }) => step),
    ).toEqual(["reroute", "grow"]);
  });

  it("says that its undo failed where that did not end well", async () => {
    const script = {
      command: ({ key }: Command): CommandResult => ({ status: key.endsWith("/undo") ? 1 : 0, output: "no" }),
    };
    const { result } = await drill({ runbook: runbookOf([scaling.replace(/state: .*\n/, "")]), allowed, script });
    expect(result.notRestored).toEqual(["kubectl: scale deployment/gateway --replicas=3: ended with 1: no"]);
  });

  it("says that its undo was not verified where nothing tells the state", async () => {
    const { journal } = await drill({
      runbook: runbookOf([scaling.replace(/state: .*\n/, "")]),
      allowed,
      script: cluster(),
    });
    expect(journal.entries().find(({ kind }) => kind === "undo-done")?.data).toMatchObject({ verified: false });
  });

  it("is taken back when the drill is interrupted amid it", async () => {
    const stop = new AbortController();
    const gateway = cluster();
    const script = {
      command: (command: Command): CommandResult => {
        if (command.words.includes("--replicas=5") && command.words.length === 3) stop.abort("SIGINT");
        return gateway.command(command);
      },
    };
    const { result } = await drill({
      runbook: runbookOf([`${scaling}\nthen: errors > 99%`]),
      allowed,
      script,
      signal: stop.signal,
    });
    expect([result.status, result.notRestored, gateway.replicas]).toEqual(["interrupted", [], 3]);
  });

  it("is broken off when the drill is interrupted amid it, which is no failure of the step, and is taken back to its end", async () => {
    const stop = new AbortController();
    const gateway = cluster();
    const undone: (AbortSignal | undefined)[] = [];
    const script = {
      command: async (command: Command): Promise<CommandResult> => {
        if (command.key.endsWith("/undo")) undone.push(command.signal);
        const result = gateway.command(command);
        if (!command.words.includes("--replicas=5") || command.words.length > 3) return result;
        queueMicrotask(() => stop.abort("SIGINT"));
        return await new Promise((_, reject) => {
          command.signal?.addEventListener("abort", () => reject(new Error("broken off")));
        });
      },
    };
    const played = await drill({ runbook: runbookOf([scaling]), allowed, script, signal: stop.signal });
    expect(played.result).toEqual({ status: "interrupted", why: "interrupted", notRestored: [] });
    expect(played.journal.entries().filter(({ kind }) => kind === "step-fails")).toEqual([]);
    expect([gateway.replicas, undone]).toEqual([3, [undefined]]);
  });

  it("is watched while it runs, and broken off when a limit is broken meanwhile", async () => {
    const script = {
      command: async ({ signal }: Command): Promise<CommandResult> =>
        signal === undefined
          ? { status: 0, output: "" }
          : await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("broken off")))),
    };
    const runbook = runbookOf([scaling.replace(/state: .*\n/, "").replace("kubectl: [scale", "kubectl: [get")]);
    const limited = runbook.replace("---\n\n# ", "limits: { time: 2m }\n\n---\n\n# ");
    const { result, journal } = await drill({ runbook: limited, allowed, script });
    expect(result.why).toBe("the drill takes longer than 2 m");
    expect(journal.entries().findLast(({ kind }) => kind === "limit-broken")?.atMs).toBe(125_000);
  });

  it("is talked through where there are no machines: not allowed, not run, not taken back, and nothing is waited for", async () => {
    const responder = scriptedResponder({ afterMs: 30_000 });
    const runbook = runbookOf([
      `${scaling}\nthen: replicas.ready >= 5`,
      "id: told\nnote: '{{ steps.grow.output }}'",
      "id: after\nwhen: steps.grow.status == 0\ncheck: errors < 100%",
    ]);
    const { result, journal } = await drill({ runbook, responder, script: { hasNoMachines: true } });
    expect(result).toEqual({ status: "completed", why: "", notRestored: [] });
    expect(responder.asked.map(({ kind, text }) => [kind, text])).toEqual([
      [
        "command",
        "A simulation has no machines, so nothing is run. Would you run kubectl: scale deployment/gateway --replicas=5?",
      ],
    ]);
    const held = journal.entries().flatMap(({ kind, atMs, text }) => (kind === "step-holds" ? [[atMs, text]] : []));
    expect(held.slice(0, 3)).toEqual([
      [30_000, "would run kubectl: scale deployment/gateway --replicas=5: not run, a simulation has no machines"],
      [30_000, "(not given in step grow)"],
      [30_000, "left out: steps.grow.status is not known"],
    ]);
    const no = await drill({
      runbook,
      responder: scriptedResponder({ no: ["command"] }),
      script: { hasNoMachines: true },
    });
    expect(no.result.why).toBe("ada would not run kubectl: scale deployment/gateway --replicas=5");
  });

  it("is only talked about at a tabletop", async () => {
    const played = await drill({ runbook: runbookOf([scaling]), allowed, mode: "tabletop" });
    expect(wordsOf(played)).toEqual([]);
    expect(played.journal.entries().map(({ text }) => text)).toContain(
      "would run kubectl: scale deployment/gateway --replicas=5",
    );
  });

  it("is not run where nobody can tell the state that it would change", async () => {
    const script = {
      command: ({ words }: Command): CommandResult => ({ status: words[0] === "get" ? 1 : 0, output: "no" }),
    };
    const played = await drill({ runbook: runbookOf([scaling]), allowed, script });
    expect(played.result.why).toMatch(/^kubectl: get deployment\/gateway ended with 1: the state is not known/);
    expect(wordsOf(played)).not.toContain("scale deployment/gateway --replicas=5");
  });

  it("keeps keys out of the journal, and does not run an undo that lost its key in a crash", async () => {
    const key = "sk-abcdefghijklmnop1234";
    const block = `shell: [nodectl, set, ${key}]\nundo: [nodectl, unset, ${key}]`;
    const runbook = runbookOf([block, "check: errors > 99%"]);
    const shell = new Map([["shell", ["nodectl"]]] as const);
    const whole = await drill({ runbook, allowed: shell });
    expect(whole.lines.join("")).not.toContain(key);
    const begun = whole.journal.entries().findIndex(({ kind }) => kind === "command-done") + 1;
    const again = await drill({ runbook, allowed: shell, earlier: whole.lines.slice(0, begun) });
    expect(again.result.notRestored.join()).toMatch(/the journal keeps no keys, so only a person can take it back/);
    expect(wordsOf(again)).toEqual([]);
  });
});

describe("a failed step", () => {
  const flaky = (fails: number): { readonly command: (command: Command) => CommandResult } => {
    let runs = 0;
    return { command: () => ({ status: ++runs <= fails ? 1 : 0, output: `run ${runs}` }) };
  };
  const look = "id: look\nshell: [nodectl, list]\nundo: none, because it only looks";
  const shell = new Map([["shell", ["nodectl"]]] as const);

  it.each([
    ["retry 2", 2, "completed", 3],
    ["retry 2", 3, "failed", 3],
    ["retry 1 then continue", 9, "completed", 2],
    ["continue", 9, "completed", 1],
    ["stop", 9, "failed", 1],
  ] as const)(
    "with on-failure %s and %i failures ends %s after %i runs, each with a key of its own",
    async (policy, fails, status, runs) => {
      const { result, world } = await drill({
        runbook: runbookOf([`${look}\non-failure: ${policy}`]),
        allowed: shell,
        script: flaky(fails),
      });
      expect(result.status).toBe(status);
      const keys = world.commands.map(({ key }) => key);
      expect(keys).toHaveLength(runs);
      expect(keys).toEqual(
        keys.map((_, index) => expect.stringMatching(new RegExp(`^made/[0-9a-f]{12}/look#1\\.${index + 1}$`))),
      );
    },
  );

  it("with on-failure undo takes back what it did, and the drill goes on", async () => {
    const reroute =
      "id: reroute\naction: route gpt-4o-mini to openai\nundo: route gpt-4o-mini to azure, openai\nthen: errors > 99%\nwithin: 10s\non-failure: undo";
    const { result, journal } = await drill({ runbook: runbookOf([reroute, "id: after\ncheck: errors < 100%"]) });
    expect(result).toEqual({ status: "completed", why: "", notRestored: [] });
    const kinds = journal
      .entries()
      .flatMap(({ kind, step = "" }) => (/undo|fails|holds/.test(kind) ? [`${kind} ${step}`] : []));
    expect(kinds).toEqual([
      "step-fails reroute",
      "undo-begins reroute",
      "undo-done reroute",
      "step-holds after",
      "step-holds contain.exit",
    ]);
  });

  it("that is tried again is taken back once, to the state before the first time", async () => {
    const grow =
      "id: grow\naction: scale to 5\nundo: scale to 3\nthen: errors > 99%\nwithin: 10s\non-failure: retry 1 then continue";
    const { result, world, journal } = await drill({ runbook: runbookOf([grow]) });
    expect(result).toEqual({ status: "completed", why: "", notRestored: [] });
    expect(world.acts).toEqual([5, 5, 3].map((replicas) => ({ kind: "scale", replicas })));
    expect(journal.entries().filter(({ kind }) => kind === "undo-done")).toHaveLength(1);
  });

  it("that is tried again is taken back to the state before the first time after a crash too", async () => {
    const runbook = runbookOf([
      "id: grow\naction: scale to 5\nundo: scale to 3\nthen: errors > 99%\nwithin: 10s\non-failure: retry 1 then undo",
    ]);
    const whole = await drill({ runbook });
    for (let crashAfter = 1; crashAfter < whole.lines.length; crashAfter++) {
      const [world, lines] = [scriptedWorld(), [] as string[]];
      await drill({ runbook, world, lines, crashAfter }).catch(() => undefined);
      const { result } = await drill({ runbook, world, earlier: lines });
      expect([result, world.replicas], `killed after ${crashAfter}`).toEqual([whole.result, 3]);
    }
  });

  it("is taken back to the state that its undo changes, whatever it does itself", async () => {
    const shed = "id: shed\naction: drain 1 replica\nundo: scale to 3";
    const { result, world } = await drill({ runbook: runbookOf([shed]) });
    expect([result.notRestored, world.replicas]).toEqual([[], 3]);
  });

  it("is taken back by what leaves no state too, which nothing verifies", async () => {
    const grow = "id: grow\naction: scale to 5\nundo: drain 2 replicas";
    const { journal, world } = await drill({ runbook: runbookOf([grow]) });
    expect(world.replicas).toBe(3);
    expect(journal.entries().find(({ kind }) => kind === "undo-done")?.data).toMatchObject({ verified: false });
  });

  it("leaves no step of the same time at work behind the drill's back", async () => {
    const block = [
      "parallel:",
      "  - { id: bad, check: errors > 99% }",
      "  - { id: slow, action: scale to 5, undo: scale to 3, then: 'errors < 1% for 1m' }",
    ].join("\n");
    const { result, journal, world } = await drill({ runbook: runbookOf([block]) });
    expect(result).toMatchObject({ status: "failed", notRestored: [] });
    const kinds = journal.entries().map(({ kind, step = "" }) => `${kind} ${step}`);
    expect(kinds.indexOf("step-holds slow")).toBeGreaterThan(kinds.indexOf("step-fails bad"));
    expect(kinds.indexOf("step-holds slow")).toBeLessThan(kinds.indexOf("undo-begins slow"));
    expect(world.replicas).toBe(3);
  });
});
