/**
 * The rules for documents: what they point at is there. Like the rules of rules.ts they read no disk, so that each can be
 * shown a planted mistake.
 */
import path from "node:path";
import type { Rule, SourceFile, Violation } from "./rules.ts";

/** Links between files, and to a heading in one. Links to other hosts are not followed. */
export function linksResolve(exists: (file: string) => boolean): Rule {
  return (files) => {
    const documents = new Map(files.filter(isDocument).map((file) => [file.path, file]));
    return [...documents.values()].flatMap((file) =>
      found(file, /\]\(([^)\s]+)\)/g).flatMap(({ text, line }) => {
        if (/^[a-z]+:/i.test(text)) return [];
        const [where = "", heading] = text.split("#");
        const target = where === "" ? file.path : path.posix.join(path.posix.dirname(file.path), where);
        if (!exists(target)) return [{ file: file.path, line, rule: "link", why: `${text}: there is no ${target}` }];
        const document = documents.get(target);
        if (heading === undefined || document === undefined || anchorsOf(document).has(heading)) return [];
        return [{ file: file.path, line, rule: "link", why: `${text}: ${target} has no such heading` }];
      }),
    );
  };
}

/** `ARCHITECTURE.md, "Contracts"` in a comment names a section that is there. */
export const sectionsExist: Rule = (files) => {
  const documents = new Map(files.filter(isDocument).map((file) => [file.path, file]));
  return files
    .filter((file) => !isDocument(file) && !file.path.startsWith("test/architecture/"))
    .flatMap((file) =>
      found(file, /\b([\w/-]+\.md, "[^"]+)"/g).flatMap(({ text, line }) => {
        const [name = "", section = ""] = text.split(', "');
        const document = documents.get(name);
        if (document !== undefined && headingsOf(document).includes(section)) return [];
        return [{ file: file.path, line, rule: "section", why: `${name} has no section "${section}"` }];
      }),
    );
};

/** Scripts that documents name are there, and each that is there stands in the table of CONTRIBUTING.md. */
export function scriptsAreDescribed(scripts: readonly string[]): Rule {
  return (files) => {
    const named = files
      .filter((file) => isDocument(file) && !file.path.startsWith("docs/adr/"))
      .flatMap((file) => found(file, /\bnpm run ([\w:-]+)/g).map((seen) => ({ ...seen, file: file.path })));
    const unknown = named
      .filter(({ text }) => !scripts.includes(text))
      .map(({ text, file, line }) => ({ file, line, rule: "script", why: `package.json has no script "${text}"` }));
    const contributing = files.find((file) => file.path === "CONTRIBUTING.md");
    const rows = (contributing?.text ?? "").split("\n").filter((line) => line.startsWith("| `npm "));
    const untold = scripts
      .filter(
        (script) => !rows.some((row) => new RegExp(`\`(?:npm |npm run |)${script}\``).test(row.split("|")[1] ?? "")),
      )
      .map((script) =>
        violationIn("CONTRIBUTING.md", "script", `"${script}" is in package.json, and in no table here`),
      );
    return [...unknown, ...untold];
  };
}

/** Each dependency has a row in the decision about dependencies, and each row a dependency. */
export function dependenciesHaveReasons(dependencies: readonly string[], decision: string): Rule {
  return (files) => {
    const text = files.find((file) => file.path === decision)?.text ?? "";
    const named = text
      .split("\n")
      .filter((line) => /^\| (?!At run time|For development|---)/.test(line))
      .flatMap((line) => (line.split("|")[1] ?? "").replaceAll(/\([^)]*\)/g, "").split(","))
      .map((cell) => cell.trim().split(" ")[0] ?? "");
    return [
      ...dependencies
        .filter((name) => !named.includes(name))
        .map((name) => violationIn(decision, "dependency", `${name} is in package.json, and has no reason here`)),
      ...named
        .filter((name) => !dependencies.includes(name))
        .map((name) => violationIn(decision, "dependency", `${name} has a reason here, and is not in package.json`)),
    ];
  };
}

/** Decisions are numbered without gaps, and each title begins with its number. */
export const decisionsAreNumbered: Rule = (files) =>
  files
    .filter((file) => /^docs\/adr\/.*\.md$/.test(file.path))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1))
    .flatMap((file, index) => {
      const number = String(index + 1).padStart(4, "0");
      if (!path.posix.basename(file.path).startsWith(`${number}-`)) {
        return [violationIn(file.path, "decision", `is number ${number} by its place; name it so`)];
      }
      if (file.text.startsWith(`# ${number} `)) return [];
      return [violationIn(file.path, "decision", `its title begins with "# ${number} "`)];
    });

function violationIn(file: string, rule: string, why: string): Violation {
  return { file, line: 1, rule, why };
}

function isDocument(file: SourceFile): boolean {
  return file.path.endsWith(".md") && !file.path.startsWith("test/");
}

/** The first group of every match, with its line. */
function found(file: SourceFile, pattern: RegExp): readonly { readonly text: string; readonly line: number }[] {
  return file.text
    .split("\n")
    .flatMap((line, index) => [...line.matchAll(pattern)].map((match) => ({ text: match[1] ?? "", line: index + 1 })));
}

function headingsOf(file: SourceFile): readonly string[] {
  return found(file, /^#+ (.+)$/g).map(({ text }) => text);
}

/** Headings as GitHub makes anchors of them: lowercase, without punctuation, hyphens for blanks. */
function anchorsOf(file: SourceFile): ReadonlySet<string> {
  return new Set(
    headingsOf(file).map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
