/** Drills as processes: killed at any step, resumed, and their journals looked at for tampering. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type JournalEntry, verifyJournal } from "../../runbooks/engine/journal.ts";
import { squall, startSquall } from "./squall-process.ts";

const runbook = "runbooks/provider-outage.md";

function freshOut(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-drill-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "drill");
}

const linesOf = (out: string): readonly string[] =>
  readFileSync(path.join(out, "journal.ndjson"), "utf8").trimEnd().split("\n");
const entriesOf = (out: string): readonly JournalEntry[] => linesOf(out).map((line): JournalEntry => JSON.parse(line));

/** What happened in a drill, without what only says that it was killed. */
const happenings = (out: string): readonly string[] =>
  entriesOf(out)
    .filter(({ kind }) => kind === "step-holds" || kind === "action-done" || kind.startsWith("alert-"))
    .map(({ atMs, kind, text }) => `${atMs} ${kind} ${text}`);

describe("a drill that is killed", () => {
  // Before the alert, amid the action, after it, near the end.
  it("goes on as if nothing had happened, wherever it is killed", async () => {
    const whole = freshOut();
    await squall(["drill", runbook, "--out", whole]);
    for (const moment of ["phase +Detect", "does +fail-over", "holds +fail-over", "does +fail-back"]) {
      const killed = freshOut();
      const running = startSquall(["drill", runbook, "--out", killed]);
      await running.says("stdout", new RegExp(moment));
      running.kill("SIGKILL");
      expect((await running.ended).signal, moment).toBe("SIGKILL");
      const { code } = await squall(["drill", "--resume", killed]);
      expect(code, moment).toBe(0);
      expect(verifyJournal(linesOf(killed)), moment).toMatchObject({ whole: true, ended: true });
      const result = JSON.parse(readFileSync(path.join(killed, "result.json"), "utf8")) as { notRestored: unknown };
      expect(result.notRestored, moment).toEqual([]);
      expect(new Set(happenings(killed)), moment).toEqual(new Set(happenings(whole)));
    }
  });

  it("is not started over by accident, and is not resumed once it has ended", async () => {
    const out = freshOut();
    const running = startSquall(["drill", runbook, "--out", out]);
    await running.says("stdout", /acknowledged/);
    running.kill("SIGKILL");
    await running.ended;
    const again = await squall(["drill", runbook, "--out", out]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("--resume")]);
    expect((await squall(["drill", "--resume", out])).code).toBe(0);
    const over = await squall(["drill", "--resume", out]);
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining("has ended")]);
  });
});

describe("a journal", () => {
  it("is whole, and is found out where a byte of it is changed", async () => {
    const out = freshOut();
    await squall(["drill", "runbooks/key-rotation.md", "--out", out]);
    const file = path.join(out, "journal.ndjson");
    const whole = await squall(["journal", "verify", file]);
    expect([whole.code, whole.stdout]).toEqual([
      0,
      expect.stringMatching(/: whole, \d+ entries, the drill has ended, last hash [0-9a-f]{64}/),
    ]);
    writeFileSync(file, readFileSync(file, "utf8").replace("security", "Security"));
    const changed = await squall(["journal", "verify", file]);
    expect([changed.code, changed.stdout]).toEqual([
      4,
      expect.stringMatching(/, line \d+: was changed: its hash does not fit what it says/),
    ]);
  });
});
