/** `squall gate` and `squall compare`: what a CI job runs, reads and ends with. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, freshFolder, squall } from "./squall-process.ts";

/** A fresh folder with a scenario, a slower version of it, and, under `main`, what a gate kept of the first. */
async function world(): Promise<(...names: readonly string[]) => string> {
  const folder = freshFolder();
  const inFolder = (...names: readonly string[]): string => path.join(folder, ...names);
  const text = await readFile("scenarios/ten-users.yaml", "utf8");
  await writeFile(inFolder("now.yaml"), text);
  await writeFile(inFolder("slower.yaml"), text.replace("scale: 0.4", "scale: 0.6"));
  const { code } = await squall(["gate", inFolder("now.yaml"), "--out", inFolder("main")]);
  expect(code).toBe(0);
  return inFolder;
}

describe("squall gate", () => {
  it("passes a scenario against what an earlier gate kept, and says so in JSON", async () => {
    const inFolder = await world();
    const { code, stdout } = await squall(["gate", inFolder("now.yaml"), "--baseline", inFolder("main"), "--json"]);
    expect(code).toBe(0);
    const { verdict, comparisons, facts } = JSON.parse(stdout);
    expect(verdict).toBe("pass");
    expect(facts).toEqual([]);
    expect(comparisons.length).toBeGreaterThanOrEqual(10);
    expect(comparisons.every((each: { change: number }) => each.change === 0)).toBe(true);
  });

  it("ends with 4 for a slower version, with JUnit, a summary and annotations for the check", async () => {
    const inFolder = await world();
    const outputs = ["--junit", inFolder("gate.xml"), "--summary", inFolder("summary.md")];
    const given = ["gate", inFolder("slower.yaml"), "--baseline", inFolder("main"), ...outputs];
    await writeFile(inFolder("summary.md"), "# Another command of this step\n");
    const { code, stdout, stderr } = await squall(given, {
      env: { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: inFolder("summary.md") },
    });
    expect(code).toBe(4);
    expect(stdout).toMatch(/✗ FAIL {2}5 metrics are worse than the baseline\.\n\n {2}1\. /);
    expect(await readFile(inFolder("gate.xml"), "utf8")).toMatch(
      /<testsuites name="squall gate" tests="13" failures="5"/,
    );
    expect(await readFile(inFolder("summary.md"), "utf8")).toMatch(
      /^# Another command of this step\n## ✗ FAIL: ten-users/,
    );
    expect(stderr).toMatch(/^::error file=\S+slower\.yaml,title=Time to first token p50 against the baseline::/m);
  });

  it("judges a field that is set on the command line against the file as it is, and refuses what has no effect", async () => {
    const scenario = "scenarios/demonstration/base.yaml";
    const against = ["gate", scenario, "--baseline", scenario];
    const { code, stdout } = await squall([...against, "--set", "platform.retries.max=2", "--json"]);
    expect(code).toBe(4);
    const failed = JSON.parse(stdout).comparisons.filter((each: { judgement: string }) => each.judgement === "fail");
    expect(failed.map(({ metric }: { metric: string }) => metric)).toContain("calls.per-request");
    expect((await squall([...against, "--set", "platform.retrys.max=2"])).code).toBe(2);
    expect((await squall([...against, "--engine", "k6"])).stderr).toContain("--engine has no effect without --live");
  });

  it("measures the queue where an objective is about it", async () => {
    const inFolder = await world();
    const file = inFolder("queue.yaml");
    const text = await readFile(inFolder("now.yaml"), "utf8");
    await writeFile(file, text.replace("  errors: 0\n", "  errors: 0\n  queue.depth.max: < 10\n"));
    const { code, stdout } = await squall(["gate", file, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).objectives).toContainEqual(
      expect.objectContaining({ id: "queue.depth.max", measured: 0 }),
    );
  });

  it("runs the scenario as it was beside the one as it is", async () => {
    const inFolder = await world();
    const sides = [inFolder("slower.yaml"), "--baseline", inFolder("now.yaml")];
    const { code, stdout } = await squall(["gate", ...sides, "--out", inFolder("both"), "--json"]);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).runs).toMatchObject({
      candidate: [{ kind: "simulated" }],
      baseline: [{ kind: "simulated" }],
    });
    expect(await readdir(inFolder("both"))).toEqual(["baseline", "candidate"]);
    const compared = await squall(["compare", inFolder("both", "baseline", "1"), inFolder("both"), "--json"]);
    expect(compared.code).toBe(4);
    expect(JSON.parse(compared.stdout).comparisons).toEqual(JSON.parse(stdout).comparisons);
  });

  it("runs both sides live, in turn, and decides nothing on two runs", async () => {
    const inFolder = await world();
    const short = fixture("short.yaml");
    const live = ["--live", "--repeat", "2", "--gateway", "direct"];
    const { code, stdout } = await squall([
      "gate",
      short,
      "--baseline",
      short,
      ...live,
      "--json",
      "--out",
      inFolder("live"),
    ]);
    const { verdict, comparisons, runs } = JSON.parse(stdout);
    expect(code).toBe(6);
    expect(verdict).toBe("inconclusive");
    expect(runs.candidate).toHaveLength(2);
    expect(comparisons[0]).toMatchObject({ judgement: "inconclusive" });
    const started = await Promise.all(
      ["baseline/1", "candidate/1", "candidate/2", "baseline/2"].map(async (name) => {
        const manifest = JSON.parse(await readFile(inFolder("live", name, "manifest.json"), "utf8"));
        return String(manifest.startedAt);
      }),
    );
    expect(started).toEqual(started.toSorted());
  });

  it.each([
    { given: ["--repeat", "3"], said: "--repeat has no effect without --live" },
    { given: ["--baseline", "no/such/folder"], said: "cannot read no/such/folder" },
    { given: ["--live", "--scaling", "any.yaml"], said: "--scaling has no effect with --live" },
  ])("refuses $given", async ({ given, said }) => {
    const inFolder = await world();
    const { code, stderr } = await squall(["gate", inFolder("now.yaml"), ...given]);
    expect([2, 3]).toContain(code);
    expect(stderr).toContain(said);
  });

  it("compares nothing but like with like", async () => {
    const inFolder = await world();
    await squall(["simulate", inFolder("now.yaml"), "--seed", "8", "--out", inFolder("seed-8")]);
    const { code, stderr } = await squall(["compare", inFolder("main"), inFolder("seed-8")]);
    expect(code).toBe(2);
    expect(stderr).toContain("the runs ask different requests: seed 7 before, 8 now");
  });
});
