/** What a drill leaves behind: a journal whose every byte counts, and a folder that is asked for before anything starts. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { prepareFolder, readAsked } from "../../../cli/drill/drill-folder.ts";
import { readUnfinished } from "../../../cli/drill/journal-file.ts";
import { runCommandLine } from "../listening-terminal.ts";

function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-folder-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const runbook = "runbooks/key-rotation.md";

async function verified(file: string): Promise<{ readonly code: number; readonly out: string }> {
  const { code, out } = await runCommandLine("journal", "verify", file);
  return { code, out };
}

describe("the journal of a drill that has ended", () => {
  it("is found out where its end was cut off, a line was added, or all of it was written anew", async () => {
    const folder = freshFolder();
    await runCommandLine("drill", runbook, "--json", "--out", folder);
    const file = path.join(folder, "journal.ndjson");
    const whole = readFileSync(file, "utf8");
    expect((await verified(file)).code).toBe(0);
    const lines = whole.trimEnd().split("\n");
    const other = freshFolder();
    await runCommandLine("drill", runbook, "--json", "--seed", "99", "--out", other);
    for (const [what, changed] of [
      ["cut off", `${lines.slice(0, -1).join("\n")}\n`],
      ["without its last line break", whole.trimEnd()],
      ["torn", whole.slice(0, -20)],
      ["of another drill", readFileSync(path.join(other, "journal.ndjson"), "utf8")],
      ["emptied", ""],
    ] as const) {
      writeFileSync(file, changed);
      const { code, out } = await verified(file);
      expect([code, out], what).toEqual([
        4,
        expect.stringMatching(/, line \d+: is not the end that result\.json beside it tells of/),
      ]);
    }
    writeFileSync(file, whole);
    appendFileSync(file, "{}\n{}\n");
    expect((await verified(file)).out).toContain(`, line ${lines.length + 1}: is no journal entry`);
  });

  it("says nothing of the drill that is played after it in the same folder", async () => {
    const folder = freshFolder();
    await runCommandLine("drill", runbook, "--json", "--out", folder);
    const { asked, runbookText } = await readAsked(folder);
    await prepareFolder(folder, asked, runbookText);
    const left = readdirSync(folder).toSorted();
    expect(left).toEqual(["drill.json", "journal.ndjson", "runbook.md"]);
  });
});

it("a journal whose last line was never ended goes on from the line before", async () => {
  const folder = freshFolder();
  await runCommandLine("drill", runbook, "--json", "--out", folder);
  const file = path.join(folder, "journal.ndjson");
  const lines = readFileSync(file, "utf8").split("\n").slice(0, 6);
  writeFileSync(file, lines.join("\n"));
  expect(await readUnfinished(file)).toEqual(lines.slice(0, 5));
  expect(readFileSync(file, "utf8")).toBe(`${lines.slice(0, 5).join("\n")}\n`);
});

describe("a folder for a drill", () => {
  const taken = mkdtempSync(path.join(tmpdir(), "squall-taken-"));
  writeFileSync(path.join(taken, "file"), "");
  afterAll(() => rmSync(taken, { recursive: true, force: true }));

  it.each([
    ["/proc/squall", "/proc/squall could not be written: "],
    ["/proc", "/proc/drill.json could not be written: "],
    [path.join(taken, "file", "below"), "there is a file where a folder is needed"],
    ["/dev/null", "there is a file where a folder is needed"],
  ])("that cannot be written is refused in words before anything starts: %s", async (out, said) => {
    const { code, err, out: printed } = await runCommandLine("drill", runbook, "--out", out);
    expect([code, printed, err]).toEqual([5, "", expect.stringContaining(said)]);
  });
});
