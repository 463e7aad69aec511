/** The real promtool, where the machine has one. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import type { PrometheusMajor } from "../../../analyzers/alerts/promql/evaluate.ts";

/** Why tests that need it are skipped; undefined: it is here. */
export const whyNoPromtool: string | undefined =
  versionOf("promtool") === undefined
    ? "promtool is not installed (it comes with Debian's package prometheus)"
    : undefined;

/** Major version of this machine's Prometheus. */
export const promtoolMajor: PrometheusMajor = (versionOf("promtool") ?? 3) >= 3 ? 3 : 2;

/** Runs it in a folder with these files, each written as YAML; answers what it printed, and whether it was content. */
export async function promtool(
  files: Readonly<Record<string, unknown>>,
  ...words: readonly string[]
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), "squall-promtool-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      const text =
        typeof content === "string" ? content : stringify(content, { lineWidth: 0, aliasDuplicateObjects: false });
      await writeFile(path.join(folder, name), text);
    }
    return await new Promise((resolve) => {
      execFile("promtool", [...words], { cwd: folder, timeout: 30_000 }, (error, stdout, stderr) => {
        resolve({ ok: error === null, output: `${stdout}${stderr}` });
      });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function versionOf(program: string): number | undefined {
  try {
    const printed = execFileSync(program, ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return Number(/version (\d+)\./.exec(printed)?.[1]);
  } catch {
    return undefined;
  }
}
