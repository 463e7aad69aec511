/** `squall phase`: what a person reads before a rollout goes on. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { freshFolder, squall } from "./squall-process.ts";

const pilot = ["--phase", "pilot", "--satisfaction", "86%", "--incidents-critical", "0"] as const;

describe("squall phase", () => {
  it("says go for every step that meets its criteria", async () => {
    const { code, stdout } = await squall(["phase", "scenarios/steady-open.yaml", ...pilot, "--json"]);
    expect(code).toBe(0);
    const { decision, steps } = JSON.parse(stdout);
    expect(decision).toBe("go");
    expect(steps.map((each: { step: string; decision: string }) => [each.step, each.decision])).toEqual([
      ["10 users", "go"],
      ["20 users", "go"],
    ]);
  });

  it("stops at what nobody gave, and says which option gives it", async () => {
    const { code, stdout } = await squall([
      "phase",
      "scenarios/steady-open.yaml",
      "--phase",
      "general",
      "--budget",
      "$40",
    ]);
    expect(code).toBe(6);
    expect(stdout).toContain("? INCONCLUSIVE  general, 10%");
    expect(stdout).toContain("was not given: add --incidents-critical");
  });

  it("knows how many requests waited where a criterion is about the queue", async () => {
    const file = path.join(freshFolder(), "queue.yaml");
    const phases = 'phases:\n  only:\n    steps: [10%]\n    go: { queue.depth.max: "< 1000" }\n';
    writeFileSync(file, `rollout: queue\nusers: 100\n${phases}`);
    const { code, stdout } = await squall(["phase", "scenarios/steady-open.yaml", "--criteria", file, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).steps[0].criteria[0]).toMatchObject({
      metric: "queue.depth.max",
      met: "pass",
      measured: 0,
    });
  });

  it("judges a run that is there as one step", async () => {
    const folder = freshFolder();
    await squall(["simulate", "scenarios/provider-outage.yaml", "--out", folder]);
    const step = ["--phase", "general", "--step", "10%", "--run", folder, "--budget", "$0.01"];
    const given = ["--incidents-critical", "0", "--satisfaction-drop", "0%"];
    const { code, stdout } = await squall(["phase", "scenarios/provider-outage.yaml", ...step, ...given]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/✗ ROLLBACK {2}general, 10%[\s\S]*Cost per hour, of the budget/);
    const without = await squall(["phase", "scenarios/provider-outage.yaml", "--run", folder]);
    expect(without.code).toBe(2);
    expect(without.stderr).toContain("--run needs --phase and --step");
  });
});
