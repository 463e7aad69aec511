/** The twelve changes of the gate's demonstration, read from scenarios/demonstration/changes.yaml. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import type { Setting } from "../core/scenario/override.ts";

export interface Change {
  readonly name: string;
  readonly isHarmful: boolean;
  readonly about: string;
  /** The scenario after the change: the base with fields set anew, or another file. */
  readonly file: string;
  readonly set: readonly Setting[];
}

export const demonstrationFolder: string = path.resolve(import.meta.dirname, "../scenarios/demonstration");
export const baseFile: string = path.join(demonstrationFolder, "base.yaml");

const value = z.union([z.string(), z.number(), z.boolean()]);
const change = z.strictObject({
  about: z.string(),
  set: z.record(z.string(), value).optional(),
  file: z.string().optional(),
});
const document = z.strictObject({ harmful: z.record(z.string(), change), harmless: z.record(z.string(), change) });

/** In the order of the file, the harmful ones first. */
export function readChanges(): readonly Change[] {
  const { harmful, harmless } = document.parse(
    parse(readFileSync(path.join(demonstrationFolder, "changes.yaml"), "utf8")),
  );
  return [
    ...Object.entries(harmful).map(([name, written]) => changeOf(name, true, written)),
    ...Object.entries(harmless).map(([name, written]) => changeOf(name, false, written)),
  ];
}

function changeOf(name: string, isHarmful: boolean, { about, set = {}, file }: z.infer<typeof change>): Change {
  return {
    name,
    isHarmful,
    about,
    file: file === undefined ? baseFile : path.join(demonstrationFolder, file),
    set: Object.entries(set).map(([field, written]) => ({ path: field, value: written })),
  };
}
