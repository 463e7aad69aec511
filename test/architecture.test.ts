/**
 * Holds the tree to the rules of the house (architecture/rules.ts) and its import table (architecture/rooms.ts).
 * Every rule first shows that it looked at something: a check over zero files always passes.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import {
  decisionsAreNumbered,
  dependenciesHaveReasons,
  linksResolve,
  scriptsAreDescribed,
  sectionsExist,
} from "./architecture/documents.ts";
import { LONGER_FILES, LONGER_FUNCTIONS, ROOMS } from "./architecture/rooms.ts";
import {
  describeViolation,
  filesAreShort,
  functionsAreShort,
  importsPointDown,
  isModule,
  noDefaultExports,
  noDrawers,
  noLeftovers,
  portableArithmetic,
  noMachinePaths,
  noRegistryHosts,
  oneTitlePerDocument,
  roomOf,
  tableOfRooms,
  type Rule,
  type SourceFile,
} from "./architecture/rules.ts";

const ROOT = path.resolve(import.meta.dirname, "..");

/** What git tracks or would track: a file is held to the rules before it is committed, not after. */
function readTree(): readonly SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split("\0"))]
    .filter((file) => file !== "" && existsSync(path.join(ROOT, file)) && statSync(path.join(ROOT, file)).isFile())
    .map((file) => ({ path: file, text: readFileSync(path.join(ROOT, file), "utf8") }))
    .filter((file) => !file.text.includes("\0"));
}

/** Rooms around the product, which the table in ARCHITECTURE.md leaves out. */
const AROUND = new Set(["setup", "bin", "bench", "test"]);

const files = readTree();
const modules = files.filter((file) => isModule(file.path));

function expectClean(rule: Rule, looked: readonly SourceFile[]): void {
  expect(looked.length, "the rule must look at more than zero files").toBeGreaterThan(0);
  const found = rule(looked).map(describeViolation);
  if (found.length > 0) expect.fail(`${found.length} violations:\n${found.join("\n")}`);
}

describe("the tree", () => {
  it("has modules in every room that has a folder of code", () => {
    const rooms = new Set(modules.map((file) => roomOf(file.path)));
    for (const room of ["core", "cli", "setup", "bin", "test"]) expect(rooms).toContain(room);
    const counts = Object.keys(ROOMS).map((room) => [
      room,
      modules.filter((file) => roomOf(file.path) === room).length,
    ]);
    console.log(`architecture: ${modules.length} modules read: ${counts.map((pair) => pair.join(" ")).join(", ")}`);
    const lived = new Set(files.map((file) => roomOf(file.path)));
    const empty = Object.keys(ROOMS).filter((room) => lived.has(room) && !rooms.has(room));
    expect(empty.filter((room) => room !== "scenarios" && room !== "runbooks")).toEqual([]);
  });

  it("imports only as the table of rooms allows", () => expectClean(importsPointDown, files));
  it("imports by the same table that ARCHITECTURE.md shows, and shows every room there is", () => {
    const shown = tableOfRooms(files.find((file) => file.path === "ARCHITECTURE.md")?.text ?? "");
    const built = new Set(modules.map((file) => roomOf(file.path) ?? ""));
    const ours = Object.entries(ROOMS).filter(([room]) => !AROUND.has(room) && (built.has(room) || shown.has(room)));
    expect(ours.length).toBeGreaterThan(0);
    expect(Object.fromEntries(shown)).toEqual(
      Object.fromEntries(ours.map(([room, { mayImport }]) => [room, mayImport])),
    );
  });

  it("keeps files short", () => expectClean(filesAreShort, modules));
  it("keeps functions short", () => expectClean(functionsAreShort, modules));
  it("has no drawers", () => expectClean(noDrawers, files));
  it("has no default exports where no tool needs one", () => expectClean(noDefaultExports, modules));
  it("has nothing left to do", () => expectClean(noLeftovers, files));
  it("computes the same on every machine", () => expectClean(portableArithmetic, files));
  it("names no path of one machine", () => expectClean(noMachinePaths, files));
  it("names no package registry", () => expectClean(noRegistryHosts(ownRegistry()), files));
  it("gives every document one title", () =>
    expectClean(
      oneTitlePerDocument,
      files.filter((file) => file.path.endsWith(".md")),
    ));

  it("has documents whose links, sections, scripts and numbers are there", () => {
    const manifest = readManifest();
    expectClean(
      linksResolve((file) => existsSync(path.join(ROOT, file))),
      files.filter((file) => file.path.endsWith(".md")),
    );
    expectClean(sectionsExist, files);
    expectClean(scriptsAreDescribed(Object.keys(manifest.scripts)), files);
    expectClean(decisionsAreNumbered, files);
  });

  it("gives a reason for every dependency, and has every dependency that it gives a reason for", () => {
    const { dependencies, devDependencies, optionalDependencies } = readManifest();
    const names = [dependencies, devDependencies, optionalDependencies].flatMap(Object.keys);
    expect(names.length).toBeGreaterThan(0);
    expectClean(dependenciesHaveReasons(names, "docs/adr/0004-dependencies.md"), files);
  });

  it("allows no exception for a file that is no longer there", () => {
    const known = new Set(files.map((file) => file.path));
    const excepted = [...Object.keys(LONGER_FILES), ...Object.keys(LONGER_FUNCTIONS).map((key) => key.split("#")[0])];
    expect(excepted.filter((file) => file !== undefined && !known.has(file))).toEqual([]);
  });
});

type Named = Readonly<Record<string, string>>;

function readManifest(): Readonly<
  Record<"scripts" | "dependencies" | "devDependencies" | "optionalDependencies", Named>
> {
  return JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
}

/** The host that npm is set to on this machine, if npm started us and it is a host of its own. */
function ownRegistry(): string | undefined {
  const address = process.env["npm_config_registry"];
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname === "127.0.0.1" ? undefined : hostname;
}
