import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { installNpmPackage, isNpmPackageInstalled } from "../../../gateways/npm/npm-package.ts";
import { isGone } from "../child/process-gone.ts";
import { fakeNpm, installsTiny, tinyPackage } from "./fake-npm.ts";

describe("installNpmPackage", () => {
  it("runs npm ci without scripts, and leaves the whole package and nothing else", async () => {
    const npm = fakeNpm(installsTiny);
    expect(isNpmPackageInstalled(tinyPackage, npm.folder)).toBe(false);
    await installNpmPackage(tinyPackage, npm.folder, npm.how);
    expect(isNpmPackageInstalled(tinyPackage, npm.folder)).toBe(true);
    expect(npm.runs()).toEqual([expect.stringMatching(/^ci --ignore-scripts /)]);
    expect(JSON.parse(readFileSync(path.join(npm.folder, "node_modules/tiny/package.json"), "utf8"))).toEqual(
      tinyPackage.manifest,
    );
    expect(readdirSync(path.dirname(npm.folder))).toEqual(["tiny-1.0.0"]);
    expect(npm.told[0]).toContain("installing tiny 1.0.0");
    expect(npm.told.at(-1)).toMatch(/^installed tiny 1\.0\.0 in /);
  });

  it("needs neither npm nor a word the second time", async () => {
    const npm = fakeNpm(installsTiny);
    await installNpmPackage(tinyPackage, npm.folder, npm.how);
    npm.told.length = 0;
    await installNpmPackage(tinyPackage, npm.folder, { ...npm.how, env: {} });
    expect(npm.runs()).toHaveLength(1);
    expect(npm.told).toEqual([]);
  });

  it("installs anew when the lock file has changed", async () => {
    const npm = fakeNpm(installsTiny);
    await installNpmPackage(tinyPackage, npm.folder, npm.how);
    const repinned = { ...tinyPackage, lock: { lockfileVersion: 3, packages: {} } };
    await installNpmPackage(repinned, npm.folder, npm.how);
    expect(npm.runs()).toHaveLength(2);
    expect(isNpmPackageInstalled(repinned, npm.folder)).toBe(true);
    expect(readdirSync(path.dirname(npm.folder))).toEqual(["tiny-1.0.0"]);
  });

  it("lets one of two install while the other waits for it", async () => {
    const npm = fakeNpm(installsTiny);
    await Promise.all([
      installNpmPackage(tinyPackage, npm.folder, npm.how),
      installNpmPackage(tinyPackage, npm.folder, npm.how),
    ]);
    expect(npm.runs()).toHaveLength(1);
    expect(npm.told).toContain(`waiting for process ${process.pid}, which is installing tiny 1.0.0`);
  });

  it("shows the end of what npm said when it fails, hints at the network, and leaves nothing", async () => {
    const npm = fakeNpm(`${installsTiny} console.error("npm error code ENOTFOUND"); process.exit(1);`);
    await expect(installNpmPackage(tinyPackage, npm.folder, npm.how)).rejects.toMatchObject({
      code: "install-failed",
      exitCode: 5,
      message: "tiny 1.0.0 could not be installed: npm ci failed (exit code 1):\nnpm error code ENOTFOUND",
      hint: expect.stringContaining("the package registry did not answer"),
    });
    expect(readdirSync(path.dirname(npm.folder))).toEqual([]);
  });

  it("keeps the old installation when a new one fails", async () => {
    const good = fakeNpm(installsTiny);
    await installNpmPackage(tinyPackage, good.folder, good.how);
    const bad = fakeNpm("process.exit(1);");
    await expect(installNpmPackage({ ...tinyPackage, lock: {} }, good.folder, bad.how)).rejects.toThrow(
      "npm ci failed",
    );
    expect(isNpmPackageInstalled(tinyPackage, good.folder)).toBe(true);
  });

  it("stops npm when it is not wanted any more, and leaves nothing", async () => {
    const abort = new AbortController();
    const npm = fakeNpm(`fs.writeFileSync("../../pid", String(process.pid)); setInterval(() => {}, 1000);`, {
      signal: abort.signal,
    });
    const installing = installNpmPackage(tinyPackage, npm.folder, npm.how);
    const pidFile = path.join(npm.folder, "../../pid");
    await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, "utf8") !== "", { timeout: 10_000 });
    const reason = new Error("Ctrl-C");
    abort.abort(reason);
    await expect(installing).rejects.toBe(reason);
    expect(isGone(Number(readFileSync(pidFile, "utf8")))).toBe(true);
    expect(readdirSync(path.dirname(npm.folder))).toEqual([]);
  });

  it("clears away what killed installations left behind, their lock included", async () => {
    const npm = fakeNpm(installsTiny);
    mkdirSync(`${npm.folder}.installing-0`, { recursive: true });
    writeFileSync(`${npm.folder}.lock`, `${2 ** 22 + 1}\n`);
    await installNpmPackage(tinyPackage, npm.folder, npm.how);
    expect(readdirSync(path.dirname(npm.folder))).toEqual(["tiny-1.0.0"]);
  });

  it("says so when it may not write there", async () => {
    const npm = fakeNpm(installsTiny);
    writeFileSync(path.join(npm.folder, "../.."), "a file where a folder should be");
    await expect(installNpmPackage(tinyPackage, npm.folder, npm.how)).rejects.toMatchObject({
      code: "cache-not-writable",
      exitCode: 5,
      message: `tiny 1.0.0 cannot be installed into ${npm.folder}: ENOTDIR`,
    });
  });
});
