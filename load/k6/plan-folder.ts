/** Writes a plan to disk, as k6 programs read it. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { WrittenPlan } from "./plan.ts";

/** Text of every file of a plan, by name. `prefix` goes before each name. */
export function planFiles({ plan, rows }: WrittenPlan, prefix = ""): ReadonlyMap<string, string> {
  const files = new Map([[`${prefix}plan.json`, `${JSON.stringify(plan)}\n`]]);
  for (const [phase, lines] of rows) files.set(`${prefix}${phase}.ndjson`, lines.map((line) => `${line}\n`).join(""));
  return files;
}

/** Into a folder that is there. The plan of a run holds the gateway's key: nobody else may read it. */
export async function writePlanFolder(plan: WrittenPlan, folder: string): Promise<void> {
  for (const [name, text] of planFiles(plan)) await writeFile(path.join(folder, name), text, { mode: 0o600 });
}
