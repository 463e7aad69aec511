/** `squall simulate`: verdicts and their exit codes, the same bytes twice, and the folder it leaves. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, freshFolder, root, squall } from "./squall-process.ts";

const tenUsers = "scenarios/ten-users.yaml";
const azureTrace = path.resolve(
  root,
  process.env["SQUALL_DATA_DIR"] ?? "../shared/data",
  "AzureLLMInferenceTrace_conv.csv",
);

describe("squall simulate", () => {
  it("ends with 0 when every objective holds", async () => {
    const { code, stdout } = await squall(["simulate", tenUsers]);
    expect(code).toBe(0);
    expect(stdout).toContain("PASS  All 3 objectives hold.");
  });

  it("ends with 4 and names the objective that is missed, with its limit", async () => {
    const { code, stdout } = await squall(["simulate", fixture("slow-provider.yaml")]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/FAIL {2}1 of 2 objectives is missed: time to first token p95 .+ \(objective: < 100ms\)/);
  });

  it("ends with 6 when there is too little data to judge, and says how much is needed", async () => {
    const { code, stdout } = await squall(["simulate", fixture("four-pairs.yaml")]);
    expect(code).toBe(6);
    expect(stdout).toContain("INCONCLUSIVE");
    expect(stdout).toContain("59 pairs are needed to bound this percentile, 4 are there");
  });

  it("prints the same JSON document twice, byte for byte, and another one for another seed", async () => {
    const first = await squall(["simulate", tenUsers, "--json"]);
    const second = await squall(["simulate", tenUsers, "--json"]);
    const other = await squall(["simulate", tenUsers, "--json", "--seed", "8"]);
    expect(second.stdout).toBe(first.stdout);
    expect(other.stdout).not.toBe(first.stdout);
    expect(JSON.parse(first.stdout)).toMatchObject({ verdict: "pass", run: { kind: "simulated", seed: 7 } });
    expect(JSON.parse(other.stdout)).toMatchObject({ run: { seed: 8 } });
    expect(first.stderr).toBe("");
  });

  it("writes the same folder twice, byte for byte, into folders that it makes", async () => {
    const home = freshFolder();
    const folders = ["a/b/c", "d"].map((name) => path.join(home, name));
    for (const out of folders) expect((await squall(["simulate", tenUsers, "--out", out])).code).toBe(0);
    const [first, second] = folders.map(filesOf);
    expect(Object.keys(first ?? {})).toEqual([
      "events.ndjson",
      "findings.json",
      "manifest.json",
      "records.ndjson.gz",
      "report.html",
      "timeline.json",
    ]);
    expect(second).toEqual(first);
  });

  it("replaces the run of an earlier time in the same folder, and touches no other file there", async () => {
    const out = freshFolder();
    writeFileSync(path.join(out, "notes.txt"), "mine");
    await squall(["simulate", tenUsers, "--out", out, "--seed", "1"]);
    await squall(["simulate", tenUsers, "--out", out, "--seed", "2"]);
    expect(JSON.parse(readFileSync(path.join(out, "manifest.json"), "utf8"))).toMatchObject({ seed: 2 });
    expect(readdirSync(out)).toHaveLength(7);
    expect(readFileSync(path.join(out, "notes.txt"), "utf8")).toBe("mine");
  });

  it("leaves a folder from which squall report makes the page and the verdict again", async () => {
    const out = path.join(freshFolder(), "run");
    const simulated = await squall(["simulate", tenUsers, "--out", out, "--json"]);
    const page = readFileSync(path.join(out, "report.html"), "utf8");
    const reported = await squall(["report", out, "--json"]);
    expect(reported.code).toBe(0);
    const { report, ...document } = JSON.parse(reported.stdout);
    expect(report).toBe(path.join(out, "report.html"));
    expect(document).toEqual(JSON.parse(simulated.stdout));
    expect(readFileSync(report, "utf8")).toBe(page);
  });

  it("leaves folders that squall report puts side by side, and beside no run of another seed", async () => {
    const [out, other] = [path.join(freshFolder(), "run"), path.join(freshFolder(), "run")];
    await squall(["simulate", tenUsers, "--out", out]);
    const page = path.join(freshFolder(), "strategies.html");
    const { code, stdout } = await squall(["report", out, out, out, "--out", page, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ strategies: [{ name: "nobody scales" }, {}, {}], report: page });
    expect(readFileSync(page, "utf8")).toContain("Squall strategies");

    await squall(["simulate", tenUsers, "--seed", "8", "--out", other]);
    const refused = await squall(["report", out, other]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      "squall: these runs cannot be put beside each other: their seeds differ (7, 8)\nhint: ",
    );
  });

  it.skipIf(!existsSync(azureTrace))(
    "replays the whole Azure trace, 19,366 requests, and says what the hour costs",
    async () => {
      const { code, stdout } = await squall(["simulate", "scenarios/replay-azure.yaml", "--trace", azureTrace]);
      expect(code).toBe(4); // an account of tier 2 does not hold
      expect(stdout).toContain("19,366 requests in 58 m");
      expect(stdout).toMatch(/Goodput +9\d/);
      expect(stdout).toMatch(/rate-limited, 429, rate_limit_exceeded +\d+/);
      expect(stdout).toMatch(/Cost +\$\d+/);
      expect(stdout).toMatch(/Peak tokens per minute at openai: [\d.]+k/);
    },
  );

  it.skipIf(!existsSync(azureTrace))("replays a window of the trace under the keys of the whole", async () => {
    const out = path.join(freshFolder(), "run");
    const args = ["simulate", "scenarios/replay-azure.yaml", "--trace", azureTrace, "--window", "5m..6m", "--out", out];
    const { stdout } = await squall([...args, "--json"]);
    const { run } = JSON.parse(stdout);
    expect(run.trace).toEqual({ name: path.basename(azureTrace), rows: 19_366, windowMs: [300_000, 360_000] });
    expect(run.durationMs).toBeLessThan(180_000);
  });

  if (!existsSync(azureTrace)) console.log(`skipped: no Azure trace at ${azureTrace} (set SQUALL_DATA_DIR)`);
});

function filesOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), "base64")]));
}
