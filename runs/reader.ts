/**
 * Reads a run folder back.
 *
 * What an older or newer minor version wrote is read (format-version.ts); fields that this version does not know are kept as
 * they are. Anything that is not whole is refused with the file and, where there is one, the line.
 */
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { invalidInput, SquallError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { isMapping } from "../core/raw-data.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Run, RunEvent, RunManifest } from "../core/run.ts";
import type { Timeline } from "../core/timeline.ts";
import { fieldProblem, type FieldKinds } from "./field-kinds.ts";
import { partialName, runFiles } from "./folder.ts";
import { assertReadable } from "./format-version.ts";
import { type LineBound, linesOf } from "../core/lines.ts";
import { recordsMax, tooManyRecords } from "./record-bound.ts";
import { recordProblem } from "./record-line.ts";

/** Throws `not-a-run`, `run-format`, `run-damaged` or `run-too-large`. */
export async function readRun(folder: string): Promise<Run> {
  const manifest = await readManifest(folder);
  const records = await readLines<RequestRecord>(path.join(folder, runFiles.records), recordProblem);
  const events = await readLines<RunEvent>(path.join(folder, runFiles.events), (value) =>
    fieldProblem<RunEvent>(value, eventKinds),
  );
  return { manifest, records, events };
}

/** Throws like `readRun`. */
export async function readManifest(folder: string): Promise<RunManifest> {
  const file = path.join(folder, runFiles.manifest);
  if (!existsSync(file)) throw notARun(folder);
  const value = await readJson(file);
  assertReadable(isMapping(value) ? value["formatVersion"] : undefined, file);
  return checked<RunManifest>(value, fieldProblem<RunManifest>(value, manifestKinds), file);
}

/** Throws like `readRun`. */
export async function readFindings(folder: string): Promise<readonly Finding[]> {
  await readManifest(folder);
  const file = path.join(folder, runFiles.findings);
  const value = await readJson(file);
  if (!Array.isArray(value)) throw damaged(file, "it is not an array");
  return value.map((each: unknown) => checked<Finding>(each, fieldProblem<Finding>(each, findingKinds), file));
}

/** Throws like `readRun`. */
export async function readTimeline(folder: string): Promise<Timeline> {
  await readManifest(folder);
  const file = path.join(folder, runFiles.timeline);
  const value = await readJson(file);
  return checked<Timeline>(value, fieldProblem<Timeline>(value, timelineKinds), file);
}

const manifestKinds: FieldKinds<RunManifest> = {
  formatVersion: "string",
  kind: "string",
  scenario: "string",
  scenarioText: "string",
  seed: "number",
  squallVersion: "string",
  engine: "string",
  gateway: "string",
  timeScale: "number",
  durationMs: "number",
  status: "string",
  phases: "array",
  providers: "array",
  prices: "string",
  profiles: "array",
};

const eventKinds: FieldKinds<RunEvent> = { atMs: "number", kind: "string", subject: "string", text: "string" };

const findingKinds: FieldKinds<Finding> = { analyzer: "string", id: "string", title: "string" };

const timelineKinds: FieldKinds<Timeline> = { widthMs: "number", bins: "array" };

/** A record has some 400. */
const lineCharactersMax = 1_000_000;

async function readLines<Line>(file: string, problemOf: (value: unknown) => string | undefined): Promise<Line[]> {
  const lines: Line[] = [];
  const bound: LineBound = {
    charactersMax: lineCharactersMax,
    tooLong: (lineNumber) => damaged(`${file}:${lineNumber}`, `a line has more than ${lineCharactersMax} characters`),
  };
  try {
    for await (const some of linesOf(textOf(file), bound)) {
      for (const line of some) {
        const where = `${file}:${lines.length + 1}`;
        if (lines.length === recordsMax) throw tooLong(file);
        const value = parseJson(line, where);
        lines.push(checked<Line>(value, problemOf(value), where));
      }
    }
  } catch (cause) {
    if (cause instanceof SquallError) throw cause;
    throw damaged(file, readProblem(cause, lines.length), cause);
  }
  return lines;
}

function textOf(file: string): AsyncIterable<string> {
  const raw = createReadStream(file);
  if (!file.endsWith(".gz")) return raw.setEncoding("utf8");
  const gunzip = createGunzip().setEncoding("utf8");
  // The error also comes out of the loop that reads; this callback only keeps it from being thrown twice.
  pipeline(raw, gunzip, () => undefined);
  return gunzip;
}

function readProblem(cause: unknown, linesRead: number): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "it is missing";
  if (code === "Z_BUF_ERROR") return `it breaks off after ${linesRead} whole lines`;
  return `${cause instanceof Error ? cause.message : String(cause)} (after ${linesRead} lines)`;
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw damaged(file, readProblem(cause, 0), cause);
  });
  return parseJson(text, file);
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(where, "it is not JSON", cause);
  }
}

/** The value as what it was checked to be: its own fields have the right kinds, those inside them are believed. */
function checked<Shape>(value: unknown, problem: string | undefined, where: string): Shape {
  if (problem !== undefined) throw damaged(where, problem);
  return value as Shape;
}

function notARun(folder: string): SquallError {
  if (!existsSync(folder))
    return invalidInput(`there is no folder ${folder}`, { code: "not-a-run", hint: "check the path" });
  const unfinished = Object.values(runFiles).find((name) => existsSync(path.join(folder, partialName(name))));
  return unfinished === undefined
    ? invalidInput(`${folder} holds no run: it has no ${runFiles.manifest}`, {
        code: "not-a-run",
        hint: "give a folder that was written with --out",
      })
    : invalidInput(`${folder} holds a run that was never finished (${partialName(unfinished)})`, {
        code: "not-a-run",
        hint: "it is still being written, or the program that wrote it was killed",
      });
}

function tooLong(file: string): SquallError {
  return invalidInput(`${file} holds ${tooManyRecords}`, {
    code: "run-too-large",
    hint: "read it on a machine with more memory, or with NODE_OPTIONS=--max-old-space-size=MEGABYTES",
  });
}

function damaged(where: string, problem: string, cause?: unknown): SquallError {
  return invalidInput(`${where} is damaged: ${problem}`, {
    code: "run-damaged",
    hint: `run it again; scenario and seed are in ${runFiles.manifest}, unless that is what is damaged`,
    cause,
  });
}
