/** The action and the CI examples of the documentation, run as a runner runs them: their own script lines, in bash. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { freshFolder, root } from "./squall-process.ts";

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a script as `bash -e`, which is what both systems do. */
async function bash(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return await new Promise((resolve, reject) => {
    const child = spawn("bash", ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script], {
      cwd,
      env: {
        PATH: `${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
        HOME: process.env["HOME"] ?? "",
        ...env,
      },
      timeout: 60_000,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}

/** A user's repository: a scenario, and Squall in a folder of its own. */
function repository(): string {
  const folder = freshFolder();
  symlinkSync(root, path.join(folder, "squall"));
  symlinkSync(path.join(root, "scenarios"), path.join(folder, "scenarios"));
  return folder;
}

/** Runs the one step of action.yml with these inputs, defaults filled in. */
async function action(
  folder: string,
  given: Readonly<Record<string, string>>,
): Promise<Ended & { readonly outputs: string }> {
  const { inputs, runs } = parse(readFileSync(path.join(root, "action.yml"), "utf8"));
  const known = Object.entries<{ default?: string; required?: boolean }>(inputs);
  expect(Object.keys(given).filter((name) => !(name in inputs))).toEqual([]);
  const values = new Map(known.map(([name, input]) => [name, given[name] ?? input.default ?? ""]));
  const [step] = runs.steps;
  const filled = (text: string): string =>
    text.replaceAll(/\$\{\{ inputs\.(\w+) \}\}/g, (_whole, name: string) => {
      expect(values.has(name), `input ${name}`).toBe(true);
      return values.get(name) ?? "";
    });
  const env = Object.fromEntries(Object.entries<string>(step.env).map(([name, value]) => [name, filled(value)]));
  const files = { GITHUB_OUTPUT: path.join(folder, "outputs"), GITHUB_STEP_SUMMARY: path.join(folder, "summary.md") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  const ended = await bash(step.run, folder, {
    ...env,
    ...files,
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION_PATH: path.join(folder, "squall"),
  });
  return { ...ended, outputs: readFileSync(files.GITHUB_OUTPUT, "utf8") };
}

describe("action.yml", () => {
  it("judges objectives where there is no baseline yet, and keeps what is the next one", async () => {
    const folder = repository();
    const first = await action(folder, { scenario: "scenarios/ten-users.yaml", baseline: "squall-baseline/runs" });
    expect(first).toMatchObject({ code: 0, outputs: "verdict=pass\n" });
    expect(first.output).toContain("::notice::no baseline at squall-baseline/runs yet");
    expect(readFileSync(path.join(folder, "summary.md"), "utf8")).toMatch(/^## ✓ PASS: ten-users/);
    expect(existsSync(path.join(folder, "squall-gate/junit.xml"))).toBe(true);
    const second = await action(folder, {
      scenario: "scenarios/ten-users.yaml",
      baseline: "squall-gate/runs",
      out: "again",
    });
    expect(second).toMatchObject({ code: 0, outputs: "verdict=pass\n" });
    expect(second.output).toContain("none of 10 metrics is worse");
  });

  it("fails the job when an objective is missed, and an inconclusive gate unless told to warn", async () => {
    const folder = repository();
    const text = readFileSync(path.join(root, "scenarios/ten-users.yaml"), "utf8");
    const scenario = (name: string, objectives: string): string => {
      writeFileSync(
        path.join(folder, name),
        `${text.slice(0, text.indexOf("objectives:"))}objectives: { ${objectives} }\n`,
      );
      return name;
    };
    const missed = await action(folder, { scenario: scenario("missed.yaml", "ttft.p95: < 1ms") });
    expect(missed).toMatchObject({ code: 4, outputs: "verdict=fail\n" });
    expect(missed.output).toMatch(/::error file=missed\.yaml,line=\d+,title=Time to first token p95::/);
    const open = scenario("open.yaml", "scaling.reversals: 0");
    expect(await action(folder, { scenario: open })).toMatchObject({ code: 6, outputs: "verdict=inconclusive\n" });
    expect(await action(folder, { scenario: open, inconclusive: "warn" })).toMatchObject({ code: 0 });
  });
});

describe("the example for GitHub", () => {
  it("uses inputs that the action has", () => {
    const { jobs } = parse(readFileSync(path.join(root, "docs/ci/github.yml"), "utf8"));
    const { inputs } = parse(readFileSync(path.join(root, "action.yml"), "utf8"));
    const used = jobs.gate.steps.find((step: { uses?: string }) => step.uses === "./squall").with;
    expect(Object.keys(used).filter((name) => !(name in inputs))).toEqual([]);
    expect(
      Object.entries<{ required?: boolean }>(inputs).filter(
        ([name, { required }]) => required === true && !(name in used),
      ),
    ).toEqual([]);
  });
});

describe("the example for GitLab", () => {
  it("gates a merge request against what the default branch kept", async () => {
    const folder = repository();
    const { script, variables } = parse(readFileSync(path.join(root, "docs/ci/gitlab.yml"), "utf8"))["gateway-gate"];
    const lines = script.join("\n");
    const branch = { ...variables, CI_DEFAULT_BRANCH: "main" };
    const onMain = await bash(lines, folder, { ...branch, CI_COMMIT_BRANCH: "main" });
    expect(onMain.code, onMain.output).toBe(0);
    const onBranch = await bash(lines, folder, { ...branch, CI_COMMIT_BRANCH: "change" });
    expect(onBranch.code, onBranch.output).toBe(0);
    expect(onBranch.output).toContain("none of 10 metrics is worse than the baseline");
    expect(readFileSync(path.join(folder, "squall-gate.xml"), "utf8")).toContain("<testsuites ");
  });
});
