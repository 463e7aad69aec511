/** Which k6 is taken, and what is said when there is none. The k6 here are scripts that know one word: version. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findK6, installK6, type K6Build, k6Version, sha256Of } from "../../../load/k6/find.ts";
import type { ProgramCommand, StartProgram } from "../../../load/k6/program.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const runsScripts = process.platform !== "win32";
if (!runsScripts) console.log("skipped: a script is no program on Windows, so no k6 can be played");

describe.skipIf(!runsScripts)("finding k6", () => {
  it("takes the one that K6_BINARY names before any other", async () => {
    const folder = freshFolder();
    const named = fakeK6(path.join(folder, "mine"), "v2.5.1");
    fakeK6(path.join(folder, "bin/k6"), "v2.2.0");
    const env = { K6_BINARY: named, PATH: path.join(folder, "bin") };
    expect(await findK6({ env, cacheDir: folder })).toEqual({ binary: named, version: "v2.5.1", from: "K6_BINARY" });
  });

  it("refuses what K6_BINARY names when it is version 1, or no k6 at all", async () => {
    const folder = freshFolder();
    const old = fakeK6(path.join(folder, "old"), "v1.4.0");
    await expect(findK6({ env: { K6_BINARY: old }, cacheDir: folder })).rejects.toMatchObject({
      code: "k6-not-usable",
    });
    const none = path.join(folder, "none");
    const refused = findK6({ env: { K6_BINARY: none }, cacheDir: folder });
    await expect(refused).rejects.toThrow(/names .*none, which is no k6 that runs; version 2 is needed/);
  });

  it("passes over an old one on PATH, and takes the one in the cache", async () => {
    const folder = freshFolder();
    fakeK6(path.join(folder, "bin/k6"), "v1.4.0");
    const env = { PATH: path.join(folder, "bin") };
    expect(await findK6({ env, cacheDir: folder })).toBeUndefined();
    const cached = fakeK6(path.join(folder, "k6", k6Version, "k6"), k6Version);
    expect(await findK6({ env, cacheDir: folder })).toEqual({ binary: cached, version: k6Version, from: "cache" });
  });

  it("builds it with Go where there is none, and keeps nothing of a build that failed", async () => {
    const cacheDir = freshFolder();
    const bin = path.join(freshFolder(), "bin");
    fakeK6(path.join(bin, "go"), "");
    const commands: ProgramCommand[] = [];
    const build = (code: number): K6Build => ({
      env: { PATH: bin },
      cacheDir,
      moduleDir: root,
      start: scriptedGo(code, commands),
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });
    await expect(installK6(build(1))).rejects.toMatchObject({ code: "k6-build-failed", exitCode: 5 });
    expect(existsSync(path.join(cacheDir, "k6", k6Version))).toBe(false);
    const binary = path.join(cacheDir, "k6", k6Version, "k6");
    expect(await installK6(build(0))).toEqual({ binary, version: k6Version, from: "cache" });
    expect(commands[1]).toMatchObject({ command: path.join(bin, "go"), cwd: root });
    expect(await sha256Of(binary)).toMatch(/^[0-9a-f]{64}$/);
    // From now on it is there: nothing is built again.
    expect(await installK6(build(1))).toMatchObject({ from: "cache" });
    expect(commands).toHaveLength(2);
  });

  it("without Go says what to install, and that the native engine needs neither", async () => {
    const cacheDir = freshFolder();
    const build = { env: { PATH: cacheDir }, cacheDir, moduleDir: root, onProgress: () => undefined };
    const start: StartProgram = () => Promise.reject(new Error("nothing is to be started"));
    const missing = installK6({ ...build, start, signal: new AbortController().signal });
    await expect(missing).rejects.toMatchObject({
      code: "k6-missing",
      exitCode: 5,
      hint: expect.stringContaining("native engine needs neither"),
    });
  });
});

it("pins in go.mod the version that it says it builds, with a checksum for it", () => {
  const module = readFileSync(path.join(root, "load/k6/go.mod"), "utf8");
  expect(module).toContain(`require go.k6.io/k6/v2 ${k6Version}\n`);
  const sums = readFileSync(path.join(root, "load/k6/go.sum"), "utf8");
  expect(sums).toMatch(new RegExp(`^go\\.k6\\.io/k6/v2 ${k6Version.replaceAll(".", "\\.")} h1:`, "m"));
});

/** A Go that writes a k6 where `-o` says, or fails. */
function scriptedGo(code: number, commands: ProgramCommand[]): StartProgram {
  return (command) => {
    commands.push(command);
    const out = command.args[command.args.indexOf("-o") + 1] ?? "";
    if (code === 0) fakeK6(out, k6Version);
    return Promise.resolve({
      pid: 1,
      ended: Promise.resolve({ code, signal: null, stopped: false }),
      lastLines: () => "go: no network",
      stop: () => Promise.resolve(),
    });
  };
}

function fakeK6(file: string, version: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "k6 ${version} (go1.26, linux/amd64)"\n`);
  chmodSync(file, 0o755);
  return file;
}

function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-find-k6-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
