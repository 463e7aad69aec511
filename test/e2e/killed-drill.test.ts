/** A drill whose process is killed at every boundary between two entries, in a world that outlives it. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { verifyJournal } from "../../runbooks/engine/journal.ts";
import { runbookOf } from "../runbooks/scripted-drill.ts";
import { playOn } from "./killed-drill.ts";
import { freshFolder, root, squall } from "./squall-process.ts";

const runbook = runbookOf([
  "id: grow\nkubectl: [scale, deployment/gateway, --replicas=5]\nstate: [get, deployment/gateway]\nundo: [scale, deployment/gateway, --replicas=3]",
  "id: reroute\naction: route gpt-4o-mini to openai\nundo: route gpt-4o-mini to azure, openai",
]);

const before = { replicas: 3, providers: ["azure", "openai"] };

function worldIn(folder: string): string {
  writeFileSync(path.join(folder, "runbook.md"), runbook);
  writeFileSync(path.join(folder, "world.json"), JSON.stringify(before));
  return folder;
}

it("does nothing twice and leaves everything as it was, at whichever boundary its process was killed", async () => {
  const whole = worldIn(freshFolder());
  const expected = await playOn(whole);
  expect(expected).toEqual({ status: "completed", why: "", notRestored: [] });
  const entries = linesIn(whole).length;
  expect(entries).toBeGreaterThan(20);
  for (let killedAt = 1; killedAt < entries; killedAt++) {
    const folder = worldIn(freshFolder());
    const { signal } = await squall([folder, String(killedAt)], { program: [process.execPath, program] });
    expect([signal, linesIn(folder).length]).toEqual(["SIGKILL", killedAt]);
    const where = `killed with ${killedAt} entries, the last of them ${linesIn(folder).at(-1) ?? ""}`;
    expect(await playOn(folder), where).toEqual(expected);
    expect(verifyJournal(linesIn(folder)), where).toMatchObject({ whole: true, ended: true });
    expect(readFileSync(path.join(folder, "changes.log"), "utf8"), where).toBe(changes(whole));
    expect(JSON.parse(readFileSync(path.join(folder, "world.json"), "utf8")), where).toEqual(before);
  }
}, 120_000);

const program = path.join(root, "test/e2e/killed-drill.ts");

const changes = (folder: string): string => readFileSync(path.join(folder, "changes.log"), "utf8");

const linesIn = (folder: string): readonly string[] =>
  readFileSync(path.join(folder, "journal.ndjson"), "utf8").trimEnd().split("\n");
