import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findNpmCli } from "../../../gateways/npm/npm-cli.ts";

const nowhere = "/no/where/at/all/bin/node";

describe("findNpmCli", () => {
  it("prefers the npm that runs us, but not another package manager", () => {
    const running = npmAt("a/npm-cli.js");
    const onPath = npmAt("b/node_modules/npm/bin/npm-cli.js");
    const PATH = path.resolve(onPath, "../../../..");
    expect(findNpmCli({ npm_execpath: running, PATH }, nowhere)).toBe(running);
    expect(findNpmCli({ npm_execpath: "/opt/pnpm/bin/pnpm.cjs", PATH }, nowhere)).toBe(onPath);
  });

  it("follows the link that a Unix installation puts on PATH", () => {
    const target = npmAt("lib/node_modules/npm/bin/npm-cli.js");
    const bin = path.join(path.dirname(target), "../../../../bin");
    mkdirSync(bin);
    symlinkSync(target, path.join(bin, "npm"));
    expect(findNpmCli({ PATH: `/no/where/at/all${path.delimiter}${bin}` }, nowhere)).toBe(target);
  });

  it("falls back on the npm that came with our Node", () => {
    const target = npmAt("lib/node_modules/npm/bin/npm-cli.js");
    expect(findNpmCli({}, path.resolve(target, "../../../../../bin/node"))).toBe(target);
  });

  it("says what to do when there is none", () => {
    expect(() => findNpmCli({ PATH: "/no/where/at/all" }, nowhere)).toThrow(
      expect.objectContaining({ code: "npm-missing", exitCode: 5 }),
    );
  });
});

/** An empty npm-cli.js at that place in a fresh folder. */
function npmAt(place: string): string {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), "squall-npm-cli-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const file = path.join(home, place);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, "");
  return file;
}
