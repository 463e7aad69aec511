/**
 * Shipped runbooks on the real Portkey behind the real HAProxy. Four of them always, with what goes wrong sooner and for a shorter
 * time than as shipped; all twenty exactly as they are with SQUALL_TEST_DRILLS=all, which takes half an hour.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findHaproxy } from "../../gateways/haproxy/binary.ts";
import { type JournalEntry, verifyJournal } from "../../runbooks/engine/journal.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { expectNothingLeft, families, freshFolder, root, type Running, squall, startSquall } from "./squall-process.ts";

const haproxy = await findHaproxy(process.env);
if (haproxy === undefined) console.log("skipped: live drills need HAProxy, and there is none on this machine");

const all = process.env["SQUALL_TEST_DRILLS"] === "all";
if (!all) console.log("skipped: sixteen live drills, and four at full length; set SQUALL_TEST_DRILLS=all");

withRealPortkey();

/** Scenario seconds a second: the gateway's own work, which cannot be hurried, still appears small enough. */
const timeScale = "12";
const drillMsMax = 600_000;
/** Where the machine was busy with something else, clients give up, which is no fault of the drill. */
const onceMore = { timeout: drillMsMax, retry: 1 } as const;

/**
 * A machine that is too busy for its own gateway pages for latency, and that is the machine's doing; nothing else may be wrong.
 */
function expectResolved(name: string, out: string, said: string): void {
  const { verdict, reasons, notRestored } = resultOf(out);
  const ours = reasons.filter((reason) => !reason.startsWith("LatencyP95High fired"));
  expect([ours, notRestored], said).toEqual([[], []]);
  if (reasons.length === 0) expect(verdict, said).toBe("pass");
  expect(verifyJournal(linesOf(out))).toMatchObject({ whole: true, ended: true });
  expect(entriesOf(out).at(-1)?.text, said).toBe("completed");
  expect(entriesOf(out).flatMap(({ kind, text }) => (kind === "action-done" ? [text] : []))).toEqual(acts[name]);
}

interface Result {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly notRestored: readonly string[];
}

/** What sends most, or leaves most to few copies, is given more time for it. */
const slower: Readonly<Record<string, string>> = {
  "replica-loss": "10",
  "cost-spike": "8",
  "emergency-disable": "8",
  "autoscaler-flapping": "8",
  "high-latency": "10",
  "maintenance-infrastructure": "6",
  "runaway-tenant": "8",
  "scale-up-before-event": "8",
  "token-limit-exhaustion": "8",
};

/** What each of them does, in order, when it is played by its evidence. */
const acts: Readonly<Record<string, readonly string[]>> = {
  "autoscaler-flapping": ["pause the autoscaler", "scale to 5"],
  "bad-deployment": ["roll back"],
  "cache-loss": [],
  "cost-spike": ["cap tenant marketing at $4.00/h", "lift the cap of tenant marketing", "switch gpt-4o back"],
  "emergency-disable": ["stop admitting requests", "rotate key of azure", "admit requests"],
  "high-error-rate": ["drain 3 replicas"],
  "high-latency": ["route gpt-4o-mini to openai", "route gpt-4o-mini to azure"],
  "key-rotation": ["rotate key of azure"],
  "link-loss": ["route gpt-4o-mini to on-premises", "route gpt-4o-mini to cloud"],
  "maintenance-infrastructure": ["stop admitting requests", "admit requests"],
  "maintenance-model-update": ["switch gpt-4o to gpt-4o-mini", "switch gpt-4o back"],
  "maintenance-rolling": ["roll out v1-patched"],
  "model-update-canary": [
    "switch 10 % of gpt-4o-mini to gpt-4.1-mini",
    "switch 50 % of gpt-4o-mini to gpt-4.1-mini",
    "switch gpt-4o-mini to gpt-4.1-mini",
  ],
  "provider-outage": ["route gpt-4o-mini to openai", "route gpt-4o-mini to azure"],
  "quality-drop": ["switch gpt-4o back"],
  "region-failover": ["route gpt-4o-mini to openai", "route gpt-4o-mini to azure"],
  "replica-loss": ["scale to 5", "scale to 3"],
  "runaway-tenant": ["cap tenant marketing at $0.100/h", "lift the cap of tenant marketing"],
  "scale-up-before-event": ["scale to 9", "scale to 3"],
  "token-limit-exhaustion": [
    "cap tenant marketing at $1.00/h",
    "route gpt-4o-mini to azure, openai",
    "lift the cap of tenant marketing",
    "route gpt-4o-mini to azure",
  ],
};

