/** A stand-in for Python: a shell script that answers what it is asked and writes down what it is told to do. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Installation } from "../../../gateways/install/installation.ts";
import { findPython } from "../../../gateways/python/python-cli.ts";
import {
  installPythonPackage,
  isPythonPackageInstalled,
  pythonIn,
  type PythonPackage,
} from "../../../gateways/python/python-package.ts";

const tiny: PythonPackage = {
  name: "tiny 1.0.0",
  megabytes: 1,
  pinned: { requirements: ["tiny==1.0.0"], constraints: ["below==2.0.0"] },
};

describe.skipIf(process.platform === "win32")("installPythonPackage", () => {
  it("makes an environment and lets pip fill it with exactly the pinned versions, from wheels only", async () => {
    const python = fakePython({});
    await installPythonPackage(tiny, python.folder, python.how);
    expect(isPythonPackageInstalled(tiny, python.folder)).toBe(true);
    const [venv, pip] = python.runs();
    expect(venv).toMatch(/^-m venv /);
    expect(pip).toMatch(/^-m pip install .*--only-binary=:all: --constraint \S+constraints\.txt tiny==1\.0\.0$/);
    expect(readFileSync(path.join(python.folder, "constraints.txt"), "utf8")).toBe("below==2.0.0\n");
    expect(readdirSync(path.dirname(python.folder))).toEqual(["tiny-1.0.0"]);
    expect(pythonIn(python.folder)).toBe(path.join(python.folder, "bin", "python"));
  });

  it("needs neither Python nor a word the second time", async () => {
    const python = fakePython({});
    await installPythonPackage(tiny, python.folder, python.how);
    python.told.length = 0;
    await installPythonPackage(tiny, python.folder, { ...python.how, env: { PATH: "/nowhere" } });
    expect(python.runs()).toHaveLength(2);
    expect(python.told).toEqual([]);
  });

  it("installs anew when a version below has changed", async () => {
    const python = fakePython({});
    await installPythonPackage(tiny, python.folder, python.how);
    const repinned = { ...tiny, pinned: { ...tiny.pinned, constraints: ["below==2.0.1"] } };
    expect(isPythonPackageInstalled(repinned, python.folder)).toBe(false);
    await installPythonPackage(repinned, python.folder, python.how);
    expect(python.runs()).toHaveLength(4);
  });

  it.each([
    { said: "ERROR: No matching distribution found for tiny==1.0.0", hint: "does not serve a pinned version" },
    { said: "NewConnectionError: Network is unreachable", hint: "the package index did not answer" },
    { said: "OSError: [Errno 28] No space left on device", hint: "the disk is full" },
  ])("says what to do when pip says $said, and leaves nothing", async ({ said, hint }) => {
    const python = fakePython({ pip: `echo "${said}" >&2; exit 1` });
    await expect(installPythonPackage(tiny, python.folder, python.how)).rejects.toMatchObject({
      code: "install-failed",
      exitCode: 5,
      message: `tiny 1.0.0 could not be installed: pip install failed (exit code 1):\n${said}`,
      hint: expect.stringContaining(hint),
    });
    expect(readdirSync(path.dirname(python.folder))).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("findPython", () => {
  it("takes the one that is named, by the path it tells", async () => {
    const python = fakePython({ version: "3 12" });
    expect(await findPython(python.how.env)).toBe(python.file);
  });

  it.each([
    { version: "3 9", why: "is 3.9" },
    { version: "2 7", why: "is 2.7" },
    { version: "3 15", why: "is 3.15" },
  ])("refuses Python $version and says what is needed", async ({ version, why }) => {
    const python = fakePython({ version });
    await expect(findPython(python.how.env)).rejects.toMatchObject({
      code: "python-missing",
      exitCode: 5,
      message: expect.stringContaining(why),
      hint: expect.stringContaining("python3-venv"),
    });
  });

  it("says that there is none where there is none", async () => {
    await expect(findPython({ PATH: "/nowhere" })).rejects.toThrow(
      /no Python from 3\.10 to 3\.14 .*python3: is not there/,
    );
  });
});

function fakePython({ version = "3 11", pip = "exit 0" }: { readonly version?: string; readonly pip?: string }): {
  readonly file: string;
  readonly folder: string;
  readonly told: string[];
  readonly runs: () => readonly string[];
  readonly how: Installation;
} {
  const home = mkdtempSync(path.join(tmpdir(), "squall-python-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const [file, log] = [path.join(home, "python"), path.join(home, "runs.log")];
  writeFileSync(log, "");
  writeFileSync(
    file,
    `#!/bin/sh
case "$1 $2" in
  "-m venv") echo "$*" >> ${log}; mkdir -p "$3/bin"; cp ${file} "$3/bin/python" ;;
  "-m pip") echo "$*" >> ${log}; ${pip} ;;
  *) echo "${version} ${file}" ;;
esac
`,
  );
  chmodSync(file, 0o755);
  mkdirSync(path.join(home, "cache"));
  const told: string[] = [];
  return {
    file,
    folder: path.join(home, "cache", "gateways", "tiny-1.0.0"),
    told,
    runs: () => readFileSync(log, "utf8").split("\n").slice(0, -1),
    how: {
      onProgress: (text) => told.push(text),
      signal: new AbortController().signal,
      env: { ...process.env, SQUALL_PYTHON: file },
    },
  };
}
