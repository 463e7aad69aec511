/**
 * The rooms of the house and what each may import: the one table, equal to the one in ARCHITECTURE.md.
 *
 * Imports point down only, type-only imports included. A room that is missing here may hold no module at all, so adding
 * a room starts with adding its line.
 */
export interface Room {
  /** Rooms it may import besides itself; "*" for any. */
  readonly mayImport: readonly string[] | "*";
  /** False for a room that also runs in a browser or inside k6. */
  readonly nodeModules: boolean;
  readonly why: string;
}

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { mayImport: [], nodeModules: false, why: "the nouns that every room shares stand on nothing" },
  behavior: { mayImport: ["core"], nodeModules: false, why: "pure models, played on either clock" },
  simulator: {
    mayImport: ["core", "behavior"],
    nodeModules: true,
    why: "it plays the models on virtual time; only its sweeps touch worker threads",
  },
  "mock-providers": {
    mayImport: ["core", "behavior"],
    nodeModules: true,
    why: "it plays the same models on wall time and knows no other engine",
  },
  load: { mayImport: ["core", "behavior"], nodeModules: true, why: "it drives a target and writes records" },
  gateways: { mayImport: ["core", "behavior"], nodeModules: true, why: "the live fleet moves by the same policies" },
  runs: { mayImport: ["core"], nodeModules: true, why: "it reads and writes run folders, whatever made the run" },
  analyzers: { mayImport: ["core", "behavior"], nodeModules: false, why: "a run in, findings out" },
  reports: { mayImport: ["core", "analyzers"], nodeModules: true, why: "findings in, pages out" },
  runbooks: { mayImport: ["core", "analyzers"], nodeModules: true, why: "actions and probes are handed to it" },
  web: {
    mayImport: ["core", "behavior", "simulator", "analyzers", "reports"],
    nodeModules: false,
    why: "its pages run in a browser",
  },
  scenarios: { mayImport: ["core"], nodeModules: false, why: "k6 programs run inside k6 and see pure files only" },
  cli: { mayImport: "*", nodeModules: true, why: "it wires everything, and nothing imports it" },
  setup: { mayImport: [], nodeModules: true, why: "it runs before anything is installed" },
  bin: { mayImport: ["setup"], nodeModules: true, why: "the launcher loads the program only once Node is new enough" },
  bench: { mayImport: "*", nodeModules: true, why: "it measures any room" },
  test: { mayImport: "*", nodeModules: true, why: "it tests any room" },
};

/** Rooms that may import the command line; nothing else does. */
export const MAY_IMPORT_CLI: readonly string[] = ["cli", "test", "bench"];

/** Rooms that may name a module at run time, which no reader of the source can follow. */
export const MAY_COMPUTE_IMPORTS: readonly string[] = ["cli", "bin", "setup", "test", "bench"];

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 70;

/** Files that may be longer, each with its reason. */
export const LONGER_FILES: Readonly<Record<string, string>> = {};

/** Functions that may be longer, as "file#name", each with its reason. */
export const LONGER_FUNCTIONS: Readonly<Record<string, string>> = {};
