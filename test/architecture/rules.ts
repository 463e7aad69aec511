/**
 * The rules of the house, each a function from files to violations. They read no disk, so that every rule can be shown a
 * planted violation (rules.test.ts) before it is trusted with the tree (../architecture.test.ts).
 */
import path from "node:path";
import { readModule, type ImportSeen, type ModuleSeen } from "./modules.ts";
import {
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
  LONGER_FILES,
  LONGER_FUNCTIONS,
  MAY_COMPUTE_IMPORTS,
  MAY_IMPORT_CLI,
  ROOMS,
} from "./rooms.ts";

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly why: string;
}

export type Rule = (files: readonly SourceFile[]) => readonly Violation[];

/** A violation the way compilers print errors, so that editors make it a link. */
export function describeViolation(seen: Violation): string {
  return `${seen.file}:${seen.line} [${seen.rule}] ${seen.why}`;
}

/** The room that a file stands in, or undefined at the root of the repository. */
export function roomOf(file: string): string | undefined {
  const slash = file.indexOf("/");
  return slash === -1 ? undefined : file.slice(0, slash);
}

/** True for a file whose imports, functions and exports the rules read. */
export function isModule(file: string): boolean {
  return /\.(?:ts|mts|mjs)$/.test(file) && !file.endsWith(".d.ts");
}

export const importsPointDown: Rule = (files) => {
  const known = new Set(files.map((file) => file.path));
  return modulesIn(files).flatMap(({ file, module }) => {
    const name = roomOf(file.path);
    if (name === undefined) return []; // configuration files at the root
    if (!Object.hasOwn(ROOMS, name)) {
      const why = `there is no room "${name}"; the rooms are ${Object.keys(ROOMS).join(", ")} (rooms.ts)`;
      return [{ file: file.path, line: 1, rule: "rooms", why }];
    }
    return module.imports.flatMap((seen) => {
      const why = faultOfImport(file.path, name, seen, known);
      return why === undefined ? [] : [{ file: file.path, line: seen.line, rule: "imports", why }];
    });
  });
};

function faultOfImport(file: string, from: string, seen: ImportSeen, known: ReadonlySet<string>): string | undefined {
  const room = ROOMS[from];
  if (room === undefined) return undefined;
  const { specifier } = seen;
  if (specifier === undefined) {
    if (MAY_COMPUTE_IMPORTS.includes(from)) return undefined;
    return `"${from}" may not import a name computed at run time, because no check can follow it; write the name out`;
  }
  if (specifier.startsWith("node:")) {
    return room.nodeModules ? undefined : `"${from}" may not import ${specifier}: ${room.why}`;
  }
  if (!specifier.startsWith(".")) return undefined; // a package; package.json and knip watch over those
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), specifier));
  if (!known.has(target)) return `${specifier} names no file of this repository (looked for ${target})`;
  const to = roomOf(target);
  if (to === from || to === undefined) return undefined;
  if (to === "cli" && !MAY_IMPORT_CLI.includes(from)) return `"${from}" may not import "cli": nothing may`;
  if (room.mayImport === "*" || room.mayImport.includes(to)) return undefined;
  const allowed = room.mayImport.length === 0 ? "no other room" : room.mayImport.join(", ");
  const kind = seen.typeOnly ? ", not even its types" : "";
  return `"${from}" may not import "${to}"${kind}; it may import ${allowed}: ${room.why}`;
}

/**
 * What a document's table "| Room | may import |" allows, by room: `everything`, or the rooms in backquotes that stand
 * before the first bracket or semicolon. A room of ours that the table does not name is absent.
 */
