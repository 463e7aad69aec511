/** Finds a Python that can make virtual environments: 3.10 or later, with `venv` and `ensurepip`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { environmentNotReady } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";

/** Names a Python in place of those that are looked for. */
export const pythonVariable = "SQUALL_PYTHON";

/** Oldest and newest minor versions of Python 3 for which litellm 1.102.4 is published (`Requires-Python: >=3.10, <3.15`). */
const [oldestMinor, newestMinor] = [10, 14];
const candidates: readonly string[] = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
/** One look at one Python; a shim of a version manager takes a second. */
const lookMs: Ms = 10_000;
const question = "import sys, venv, ensurepip; print(sys.version_info.major, sys.version_info.minor, sys.executable)";

/** The Python to use, by its path. Throws `python-missing`, saying what was found instead. */
export async function findPython(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env[pythonVariable];
  const looks: string[] = [];
  for (const command of named === undefined || named === "" ? candidates : [named]) {
    const found = await lookAt(command, env);
    if (found.file !== undefined) return found.file;
    looks.push(`${command}: ${found.why}`);
  }
  throw environmentNotReady(`no Python from 3.${oldestMinor} to 3.${newestMinor} was found (${looks.join("; ")})`, {
    code: "python-missing",
    hint: `install python3 with its venv module (Debian: apt-get install python3-venv), or name one in ${pythonVariable}`,
  });
}

type Look = { readonly file: string } | { readonly file: undefined; readonly why: string };

async function lookAt(command: string, env: NodeJS.ProcessEnv): Promise<Look> {
  try {
    const { stdout } = await promisify(execFile)(command, ["-c", question], { env, timeout: lookMs });
    const [major, minor, ...file] = stdout.trim().split(" ");
    const fits = major === "3" && Number(minor) >= oldestMinor && Number(minor) <= newestMinor;
    return fits ? { file: file.join(" ") } : { file: undefined, why: `is ${major}.${minor}` };
  } catch (cause) {
    return { file: undefined, why: whyNot(cause) };
  }
}

function whyNot(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if ("code" in cause && cause.code === "ENOENT") return "is not there";
  const missing = /No module named '?(\w+)'?/.exec(cause.message);
  return missing === null ? "does not run" : `lacks ${missing[1]}`;
}
