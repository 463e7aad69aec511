/**
 * A vendor's Python SDK in a virtual environment of its own, made once and kept in the cache folder.
 *
 * Where there is no Python or no registry, tests that need it
 * are skipped, and say why.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../../gateways/cache.ts";

const run = promisify(execFile);

/** Making an environment takes about ten seconds, most of it waiting for the registry. */
const setUpMsMax = 45_000;

export type PythonSdk =
  | { readonly kind: "ready"; readonly python: string }
  | { readonly kind: "missing"; readonly why: string };

/** `name`: of the package and of its module. */
export async function pythonSdk(name: string, version: string): Promise<PythonSdk> {
  const folder = path.join(cacheFolder(process.env), "python", `${name}-${version}`);
  const python = path.join(folder, "bin", "python");
  try {
    if (existsSync(python) && (await versionOf(python, name)) === version) return { kind: "ready", python };
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    await run("python3", ["-m", "venv", folder], { timeout: setUpMsMax });
    const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
    await run(python, ["-m", "pip", "install", ...options, `${name}==${version}`], { timeout: setUpMsMax });
    return { kind: "ready", python };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { kind: "missing", why: String(error).split("\n")[0]?.slice(0, 200) ?? "" };
  }
}

async function versionOf(python: string, name: string): Promise<string> {
  const { stdout } = await run(python, ["-c", `import ${name}; print(${name}.__version__)`], { timeout: setUpMsMax });
  return stdout.trim();
}
