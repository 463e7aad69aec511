/**
 * The files that the planning board may read: scenarios, and what they name, within the folders that were shared and nowhere else.
 *
 * Links are followed before a path is compared, so that none leads out of a folder. What is hidden there (`.env`, `.git`) stays hidden:
 * a folder of scenarios may be a whole project.
 */
import { createReadStream } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";

/** Files that are looked at in one folder and those below it. */
const filesMax = 1_000;

/** The scenarios of a folder and then those below it, as paths with `/`: `drills/two-providers.yaml`. */
export async function scenariosIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch((): readonly string[] => []);
  const files = names.filter((name) => /\.ya?ml$/.test(name) && !name.includes("node_modules")).toSorted();
  const found: string[] = [];
  for (const name of files.slice(0, filesMax)) {
    const text = await readFile(path.join(folder, name), "utf8").catch(() => "");
    if (/^scenario:/m.test(text)) found.push(name.split(path.sep).join("/"));
  }
  return found.toSorted((left, right) => depthOf(left) - depthOf(right));
}

function depthOf(name: string): number {
  return name.split("/").length;
}

export interface SharedFile {
  /** Where it really lies. */
  readonly file: string;
  readonly bytes: number;
  readonly open: () => Readable;
}

/** A file of a folder, by its path within; undefined where there is none, or it lies outside, or is hidden. */
export async function sharedFile(folder: string, name: string): Promise<SharedFile | undefined> {
  const [root, file] = await Promise.all([real(folder), real(path.resolve(folder, name))]);
  if (root === undefined || file === undefined || !file.startsWith(root + path.sep)) return undefined;
  if (
    path
      .relative(root, file)
      .split(path.sep)
      .some((part) => part.startsWith("."))
  )
    return undefined;
  const { size, isFile } = await stat(file).then((seen) => ({ size: seen.size, isFile: seen.isFile() }));
  return isFile ? { file, bytes: size, open: () => createReadStream(file) } : undefined;
}

async function real(file: string): Promise<string | undefined> {
  return await realpath(file).catch(() => undefined);
}
