import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readTrend, renderTrend } from "../../../cli/drill/trend.ts";

function folderOf(name: string, result: object): string {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), "squall-trend-")), name);
  onTestFinished(() => rmSync(path.dirname(folder), { recursive: true, force: true }));
  mkdirSync(folder);
  writeFileSync(path.join(folder, "result.json"), JSON.stringify(result));
  return folder;
}

const drilled = (detectMs: number | undefined, failed: number): object => ({
  runbook: "provider-outage",
  targets: [{ name: "Time to detect", valueMs: detectMs }],
  measures: { waitedForPeopleMs: 60_000, total: { failed, cost: 500_000_000, costOfFailed: 0, errorBudget: 0.5 } },
});

describe("the trend of several drills", () => {
  it("gives number, median and range of how long they took and of what they cost, each in its unit", async () => {
    const folders = [
      folderOf("a", drilled(60_000, 10)),
      folderOf("b", drilled(undefined, 30)),
      folderOf("c", drilled(90_000, 20)),
    ];
    const rows = await readTrend(folders);
    expect(rows.map(({ measure, unit, trend }) => [measure, unit, trend?.count, trend?.median])).toEqual([
      ["Time to detect", "ms", 2, 75_000],
      ["Waiting for people", "ms", 3, 60_000],
      ["Requests lost", "count", 3, 20],
      ["Error budget used", "share", 3, 0.5],
      ["Cost", "money", 3, 500_000_000],
      ["Paid for lost requests", "money", 3, 0],
    ]);
    expect(renderTrend(rows, 100)).toMatch(/Time to detect +2 of 3 +1 m 15 s +1 m to 1 m 30 s/);
    expect(renderTrend(rows, 100)).toMatch(/Cost +3 of 3 +\$0\.500 +\$0\.500 to \$0\.500/);
  });

  it("leaves tabletops out, which measure nothing", async () => {
    const talked = { runbook: "provider-outage", verdict: "tabletop", targets: [] };
    const rows = await readTrend([folderOf("a", drilled(60_000, 10)), folderOf("b", talked)]);
    expect(rows.map(({ drills }) => drills)).toEqual(rows.map(() => 1));
  });

  it("is refused where a folder holds something else", async () => {
    await expect(readTrend([folderOf("x", { verdict: "pass" })])).rejects.toThrow("is not what squall drill writes");
  });
});
