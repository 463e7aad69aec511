/**
 * Writes a run folder: records and events as they come, the rest at the end.
 *
 * The folder holds a whole run or none: every file appears by a rename after all of them are on disk, the manifest last.
 * An interrupted run is finished like any other, with a manifest that says so. A run that replaces another leaves
 * that one alone until it is whole itself.
 */
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import { usageError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { invariant } from "../core/invariant.ts";
import type { RequestRecord } from "../core/record.ts";
import type { RunEvent, RunManifest } from "../core/run.ts";
import type { Timeline } from "../core/timeline.ts";
import { partialName, runFiles } from "./folder.ts";
import { makeFolder } from "./make-folder.ts";
import { asUserError, type OpenFile, openForWriting, type PartialFile, partialFile } from "./partial-file.ts";
import { recordLine, roundedMs } from "./record-line.ts";

export interface RunWriterOptions {
  /** Replace a run that is in the folder already. Other files there are never touched. */
  readonly overwrite?: boolean;
  /** Largest size of each file on disk; default `fileBytesMax`. */
  readonly bytesMax?: number;
  readonly openFile?: OpenFile;
}

export interface RunWriter {
  readonly folder: string;
  /** Resolves when there is room for more; rejects when the disk refuses. Await it now and then, or memory grows. */
  readonly record: (record: RequestRecord) => Promise<void>;
  readonly event: (event: RunEvent) => Promise<void>;
  /** Writes the rest and makes the folder whole. When it fails nothing of this run is left. */
  readonly finish: (rest: RunRest) => Promise<void>;
  /** Gives up: removes what was written. Safe to call twice, and after `finish` has failed. */
  readonly abort: (reason: string) => Promise<void>;
}

export interface RunRest {
  readonly manifest: RunManifest;
  readonly timeline: Timeline;
  readonly findings: readonly Finding[];
  readonly reportHtml: string;
}

/** 2 GiB: some 50 million records. */
export const fileBytesMax: number = 2 * 2 ** 30;

/**
 * Opens a folder for one run, making it if need be. Throws `run-exists` when it holds a run or one that is being written,
 * unless `overwrite`; `out-not-a-folder`, `disk-full` or `cannot-write` when it cannot be made.
 */
export async function openRunWriter(folder: string, options: RunWriterOptions = {}): Promise<RunWriter> {
  const made = await makeRunFolder(folder);
  if (options.overwrite !== true) assertNoRun(folder);
  const open = (name: string): PartialFile =>
    partialFile(path.join(folder, name), {
      gzip: name.endsWith(".gz"),
      bytesMax: options.bytesMax ?? fileBytesMax,
      openFile: options.openFile ?? openForWriting,
    });
  const records = open(runFiles.records);
  const events = open(runFiles.events);
  const files = [records, events];

  let over: string | undefined; // why nothing more is taken
  const stillOpen = (): void => invariant(over === undefined, `the run writer is closed: ${over ?? ""}`);
  const discardAll = async (reason: string): Promise<void> => {
    if (over !== undefined) return;
    over = reason;
    await Promise.all(files.map((file) => file.discard()));
    await removeEmpty(folder, made);
  };
  try {
    await Promise.all(files.map((file) => file.opened()));
  } catch (cause) {
    await discardAll("it could not be opened");
    throw cause;
  }
  return {
    folder,
    record: (record) => {
      stillOpen();
      return records.write(`${recordLine(record)}\n`);
    },
    event: (event) => {
      stillOpen();
      return events.write(`${JSON.stringify({ ...event, atMs: roundedMs(event.atMs) })}\n`);
    },
    finish: async (rest) => {
      stillOpen();
      try {
        for (const [name, text] of restTexts(rest)) {
          const file = open(name);
          files.push(file);
          await file.write(text);
        }
        await Promise.all(files.map((file) => file.close()));
        await rm(path.join(folder, runFiles.manifest), { force: true });
        for (const file of files) await file.publish();
      } catch (cause) {
        await discardAll("it could not be finished");
        throw asUserError(cause, folder, 0);
      }
      over = "it is finished";
    },
    abort: discardAll,
  };
}

/** Removes the run in a folder, whole or not, and the folder when nothing else is in it. Nothing happens if there is none. */
export async function removeRun(folder: string): Promise<void> {
  try {
    // The manifest first: what is left is no run.
    for (const name of Object.values(runFiles).toReversed()) {
      await rm(path.join(folder, name), { force: true });
      await rm(path.join(folder, partialName(name)), { force: true });
    }
  } catch (cause) {
    throw asUserError(cause, folder, 0);
  }
  await removeEmpty(folder, folder);
}

/** The manifest comes last, and so is published last. */
function restTexts(rest: RunRest): readonly (readonly [name: string, text: string])[] {
  return [
    [runFiles.timeline, `${JSON.stringify(rest.timeline)}\n`],
    [runFiles.findings, `${JSON.stringify(rest.findings, null, 2)}\n`],
    [runFiles.report, rest.reportHtml],
    [runFiles.manifest, `${JSON.stringify(rest.manifest, null, 2)}\n`],
  ];
}

async function makeRunFolder(folder: string): Promise<string | undefined> {
  try {
    return await makeFolder(path.resolve(folder));
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "EEXIST" || cause.code === "ENOTDIR")) {
      throw usageError(`${folder} cannot hold a run: there is a file where a folder is needed`, {
        code: "out-not-a-folder",
        hint: "give another folder with --out",
        cause,
      });
    }
    throw asUserError(cause, folder, 0);
  }
}

function assertNoRun(folder: string): void {
  const names = Object.values(runFiles);
  const found = [...names, ...names.map(partialName)].find((name) => existsSync(path.join(folder, name)));
  if (found === undefined) return;
  throw usageError(`${folder} holds a run already, or one that is being written (${found})`, {
    code: "run-exists",
    hint: "give another folder with --out, or remove this one",
  });
}

/** Removes the folders that were made for this run, as far as nobody has put anything else into them. */
async function removeEmpty(folder: string, made: string | undefined): Promise<void> {
  if (made === undefined) return;
  const top = path.resolve(made);
  for (let each = path.resolve(folder); each.startsWith(top); each = path.dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return;
    }
  }
}