function linesOf(folder: string): readonly string[] {
  return readFileSync(path.join(folder, "journal.ndjson"), "utf8").trimEnd().split("\n");
}

function entriesOf(folder: string): readonly JournalEntry[] {
  return linesOf(folder).map((line): JournalEntry => JSON.parse(line));
}

function resultOf(folder: string): Result {
  return JSON.parse(readFileSync(path.join(folder, "result.json"), "utf8")) as Result;
}

/** A shipped runbook with some of its words changed, which it must have. */
function changed(name: string, changes: readonly (readonly [from: string, to: string])[]): string {
  const text = readFileSync(path.join(root, "runbooks", `${name}.md`), "utf8");
  const placed = [["scenario: ../", `scenario: ${root}/`] as const, ...changes].reduce((words, [from, to]) => {
    expect(words, `${name}.md says "${from}"`).toContain(from);
    return words.replace(from, to);
  }, text);
  const file = path.join(freshFolder(), `${name}.md`);
  writeFileSync(file, placed);
  return file;
}

function drill(file: string, out: string): Running {
  const scale = slower[path.basename(file, ".md")] ?? timeScale;
  const args = ["drill", file, "--live", "--auto", "--time-scale", scale, "--out", out];
  return startSquall(args, { withinMs: drillMsMax });
}

const soonerOutage = [
  "at: 3m, fault: { provider: azure, kind: outage, status: 503 }, for: 12m",
  "at: 30s, fault: { provider: azure, kind: outage, status: 503 }, for: 3m",
] as const;

const sooner: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ["provider-outage", [soonerOutage]],
  [
    "replica-loss",
    [["at: 3m, event: { node-loss: 2, replaced-after: 8m }", "at: 30s, event: { node-loss: 2, replaced-after: 3m }"]],
  ],
  ["bad-deployment", [["at: 3m, event", "at: 30s, event"]]],
  ["key-rotation", []],
];

describe.skipIf(haproxy === undefined)("a shipped runbook, drilled live", () => {
  it.skipIf(all).each(sooner)(
    "ends resolved within its targets, and leaves the world as it was: %s",
    onceMore,
    async (name, changes) => {
      const out = path.join(freshFolder(), "drill");
      const running = drill(changed(name, changes), out);
      const { stdout } = await running.ended;
      expectResolved(name, out, stdout);
      expect(readFileSync(path.join(out, "review.md"), "utf8")).toContain("live, scenario two-providers");
      if (name === "key-rotation") expect(entriesOf(out).at(-1)?.data).toMatchObject({ account: { failed: 0 } });
      await expectNothingLeft(running);
    },
  );

  it("is on the list of those that are drilled", () => {
    const shipped = readdirSync(path.join(root, "runbooks")).filter((file) => file.endsWith(".md"));
    expect(shipped.map((file) => path.basename(file, ".md"))).toEqual(Object.keys(acts));
  });

  it.skipIf(!all).each(Object.keys(acts))(
    "ends resolved within its targets as it is: %s",
    async (name) => {
      const out = path.join(freshFolder(), "drill");
      const { stdout } = await drill(`runbooks/${name}.md`, out).ended;
      expectResolved(name, out, stdout);
    },
    drillMsMax,
  );
});

/** Resolves once the action of a step is in force. */
async function isDone(out: string, step: string): Promise<void> {
  await expect.poll(() => told(out, step), { timeout: 90_000, interval: 100 }).toContain("action-done");
}

/** In time order, of one step. */
function told(out: string, step: string): readonly string[] {
  return entriesOf(out)
    .filter((entry) => entry.step === step)
    .map(({ kind }) => kind);
}

