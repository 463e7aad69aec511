/** The command line itself: help that works when it is copied, errors that lead on, output that programs can read. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, freshFolder, root, squall, startSquall } from "./squall-process.ts";

describe("squall", () => {
  it("without a command prints its help on standard error and ends with 2", async () => {
    const { code, stdout, stderr } = await squall([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: squall [options] [command]");
  });

  it("prints help and version on standard output and ends with 0", async () => {
    const help = await squall(["--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(help.stdout).toContain("Exit codes: 0 pass, 1 our bug, 2 usage, 3 invalid input, 4 objective missed");
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    expect(await squall(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it("prints no terminal codes into a pipe, unless FORCE_COLOR asks for them and NO_COLOR does not forbid it", async () => {
    const args = ["simulate", fixture("four-pairs.yaml")];
    const escape = "\u001b[";
    expect((await squall(args)).stdout).not.toContain(escape);
    expect((await squall(args, { env: { FORCE_COLOR: "1" } })).stdout).toContain(escape);
    expect((await squall(args, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain(escape);
  });

  it.skipIf(process.platform === "win32")("does not mind a reader that has seen enough", async () => {
    const pipe = '"$0" bin/squall.mjs simulate scenarios/ten-users.yaml | true';
    const { status, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", pipe, process.execPath], { cwd: root });
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: "" });
  });

  it.skipIf(!existsSync("/dev/full"))("ends with 5 when its output cannot be written", async () => {
    const redirected = '"$0" bin/squall.mjs simulate scenarios/ten-users.yaml > /dev/full';
    const { status, stderr } = spawnSync("bash", ["-c", redirected, process.execPath], { cwd: root });
    expect(status).toBe(5);
    expect(String(stderr)).toMatch(/^squall: standard output cannot be written: ENOSPC/);
  });

  it("says what this machine has, and ends with 0 when nothing needed is missing", async () => {
    const { code, stdout } = await squall(["doctor", "--json"]);
    const { ready, checks, latencyProfiles } = JSON.parse(stdout);
    expect({ code, ready }).toEqual({ code: 0, ready: true });
    const names = checks.map((check: { readonly name: string }) => check.name);
    for (const name of ["node", "machine", "loopback", "cache", "npm", "gateway portkey", "gateway direct", "prices"]) {
      expect(names).toContain(name);
    }
    expect(latencyProfiles.length).toBeGreaterThan(3);
    const lines = (await squall(["doctor"])).stdout.trimEnd().split("\n");
    expect(lines.filter((line) => !/^[✓·] {1}\S/.test(line))).toEqual([]);
  });

  it("names what is missing, how to get it, and ends with 5", async () => {
    const file = path.join(freshFolder(), "file");
    writeFileSync(file, "");
    const { code, stdout } = await squall(["doctor"], { env: { SQUALL_CACHE_DIR: path.join(file, "cache") } });
    expect(code).toBe(5);
    expect(stdout).toMatch(/^✗ cache +.*\n +hint: set SQUALL_CACHE_DIR to a folder that this user may write$/m);
    expect(stdout).toMatch(/^· gateway portkey +not installed\n +hint: it is installed on first use: squall run /m);
  });
});

describe("the examples in help", () => {
  it.each(["validate", "simulate", "doctor", "schema", "mock", "report"])(
    "of %s work as they stand",
    async (command) => {
      const cwd = exampleFolder();
      if (command === "report") await leaveRuns(cwd);
      const { stdout } = await squall([command, "--help"]);
      const lines = examplesIn(stdout).filter((line) => line.startsWith(`squall ${command}`));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        const args = argumentsOf(line);
        const { code, stderr } = command === "mock" ? await serveAndStop(args, cwd) : await squall(args, { cwd });
        expect({ line, code: code === 4 ? 0 : code, stderr }).toEqual({ line, code: 0, stderr: expect.any(String) });
      }
    },
  );

  it("of run and of squall itself are commands that squall knows, on files that exist", async () => {
    for (const args of [["run", "--help"], ["--help"]]) {
      const lines = examplesIn((await squall(args)).stdout);
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines) {
        const [command = "", ...rest] = argumentsOf(line);
        const help = (await squall([command, "--help"])).stdout;
        for (const option of rest.filter((arg) => arg.startsWith("--"))) expect(help).toContain(`  ${option} `);
        for (const file of rest.filter((arg) => arg.startsWith("scenarios/"))) readFileSync(path.join(root, file));
      }
    }
  });
});

/** A folder in which the files exist that examples name: the project's scenarios, and a trace. */
function exampleFolder(): string {
  const cwd = freshFolder();
  symlinkSync(path.join(root, "scenarios"), path.join(cwd, "scenarios"));
  writeFileSync(path.join(cwd, "trace.csv"), readFileSync(fixture("ten-rows.csv")));
  return cwd;
}

/** The runs that examples of squall report are about: one as squall quickstart leaves it, and simulations of one scenario. */
async function leaveRuns(cwd: string): Promise<void> {
  const out = (name: string): string => path.join(cwd, "squall-runs", name);
  await squall(["run", fixture("short.yaml"), "--gateway", "direct", "--out", out("ten-users")]);
  for (const name of ["manual", "cpu", "tokens"])
    await squall(["simulate", fixture("outage.yaml"), "--out", out(name)]);
}

function examplesIn(help: string): readonly string[] {
  return help.split("\n").flatMap((line) => /^ {2}\$ (squall .*)$/.exec(line)?.[1] ?? []);
}

/** The words of an example, without its comment, its pipe and what only a shell does. */
function argumentsOf(line: string): readonly string[] {
  const [command = ""] = line.split(/ \| | >> | {2,}/);
  return command
    .replace("scenarios/*.yaml", "scenarios/ten-users.yaml scenarios/steady-open.yaml")
    .replace("scenarios/scaling/*.yaml", "scenarios/scaling/cpu-hpa.yaml scenarios/scaling/token-hpa.yaml")
    .replace(/--port \d+/, "--port 0")
    .split(" ")
    .slice(1);
}

async function serveAndStop(args: readonly string[], cwd: string): ReturnType<typeof squall> {
  const mock = startSquall(args, { cwd });
  await mock.says("stdout", /"event":"ready"/);
  mock.kill("SIGTERM");
  return await mock.ended;
}
