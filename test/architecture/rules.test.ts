import { describe, expect, it } from "vitest";
import { readModule } from "./modules.ts";
import {
  describeViolation,
  filesAreShort,
  functionsAreShort,
  importsPointDown,
  noDefaultExports,
  noDrawers,
  noLeftovers,
  noMachinePaths,
  noRegistryHosts,
  oneTitlePerDocument,
  portableArithmetic,
  tableOfRooms,
  type SourceFile,
} from "./rules.ts";

function tree(files: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries(files).map(([path, text]) => ({ path, text }));
}

const HOUSE = {
  "core/time.ts": "export type Ms = number;\n",
  "behavior/quota.ts": 'import type { Ms } from "../core/time.ts";\nexport const window: Ms = 1;\n',
  "cli/main.ts": 'import { window } from "../behavior/quota.ts";\nexport const run = (): number => window;\n',
};

describe("importsPointDown", () => {
  it("finds nothing wrong with a house whose imports point down", () => {
    expect(importsPointDown(tree(HOUSE))).toEqual([]);
  });

  it.each([
    { why: "a value import upwards", line: 'import { window } from "../behavior/quota.ts";' },
    { why: "a type import upwards", line: 'import type { window } from "../behavior/quota.ts";' },
    { why: "a type among values", line: 'import { type window } from "../behavior/quota.ts";' },
    { why: "an import for its effects", line: 'import "../behavior/quota.ts";' },
    { why: "a re-export", line: 'export { window } from "../behavior/quota.ts";' },
    { why: "a re-export of all", line: 'export * from "../behavior/quota.ts";' },
    { why: "a type re-export", line: 'export type { window } from "../behavior/quota.ts";' },
    { why: "a dynamic import", line: 'export const load = () => import("../behavior/quota.ts");' },
    { why: "a dynamic import in backquotes", line: "export const load = () => import(`../behavior/quota.ts`);" },
    { why: "an import type", line: 'export type W = import("../behavior/quota.ts").window;' },
    { why: "a typeof import", line: 'export type W = typeof import("../behavior/quota.ts");' },
    { why: "a worker's address", line: 'export const at = new URL("../behavior/quota.ts", import.meta.url);' },
    { why: "a resolved address", line: 'export const at = import.meta.resolve("../behavior/quota.ts");' },
    { why: "a require", line: 'export const q = require("../behavior/quota.ts");' },
    { why: "an import equals", line: 'import q = require("../behavior/quota.ts");' },
  ])("sees $why", ({ line }) => {
    const found = importsPointDown(tree({ ...HOUSE, "core/planted.ts": `// first line\n${line}\n` }));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ file: "core/planted.ts", line: 2, rule: "imports" });
    expect(found[0]?.why).toContain('"core" may not import "behavior"');
  });

  it.each([
    { why: "node: in a room that runs in a browser", path: "core/a.ts", text: 'import "node:fs";', says: "node:fs" },
    { why: "node: types there", path: "web/a.ts", text: 'import type { F } from "node:fs";', says: "node:fs" },
    {
      why: "the command line from elsewhere",
      path: "reports/a.ts",
      text: 'import "../cli/main.ts";',
      says: "nothing may",
    },
    { why: "a room's sibling", path: "load/a.ts", text: 'import "../gateways/b.ts";', says: '"gateways"' },
    { why: "a computed name", path: "core/a.ts", text: "export const f = (n: string) => import(n);", says: "run time" },
    { why: "a file that is not there", path: "core/a.ts", text: 'import "./gone.ts";', says: "names no file" },
    { why: "an unknown room", path: "attic/a.ts", text: "export {};", says: 'no room "attic"' },
  ])("refuses $why", ({ path, text, says }) => {
    const found = importsPointDown(tree({ ...HOUSE, "gateways/b.ts": "export {};", [path]: text }));
    expect(found.map((seen) => seen.why)).toEqual([expect.stringContaining(says)]);
  });

  it("lets runs/ use core and node:, and lets tests import the command line", () => {
    const files = tree({
      ...HOUSE,
      "runs/read.ts": 'import "node:fs";\nimport "../core/time.ts";\n',
      "test/cli/main.test.ts": 'import "../../cli/main.ts";\n',
    });
    expect(importsPointDown(files)).toEqual([]);
  });

  it("refuses to call a file that does not parse clean", () => {
    expect(() => importsPointDown(tree({ "core/broken.ts": "export const = ;" }))).toThrow(
      /core\/broken.ts does not parse/,
    );
  });
});

describe("tableOfRooms", () => {
  it("reads rooms, lists and the word everything, and leaves brackets and what is no room aside", () => {
    const rows = [
      "| `core` | nothing of ours, no `node:` |",
      "| `load`, `gateways` | `core`, `behavior` (never `cli`) |",
    ];
    const table = tableOfRooms(
      ["# A", "| Room | may import |", "|---|---|", ...rows, "| `cli` | everything; `x` |", "end"].join("\n"),
    );
    expect(Object.fromEntries(table)).toEqual({
      core: [],
      load: ["core", "behavior"],
      gateways: ["core", "behavior"],
      cli: "*",
    });
  });
});

