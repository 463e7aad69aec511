/**
 * A scenario as a program that k6 runs without Squall: a few TypeScript files and the plan, all in one folder.
 *
 * The files are those that `squall run --engine k6` plays with; only the paths between them are made flat, so that a
 * ConfigMap, which has no folders, can carry them.
 */
import path from "node:path";
import { invariant } from "../../core/invariant.ts";
import type { WrittenPlan } from "./plan.ts";
import { planFiles } from "./plan-folder.ts";

export interface ExportedProgram {
  /** Name of the scenario, and of the program's file. */
  readonly name: string;
  readonly about: string;
  /** Scenario file, as given. */
  readonly from: string;
  readonly plan: WrittenPlan;
  /** What the program does not do, in words. */
  readonly lost: readonly string[];
}

/** Text of a source file of the package, named from its root; undefined where the package does not carry it. */
export type ReadSource = (name: string) => string | undefined;

/** Name to text, without folders. */
export function exportedFiles(program: ExportedProgram, read: ReadSource): ReadonlyMap<string, string> {
  const files = new Map<string, string>([[`${program.name}.ts`, programText(program, ".")]]);
  for (const [name, text] of planFiles(program.plan, `${program.name}.`)) files.set(name, text);
  for (const [name, text] of sourcesOf(program, read)) files.set(name, text);
  return files;
}

/** The program's own file. `core`: where `k6-plan.ts` lies, seen from it. */
export function programText({ name, about, from, lost }: ExportedProgram, core: string): string {
  const told = [
    ...(about === "" ? [] : wrapped(about)),
    `Made by squall export k6 from ${from}. Run it with`,
    "",
    `    k6 run ${name}.ts -e SQUALL_TARGET=http://127.0.0.1:9100/openai/v1`,
    "",
    "SQUALL_TARGET is a base URL as an SDK takes it, SQUALL_API_KEY its key, SQUALL_HEADERS more headers as a JSON object.",
    ...(lost.length === 0 ? [] : ["", "Not expressed:", ...lost.map((what) => `  * ${what}`)]),
  ];
  return `/**
${told.map((line) => ` * ${line}`.trimEnd()).join("\n")}
 */
import type { K6Plan } from "${core}/k6-plan.ts";
import { programOf } from "./play.ts";

const plan: K6Plan = JSON.parse(open("./${name}.plan.json"));

export const { options, setup, play, teardown } = programOf(plan, (phase) => open(\`./${name}.\${phase}.ndjson\`));
export default play;
`;
}

/** The modules of the program and whatever they import, by their bare names. */
function sourcesOf({ name }: ExportedProgram, read: ReadSource): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const visit = (source: string): void => {
    const bare = path.posix.basename(source);
    if (files.has(bare)) return;
    const text = read(source);
    if (text === undefined) return; // only types come from it, and k6 does not look at those
    invariant(bare !== `${name}.ts`, `a scenario called ${name} would take the place of ${source}`);
    files.set(
      bare,
      text.replaceAll(relativeImport, (_, quoted: string) => `from "./${path.posix.basename(quoted)}"`),
    );
    for (const [, target = ""] of text.matchAll(relativeImport)) {
      visit(path.posix.join(path.posix.dirname(source), target));
    }
  };
  visit("scenarios/k6/play.ts");
  return files;
}

const relativeImport = /from "(\.\.?\/[^"]+)"/g;

const lineWidth = 116;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > lineWidth) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
