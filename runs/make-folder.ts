/**
 * Makes a folder and those above it.
 *
 * Not with `mkdir`'s own `recursive`: where a file system refuses with ENOENT below a folder that is there, as /proc does,
 * that one tries again without end (Node 24.21).
 */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

/** Answers the topmost folder that had to be made, undefined when all were there. Rejects with the file system's own error. */
export async function makeFolder(folder: string): Promise<string | undefined> {
  if (await isFolder(folder)) return undefined;
  const above = path.dirname(folder);
  const made = above === folder ? undefined : await makeFolder(above);
  try {
    await mkdir(folder);
  } catch (cause) {
    if (!(await isFolder(folder))) throw cause; // otherwise somebody else has just made it
  }
  return made ?? folder;
}

async function isFolder(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