describe("length rules", () => {
  const body = (lines: number): string => `export function long(): void {\n${"  f();\n".repeat(lines - 2)}}\n`;

  it("allows a function of 70 lines and reports one of 71, by its name", () => {
    expect(functionsAreShort(tree({ "core/a.ts": body(70) }))).toEqual([]);
    const [found] = functionsAreShort(tree({ "core/a.ts": `\n${body(71)}` }));
    expect(found).toMatchObject({ file: "core/a.ts", line: 2, rule: "function-length" });
    expect(found?.why).toContain("long has 71 lines");
  });

  it("counts methods and arrow functions too, and leaves a test's describe blocks alone", () => {
    const arrow = body(80).replace("function long(): void", "const long = (): void =>");
    const method = `export const box = {\n${body(80).replace("export function long", "long")}};\n`;
    expect(functionsAreShort(tree({ "core/a.ts": arrow, "core/b.ts": method }))).toHaveLength(2);
    expect(functionsAreShort(tree({ "test/a.test.ts": arrow }))).toEqual([]);
  });

  it("allows a file of 400 lines and reports one of 401", () => {
    expect(filesAreShort(tree({ "core/a.ts": "f();\n".repeat(400) }))).toEqual([]);
    expect(filesAreShort(tree({ "core/a.ts": "f();\n".repeat(401) }))).toMatchObject([{ rule: "file-length" }]);
  });
});

describe("tidiness rules", () => {
  it.each(["core/utils.ts", "core/types.ts", "load/helpers/a.ts", "misc/a.md", "core/constants.test.ts"])(
    "calls %s a drawer",
    (path) => {
      expect(noDrawers(tree({ [path]: "" }))).toMatchObject([{ file: path, rule: "drawer" }]);
    },
  );

  it("does not call a noun that merely contains a drawer's name a drawer", () => {
    expect(noDrawers(tree({ "core/utilization.ts": "", "analyzers/miscount.ts": "" }))).toEqual([]);
  });

  it("reports a default export, also a renamed one, but not a k6 program's", () => {
    const text = "const a = 1;\nexport { a as default };\n";
    expect(noDefaultExports(tree({ "core/a.ts": text }))).toMatchObject([{ line: 2 }]);
    expect(noDefaultExports(tree({ "core/b.ts": "export default 1;" }))).toHaveLength(1);
    expect(noDefaultExports(tree({ "scenarios/k6/a.ts": text, "vitest.config.ts": text }))).toEqual([]);
  });

  it.each(["TO" + "DO", "FIX" + "ME", "XX" + "X"])("reports a %s with its line", (word) => {
    expect(noLeftovers(tree({ "core/a.ts": `f();\n// ${word}: later\n` }))).toMatchObject([{ line: 2 }]);
    expect(noLeftovers(tree({ "setup/a.sh": `mktemp /tmp/a.${word}Y` }))).toEqual([]);
  });

  it("reports a path of one machine, and no relative path or address", () => {
    const planted = tree({ "a.md": `see /${"work"}/main\n`, "b.json": `"/${"home"}/ann/x"` });
    expect(noMachinePaths(planted)).toHaveLength(2);
    expect(noMachinePaths(tree({ "a.md": "../work/x ./home/x https://a.example/home/x framework/home/x\n" }))).toEqual(
      [],
    );
  });

  it("reports a registry's host, also the one that this machine is set to", () => {
    const planted = tree({ "a.json": `"https://registry.${"npmjs"}.org/zod"`, "b.md": "from mirror.example:8080/npm" });
    expect(noRegistryHosts()(planted)).toHaveLength(1);
    expect(noRegistryHosts("mirror.example")(planted)).toHaveLength(2);
  });

  it("wants exactly one title per document, and does not take a comment in a code block for one", () => {
    expect(oneTitlePerDocument(tree({ "a.md": "# A\n\n```sh\n# not a title\n```\n\n## B\n" }))).toEqual([]);
    expect(oneTitlePerDocument(tree({ "a.md": "# A\n\n# B\n" }))).toMatchObject([{ line: 3 }]);
    expect(oneTitlePerDocument(tree({ "a.md": "no title\n" }))).toMatchObject([{ line: 1 }]);
  });

  it("prints a violation as file, line, rule and reason", () => {
    const [found] = noDrawers(tree({ "core/utils.ts": "" }));
    expect(found && describeViolation(found)).toMatch(/^core\/utils\.ts:1 \[drawer\] "utils\.ts" names no subject/);
  });
});

describe("readModule", () => {
  it("names a function by its declaration, its variable or its key", () => {
    const text = "function a() {}\nconst b = () => {};\nconst c = { d() {} };\n[1].map((x) => x);\n";
    expect(readModule("x.ts", text).functions.map((seen) => seen.name)).toEqual(["a", "b", "d", "(anonymous)"]);
  });

  it("counts lines right after characters of two code units", () => {
    expect(readModule("x.ts", 'const a = "😀😀😀";\n\nimport "./b.ts";\n').imports[0]?.line).toBe(3);
  });
});

describe("portableArithmetic", () => {
  it.each([
    "export const root = Math.pow(value, 0.5);",
    "export const likely = Math.exp(-value);",
    "export const digits = Math.log10(value);",
    "export const across = Math.sin(value);",
    "export const angle = Math.atan2(value, 1);",
    "export const root = value ** 0.5;",
    "export const area = (right - left) ** 2;",
    "export const sorted = names.toSorted((left, right) => left.localeCompare(right));",
    "export const text = count.toLocaleString();",
  ])("finds %s in a room whose results must be the same everywhere, and in no other", (line) => {
    expect(portableArithmetic(tree({ "core/a.ts": line }))).toHaveLength(1);
    expect(portableArithmetic(tree({ "cli/a.ts": line }))).toEqual([]);
  });

  it("lets powers of two, square roots, and bold words in comments be", () => {
    const fine = "/** A **bold** word. */\nexport const range = 2 ** 32 + Math.sqrt(Math.max(exp(3), Math.LN2));\n";
    expect(portableArithmetic(tree({ "core/a.ts": fine }))).toEqual([]);
  });
});
