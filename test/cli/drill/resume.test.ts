/** A shipped runbook, killed at every boundary between two entries of its journal, and gone on with by the command line. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readAsked } from "../../../cli/drill/drill-folder.ts";
import { type JournalEntry, verifyJournal } from "../../../runbooks/engine/journal.ts";
import { runCommandLine } from "../listening-terminal.ts";

const linesOf = (folder: string): readonly string[] =>
  readFileSync(path.join(folder, "journal.ndjson"), "utf8").trimEnd().split("\n");

/** What was done and verified, in order. Instants may differ: whoever was thinking thinks again, and what was to hold for a while begins anew. */
const happenings = (lines: readonly string[]): readonly string[] =>
  lines
    .map((line): JournalEntry => JSON.parse(line))
    .filter(({ kind }) =>
      /^(?:fault-planned|phase-|step-holds|action-done|undo-done|acknowledged|drill-ends)/.test(kind),
    )
    .map(({ kind, phase = "", step = "" }) => `${kind} ${phase} ${step}`);

it("goes on as if nothing had happened, wherever it was killed", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-resume-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const whole = path.join(folder, "whole");
  const options = ["--as", "ada", "--allow-kubectl", "get", "scale deployment/gateway"];
  await runCommandLine("drill", "runbooks/replica-loss.md", "--json", "--out", whole, ...options);
  expect(await readAsked(whole)).toMatchObject({
    asked: { who: "ada", allowed: { kubectl: ["get", "scale deployment/gateway"] } },
  });
  const lines = linesOf(whole);
  expect(lines.length).toBeGreaterThan(30);
  for (let killedAfter = 1; killedAfter < lines.length; killedAfter++) {
    const killed = path.join(folder, `killed-${killedAfter}`);
    cpSync(whole, killed, { recursive: true });
    const torn = killedAfter % 3 === 0 ? (lines[killedAfter] ?? "").slice(0, 17) : "";
    writeFileSync(path.join(killed, "journal.ndjson"), `${lines.slice(0, killedAfter).join("\n")}\n${torn}`);
    const { code, out } = await runCommandLine("drill", "--resume", killed, "--json");
    const where = `killed after entry ${killedAfter}: ${lines[killedAfter - 1] ?? ""}`;
    expect([code, JSON.parse(out)], where).toMatchObject([0, { verdict: "pass", notRestored: [] }]);
    expect(verifyJournal(linesOf(killed)), where).toMatchObject({ whole: true, ended: true });
    expect(happenings(linesOf(killed)), where).toEqual(happenings(lines));
  }
}, 120_000);