describe.skipIf(haproxy === undefined || !families.visible)("a live drill that does not come to its end", () => {
  it("is taken back and written down when it is interrupted, and nothing of it goes on", async () => {
    const out = path.join(freshFolder(), "drill");
    const running = drill(changed("provider-outage", [soonerOutage]), out);
    await running.says("stdout", /phase +Contain/);
    await isDone(out, "fail-over");
    running.kill("SIGINT");
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(told(out, "fail-over").slice(-2)).toEqual(["undo-begins", "undo-done"]);
    expect(resultOf(out)).toMatchObject({ verdict: "interrupted", notRestored: [] });
    expect(verifyJournal(linesOf(out))).toMatchObject({ whole: true, ended: true });
    expect(existsSync(path.join(out, "review.html"))).toBe(true);
    await expectNothingLeft(running);
  });

  it("is taken back when it breaks a limit", async () => {
    const out = path.join(freshFolder(), "drill");
    const limited = changed("provider-outage", [soonerOutage, ["time: 35m", "time: 3m"]]);
    const running = drill(limited, out);
    const { code, stdout } = await running.ended;
    expect([code, stdout]).toEqual([4, expect.stringContaining("the drill takes longer than 3 m")]);
    expect(told(out, "fail-over").slice(-2)).toEqual(["undo-begins", "undo-done"]);
    expect(resultOf(out)).toMatchObject({ verdict: "fail", notRestored: [] });
    await expectNothingLeft(running);
  });

  it("says what ended it, and what could not be restored, when its load balancer is killed", async () => {
    const out = path.join(freshFolder(), "drill");
    const running = drill(changed("provider-outage", [soonerOutage]), out);
    await running.says("stdout", /phase +Contain/);
    await isDone(out, "fail-over");
    const balancer = running
      .family()
      .find(({ command }) => command.includes("haproxy.cfg") && !command.includes("guard."));
    process.kill(balancer?.pid ?? Number.NaN, "SIGKILL");
    const { code, stdout } = await running.ended;
    expect([code, stdout.replaceAll(/\s+/g, " ")]).toEqual([
      4,
      expect.stringContaining("haproxy ended by itself (SIGKILL)"),
    ]);
    expect(resultOf(out).notRestored).toEqual([expect.stringContaining("route gpt-4o-mini to azure")]);
    expect(existsSync(path.join(out, "review.md"))).toBe(true);
    await expectNothingLeft(running);
  });

  it(
    "leaves no process behind when it is killed, and goes on in a world of its own where it was",
    onceMore,
    async () => {
      const out = path.join(freshFolder(), "drill");
      const killed = drill(changed("provider-outage", [soonerOutage]), out);
      await killed.says("stdout", /holds +fail-over/);
      killed.kill("SIGKILL");
      await killed.ended;
      await expectNothingLeft(killed);
      const at = entriesOf(out).at(-1)?.atMs ?? 0;
      const resumed = startSquall(["drill", "--resume", out], { withinMs: drillMsMax });
      expectResolved("provider-outage", out, (await resumed.ended).stdout);
      const instants = entriesOf(out).map(({ atMs }) => atMs);
      expect(instants).toEqual(instants.toSorted((left, right) => left - right));
      expect(instants.at(-1)).toBeGreaterThan(at);
      // The route that was changed before is so in the new world too: nobody was sent to the provider that is down.
      expect(told(out, "fail-over").filter((kind) => kind === "action-done")).toHaveLength(1);
      const [before, after] = [entriesOf(out).find(({ kind }) => kind === "resumed"), entriesOf(out).at(-1)];
      expect(before?.atMs).toBeGreaterThanOrEqual(at);
      expect(after?.kind).toBe("drill-ends");
      await expectNothingLeft(resumed);
    },
  );
});

describe("a runbook that asks for what cannot be done live", () => {
  it("is refused in words before anything is started", async () => {
    const scenario = path.join(freshFolder(), "scenario.yaml");
    const text = readFileSync(path.join(root, "scenarios/drills/two-models.yaml"), "utf8");
    writeFileSync(
      scenario,
      text
        .replace("gateway: portkey", "gateway: litellm")
        .replace("./alerts.yaml", path.join(root, "scenarios/drills/alerts.yaml")),
    );
    const out = path.join(freshFolder(), "drill");
    const refused = await squall([
      "drill",
      "runbooks/model-update-canary.md",
      "--live",
      "--auto",
      "--scenario",
      scenario,
      "--out",
      out,
    ]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('"switch 10 % of gpt-4o-mini to gpt-4.1-mini" cannot be done live');
    expect(refused.stderr).not.toContain("starting");
    expect(readFileSync(path.join(out, "journal.ndjson"), "utf8")).toBe("");
  });
});