export function tableOfRooms(markdown: string): ReadonlyMap<string, readonly string[] | "*"> {
  const lines = markdown.split("\n");
  const head = lines.findIndex((line) => /^\|\s*Room\s*\|\s*may import\s*\|/i.test(line));
  const table = new Map<string, readonly string[] | "*">();
  for (const line of head === -1 ? [] : lines.slice(head + 2)) {
    const [, rooms, allowed] = line.split("|");
    if (rooms === undefined || allowed === undefined) break;
    const rule = allowed.split(/[(;]/)[0] ?? "";
    const named = quoted(rule).filter((name) => Object.hasOwn(ROOMS, name));
    for (const room of quoted(rooms)) table.set(room, /everything/.test(rule) ? "*" : named);
  }
  return table;
}

function quoted(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
}

export const filesAreShort: Rule = (files) =>
  files
    .filter((file) => isModule(file.path) && !Object.hasOwn(LONGER_FILES, file.path))
    .flatMap((file) => {
      const lines = file.text.replace(/\n$/, "").split("\n").length;
      if (lines <= FILE_LINES_MAX) return [];
      const why = `${lines} lines, of ${FILE_LINES_MAX} allowed; split it by what its parts are about`;
      return [{ file: file.path, line: FILE_LINES_MAX + 1, rule: "file-length", why }];
    });

export const functionsAreShort: Rule = (files) =>
  modulesIn(files.filter((file) => !["test", "bench"].includes(roomOf(file.path) ?? ""))).flatMap(({ file, module }) =>
    module.functions
      .filter(
        (seen) => seen.lines > FUNCTION_LINES_MAX && !Object.hasOwn(LONGER_FUNCTIONS, `${file.path}#${seen.name}`),
      )
      .map((seen) => ({
        file: file.path,
        line: seen.line,
        rule: "function-length",
        why: `${seen.name} has ${seen.lines} lines, of ${FUNCTION_LINES_MAX} allowed; name its parts and take them out`,
      })),
  );

const DRAWERS = new Set(["util", "utils", "helper", "helpers", "common", "misc", "types", "constants"]);

export const noDrawers: Rule = (files) =>
  files.flatMap((file) => {
    const drawer = file.path.split("/").find((part) => DRAWERS.has(part.split(".")[0]?.toLowerCase() ?? ""));
    if (drawer === undefined) return [];
    const why = `"${drawer}" names no subject, so anything ends up in it; a helper lives with its noun`;
    return [{ file: file.path, line: 1, rule: "drawer", why }];
  });

export const noDefaultExports: Rule = (files) =>
  modulesIn(
    files.filter((file) => !file.path.startsWith("scenarios/k6/") && !file.path.endsWith(".config.ts")),
  ).flatMap(({ file, module }) => {
    if (module.defaultExportLine === undefined) return [];
    const why = "a default export has no name to search for; only k6 programs and tool configs need one";
    return [{ file: file.path, line: module.defaultExportLine, rule: "default-export", why }];
  });

// Spelled in two halves, so that this file does not hold what it forbids.
const LEFTOVER = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "XX" + "X"].join("|")})\\b`);

export const noLeftovers: Rule = (files) =>
  linesMatching(files, LEFTOVER, "leftover", "finish it, or file an issue and say what the code does today");

/** What is not the same to the last bit on every machine: functions that engines and their builds round differently, and tables of locales. */
const UNPORTABLE =
  /Math\.(?:pow|hypot|cbrt|exp|expm1|log|log1p|log2|log10|a?(?:sin|cos|tan)h?|atan2)\b|(?:\b(?!2\b)\w+|[)\]]) \*\* |\.localeCompare\(|\.toLocale\w+\(|\bIntl\./;

/** Rooms whose numbers and texts end up in `--json`. */
const PORTABLE_ROOMS = /^(?:core|behavior|simulator|analyzers|reports)\//;

export const portableArithmetic: Rule = (files) =>
  linesMatching(
    files.filter(({ path }) => PORTABLE_ROOMS.test(path) && path.endsWith(".ts")),
    UNPORTABLE,
    "unportable",
    "same seed, same bytes, on any machine: see ARCHITECTURE.md",
  );

const MACHINE_PATH = /(?<![\w.~:/-])\/(?:work|home|root|Users)\/\w/;

export const noMachinePaths: Rule = (files) =>
  linesMatching(
    files,
    MACHINE_PATH,
    "machine-path",
    "a path of one machine means nothing on another; make it relative",
  );

const REGISTRIES = [
  ["registry.", "npmjs"],
  ["npmjs", ".com"],
  ["registry.", "yarnpkg"],
  ["pypi", ".org"],
  ["python", "hosted.org"],
  ["crates", ".io"],
  ["proxy.", "golang.org"],
  ["deb.", "debian.org"],
  ["repo.", "maven.apache"],
  ["repo1.", "maven"],
];

/** `ownRegistry` is the host that this machine's npm is set to, which no file may name either. */
export function noRegistryHosts(ownRegistry?: string): Rule {
  const hosts = [...REGISTRIES.map((halves) => halves.join("")), ...(ownRegistry === undefined ? [] : [ownRegistry])];
  const pattern = new RegExp(hosts.map((host) => host.replaceAll(".", "\\.")).join("|"), "i");
  return (files) =>
    linesMatching(files, pattern, "registry-host", "name the package only; each machine has its own registry");
}

export const oneTitlePerDocument: Rule = (files) =>
  files
    .filter((file) => file.path.endsWith(".md") && !/^test\/(?:golden|fixtures)\//.test(file.path))
    .flatMap((file) => {
      const titles = titleLines(file.text);
      if (titles.length === 1) return [];
      const why = `${titles.length} titles ("# ..."), of exactly 1; a document is about one thing and says which`;
      return [{ file: file.path, line: titles[1] ?? 1, rule: "title", why }];
    });

function titleLines(text: string): readonly number[] {
  let fence: string | undefined;
  return text.split("\n").flatMap((line, index) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === undefined) fence = mark;
      else if (mark.startsWith(fence)) fence = undefined;
      return [];
    }
    return fence === undefined && /^# \S/.test(line) ? [index + 1] : [];
  });
}

function linesMatching(
  files: readonly SourceFile[],
  pattern: RegExp,
  rule: string,
  advice: string,
): readonly Violation[] {
  return files.flatMap((file) =>
    file.text.split("\n").flatMap((line, index) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [{ file: file.path, line: index + 1, rule, why: `"${found}": ${advice}` }];
    }),
  );
}

interface Parsed {
  readonly file: SourceFile;
  readonly module: ModuleSeen;
}

const parsed = new WeakMap<SourceFile, ModuleSeen>();

function modulesIn(files: readonly SourceFile[]): readonly Parsed[] {
  return files
    .filter((file) => isModule(file.path))
    .map((file) => {
      const module = parsed.get(file) ?? readModule(file.path, file.text);
      parsed.set(file, module);
      return { file, module };
    });
}
