/**
 * Set-up and the launcher, run as processes, since exit codes, signals and two starts at once are what they are about.
 * The folders that are set up here depend on nothing, so npm needs no network for them.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const SETUP = path.resolve(import.meta.dirname, "../../setup");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs lines of JavaScript that may import set-up's files; `onOutput` hears each piece of stdout. */
function runLines(
  lines: string,
  options: { env?: NodeJS.ProcessEnv; onOutput?: (text: string, pid: number) => void } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", lines], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (child.pid !== undefined) options.onOutput?.(text, child.pid);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

function importing(file: string, names: string): string {
  return `import { ${names} } from ${JSON.stringify(pathToFileURL(path.join(SETUP, file)).href)};\n`;
}

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "squall-set-up-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function writeProject(dependencies: Readonly<Record<string, string>> = {}, locked: object = {}): void {
  const manifest = { name: "empty", version: "1.0.0", dependencies };
  const lock = { name: "empty", version: "1.0.0", lockfileVersion: 3, packages: { "": manifest, ...locked } };
  writeFileSync(path.join(root, "package.json"), JSON.stringify(manifest));
  writeFileSync(path.join(root, "package-lock.json"), JSON.stringify(lock));
}

function ensure(env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const lines = `${importing("ensure.mjs", "ensureInstalled")}process.exitCode = await ensureInstalled(${JSON.stringify(root)});`;
  return runLines(lines, { env });
}

describe("ensureInstalled", () => {
  it("installs once, and does nothing the second time", async () => {
    writeProject();
    const first = await ensure();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toContain("dependencies installed");
    expect(await ensure()).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("installs again when the lock file changed", async () => {
    writeProject();
    await ensure();
    writeProject({}, { "node_modules/gone": { version: "1.0.0", optional: true, os: ["none"] } });
    rmSync(path.join(root, "node_modules", ".package-lock.json"), { force: true });
    expect((await ensure()).stderr).toContain("installing dependencies");
  });

  it("believes what a person installed by hand", async () => {
    const entry = { version: "1.0.0", integrity: "sha512-x" };
    writeProject({ byhand: "1.0.0" }, { "node_modules/byhand": entry });
    mkdirSync(path.join(root, "node_modules", "byhand"), { recursive: true });
    writeFileSync(path.join(root, "node_modules/byhand/package.json"), "{}");
    const record = JSON.stringify({ packages: { "node_modules/byhand": entry } });
    writeFileSync(path.join(root, "node_modules/.package-lock.json"), record);
    expect(await ensure()).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(existsSync(path.join(root, "node_modules/.squall-stamp.json"))).toBe(true);
  });

  it("lets one of two starts install while the other waits for it", async () => {
    writeProject();
    const both = await Promise.all([ensure(), ensure()]);
    expect(both.map((each) => each.code)).toEqual([0, 0]);
    expect(both.filter((each) => each.stderr.includes("installing dependencies"))).toHaveLength(1);
    expect(readdirSync(root).filter((name) => name.includes(".lock"))).toEqual([]);
  });

  it("takes over the lock of a set-up that died", async () => {
    writeProject();
    mkdirSync(path.join(root, ".squall-setup.lock"));
    const owner = { pid: 2 ** 30, host: hostname(), startedAt: "long ago" };
    writeFileSync(path.join(root, ".squall-setup.lock/owner.json"), JSON.stringify(owner));
    expect((await ensure()).code).toBe(0);
  });

  it("ends with 5, npm's own words and a hint when npm fails, and leaves no stamp", async () => {
    writeProject({ unlocked: "1.0.0" });
    const ended = await ensure({
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_cache: path.join(root, "cache"),
      npm_config_fetch_retries: "0",
    });
    expect(ended.code).toBe(5);
    expect(ended.stderr).toMatch(/npm ci failed with exit code \d+/);
    expect(ended.stderr).toContain("hint: ");
    expect(existsSync(path.join(root, "node_modules/.squall-stamp.json"))).toBe(false);
  });
});

describe("runChild", () => {
  const waits = `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1000); console.log("up");`;
  const runs = (lines: string): string =>
    `${importing("child.mjs", "runChild")}process.exitCode = await runChild(process.execPath, ["-e", ${JSON.stringify(lines)}]);`;

  it("ends with the child's exit code", async () => {
    expect((await runLines(runs("process.exit(4)"))).code).toBe(4);
  });

  it("passes SIGTERM on, waits for the child, and ends as it ended", async () => {
    const onOutput = (text: string, pid: number): void => {
      if (text.includes("up")) process.kill(pid, "SIGTERM");
    };
    expect((await runLines(runs(waits), { onOutput })).code).toBe(7);
  });

  it("ends with 130 when an interrupt ended the child", async () => {
    const onOutput = (text: string, pid: number): void => {
      if (text.includes("up")) process.kill(pid, "SIGINT");
    };
    const ended = await runLines(runs(`setInterval(() => {}, 1000); console.log("up");`), { onOutput });
    expect(ended.code).toBe(130);
  });
});
