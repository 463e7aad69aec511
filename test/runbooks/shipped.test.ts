/** Every runbook that comes with Squall is drilled in virtual time, on a scenario of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import { verifyJournal } from "../../runbooks/engine/journal.ts";
import { runCommandLine } from "../cli/listening-terminal.ts";

const shipped = readdirSync("runbooks").filter((file) => file.endsWith(".md"));
const folder = mkdtempSync(path.join(tmpdir(), "squall-drills-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Drilled {
  readonly code: number;
  readonly result: {
    readonly verdict: string;
    readonly reasons: readonly string[];
    readonly notRestored: readonly string[];
  };
  readonly entries: readonly JournalEntry[];
}

async function drill(runbook: string, ...options: readonly string[]): Promise<Drilled> {
  const out = path.join(folder, `${runbook}${options.join("").replaceAll(/\W+/g, "-")}`);
  const { code, out: printed } = await runCommandLine(
    "drill",
    `runbooks/${runbook}`,
    "--json",
    "--out",
    out,
    ...options,
  );
  const lines = readFileSync(path.join(out, "journal.ndjson"), "utf8").trimEnd().split("\n");
  expect(verifyJournal(lines)).toMatchObject({ whole: true, ended: true });
  return { code, result: JSON.parse(printed), entries: lines.map((line): JournalEntry => JSON.parse(line)) };
}

/** What was done, in order, undone things included. */
const actionsOf = ({ entries }: Drilled): readonly string[] =>
  entries.flatMap(({ kind, text }) => (kind === "action-done" ? [text] : []));

describe("a shipped runbook", () => {
  it.each(shipped)("meets its targets in a drill and leaves everything as it was: %s", async (file) => {
    const { code, result } = await drill(file);
    expect(result).toMatchObject({ verdict: "pass", reasons: [], notRestored: [] });
    expect(code).toBe(0);
  });

  it("finds the cause of a cost spike by evidence, whichever of the three it is", async () => {
    const on = async (scenario: string): Promise<readonly string[]> =>
      actionsOf(await drill("cost-spike.md", "--scenario", `scenarios/drills/${scenario}.yaml`)).slice(0, 1);
    expect(await on("cost-loop")).toEqual(["cap tenant marketing at $4.00/h"]);
    expect(await on("cost-prompts")).toEqual(["switch gpt-4o to gpt-4o-mini"]);
    expect(await on("cost-traffic")).toEqual(["switch gpt-4o to gpt-4o-mini"]);
  });

  it("tells provider, deployment and fleet apart where errors are high", async () => {
    const text = readFileSync("runbooks/high-error-rate.md", "utf8").replace(
      /scenario: \.\.\//,
      `scenario: ${process.cwd()}/`,
    );
    const hidden = /hidden: \[.*\]\n/;
    const causes: readonly (readonly [string, string])[] = [
      ["{ at: 3m, fault: { provider: azure, kind: outage }, for: 12m }", "route gpt-4o-mini to openai"],
      ["{ at: 3m, event: { rollout: v2, errors: 30% } }", "roll back"],
      ["{ at: 3m, event: { broken: 1 } }", "drain 3 replicas"],
    ];
    for (const [cause, cure] of causes) {
      const file = path.join(folder, "cause.md");
      writeFileSync(file, text.replace(hidden, `hidden: [${cause}]\n`));
      const out = path.join(folder, "cause");
      const { code } = await runCommandLine("drill", file, "--json", "--out", out);
      const entries = readFileSync(path.join(out, "journal.ndjson"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line): JournalEntry => JSON.parse(line));
      expect(actionsOf({ code, result: { verdict: "", reasons: [], notRestored: [] }, entries }), cause).toEqual([
        cure,
      ]);
    }
  });

  it("is played the same twice, to the byte of its journal", async () => {
    const [first, second] = [await drill("replica-loss.md"), await drill("replica-loss.md", "--seed", "11")];
    expect(second.entries).toEqual(first.entries);
    const other = await drill("replica-loss.md", "--seed", "12");
    expect(other.entries).not.toEqual(first.entries);
  });

  it("has the old key revoked on the word of somebody else than whoever made the new one", async () => {
    const { entries } = await drill("key-rotation.md");
    const of = (step: string, kind: JournalEntry["kind"]): JournalEntry | undefined =>
      entries.find((entry) => entry.step === step && entry.kind === kind);
    const maker = of("new-key", "answer")?.who;
    expect(of("revoke", "question")?.data).toMatchObject({ notBy: [maker] });
    expect(of("revoke", "answer")?.who).not.toBe(maker);
  });

  it("measures nobody's patience where nobody is asked", async () => {
    const { entries } = await drill("provider-outage.md", "--auto");
    const fires = entries.find(({ kind }) => kind === "alert-fires");
    const answered = entries.find(({ kind }) => kind === "acknowledged");
    expect(answered?.atMs).toBe(fires?.atMs);
  });

  it.each(shipped)(
    "is talked through to its end at a tabletop, where nothing is done, measured or passed: %s",
    async (file) => {
      const { code, result, entries } = await drill(file, "--tabletop", "--auto");
      expect([code, result]).toEqual([0, expect.objectContaining({ verdict: "tabletop", reasons: [], targets: [] })]);
      expect(result).not.toHaveProperty("measures");
      expect(entries.some(({ kind }) => kind === "action-begins" || kind === "limit-broken")).toBe(false);
      // A cache that is lost fills again by itself.
      expect(entries.some(({ text }) => text.startsWith("would "))).toBe(file !== "cache-loss.md");
      const review = readFileSync(path.join(folder, `${file}-tabletop-auto`, "review.md"), "utf8");
      expect(review).toContain("**TABLETOP.** This was a tabletop, talked through to its end: nothing was done");
      expect(review).not.toMatch(/PASS|Time to |Score card|What it cost/);
    },
  );
});
