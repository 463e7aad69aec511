/** `squall history`: what a person sees of thirty runs of the same scenario. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openRunWriter } from "../../runs/writer.ts";
import { buildTimeline } from "../../core/timeline.ts";
import { answeredIn, madeRun } from "../analyzers/made-run.ts";
import { freshFolder, squall } from "./squall-process.ts";

describe("squall history", () => {
  it("names the run with which a metric moved for good, and by how much", async () => {
    const folder = freshFolder();
    for (let day = 1; day <= 16; day++) {
      const level = day < 9 ? 1_000 : 1_300;
      const run = madeRun(answeredIn(Array.from({ length: 60 }, (_, index) => level + day + index)));
      const writer = await openRunWriter(path.join(folder, `2026-11-${String(day).padStart(2, "0")}`), {
        overwrite: true,
      });
      for (const record of run.records) await writer.record(record);
      await writer.finish({
        manifest: run.manifest,
        timeline: buildTimeline(run.records, 60_000),
        findings: [],
        reportHtml: "",
      });
    }
    const { code, stdout } = await squall(["history", folder]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/End to end p50 moved from 1\.03 s to 1\.34 s \(\+2\d\.\d %\) with 2026-11-09; p = /);
    expect(stdout).toContain("▁▁▁▁▁▁▁▁");
    const { stdout: json } = await squall(["history", folder, "--json"]);
    const metrics = JSON.parse(json).metrics;
    expect(metrics.find((each: { metric: string }) => each.metric === "e2e.p50").changes).toMatchObject([{ index: 8 }]);
    expect(metrics.find((each: { metric: string }) => each.metric === "errors").changes).toEqual([]);
  });

  it("says where it looked when there is nothing", async () => {
    const folder = freshFolder();
    await writeFile(path.join(folder, "note.txt"), await readFile("LICENSE", "utf8"));
    const { code, stderr } = await squall(["history", folder]);
    expect(code).toBe(3);
    expect(stderr).toContain("holds no run");
  });
});
