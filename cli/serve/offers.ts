/** The runbooks that can be drilled: those of the folders that were named, by the address of their file. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { readRunbook } from "../../runbooks/engine/parse.ts";
import type { Offer } from "../../web/console/game-day.ts";
import { readInputFile, unreadable } from "../input-file.ts";
import { offerOf } from "./drill-card.ts";

/** Runbooks that are looked for in one folder. */
const filesMax = 500;

export interface OfferedRunbook {
  readonly offer: Offer;
  readonly file: string;
}

/** In the order of their files. A Markdown file that is no runbook is none; one that cannot be drilled is left out. */
export async function offeredRunbooks(folders: readonly string[]): Promise<readonly OfferedRunbook[]> {
  const found: OfferedRunbook[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch((cause: unknown) => {
      throw unreadable(folder, cause);
    });
    for (const name of names
      .filter((each) => each.endsWith(".md"))
      .toSorted()
      .slice(0, filesMax)) {
      const file = path.join(folder, name);
      const { runbook, problems } = readRunbook(await readInputFile(file), name);
      if (runbook?.drill === undefined || problems.length > 0) continue;
      found.push({ offer: offerOf(runbook, String(found.length)), file });
    }
  }
  return found;
}
