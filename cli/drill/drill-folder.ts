/** What a drill leaves behind: what it was asked, its journal, and its review. */
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { invalidInput, usageError } from "../../core/errors.ts";
import { type ReplicaKind, replicaKinds } from "../../gateways/drivers.ts";
import type { CommandTool } from "../../runbooks/engine/runbook.ts";
import { type Verification, verifyJournal } from "../../runbooks/engine/journal.ts";
import { makeFolder } from "../../runs/make-folder.ts";
import { asUserError } from "../../runs/partial-file.ts";
import { unreadable } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";
import { readJournalLines } from "./journal-file.ts";

export const drillFiles = {
  asked: "drill.json",
  runbook: "runbook.md",
  journal: "journal.ndjson",
  result: "result.json",
  markdown: "review.md",
  page: "review.html",
  issues: "issues.md",
} as const;

/** How a drill was asked for, so that one that was killed goes on as it was. */
export interface Asked {
  readonly runbookFile: string;
  readonly scenarioFile?: string | undefined;
  readonly seed?: number | undefined;
  readonly world: "simulated" | "live";
  readonly mode: "drill" | "tabletop";
  readonly responder: "modelled" | "auto" | "person";
  /** Scenario milliseconds per wall millisecond, of a live one. */
  readonly timeScale?: number | undefined;
  /** What copies of the gateway are, of a live one; processes unless given. */
  readonly fleet?: ReplicaKind | undefined;
  /** The person's name; `responder` unless given. */
  readonly who?: string | undefined;
  /** By tool: how commands may begin. */
  readonly allowed?: Readonly<Partial<Record<CommandTool, readonly string[] | undefined>>> | undefined;
}

const askedSchema: z.ZodType<Asked> = z.object({
  runbookFile: z.string(),
  scenarioFile: z.string().optional(),
  seed: z.number().optional(),
  world: z.enum(["simulated", "live"]),
  mode: z.enum(["drill", "tabletop"]),
  responder: z.enum(["modelled", "auto", "person"]),
  timeScale: z.number().positive().optional(),
  fleet: z.enum(replicaKinds).optional(),
  who: z.string().optional(),
  allowed: z.partialRecord(z.enum(["shell", "kubectl", "http"]), z.array(z.string())).optional(),
});

/** Makes the folder, or takes one whose drill has ended. Throws `drill-unfinished`. */
export async function prepareFolder(folder: string, asked: Asked, runbookText: string): Promise<void> {
  await assertNoneUnfinished(folder);
  await makeFolder(folder).catch((cause: unknown) => {
    throw asUserError(cause, folder, 0);
  });
  await writeOutputFile(path.join(folder, drillFiles.asked), `${JSON.stringify(asked, undefined, 2)}\n`);
  // What an earlier drill came to says nothing of this one.
  const { result, markdown, page, issues } = drillFiles;
  await Promise.all([result, markdown, page, issues].map((name) => rm(path.join(folder, name), { force: true })));
  await writeOutputFile(path.join(folder, drillFiles.runbook), runbookText);
  await writeOutputFile(path.join(folder, drillFiles.journal), "");
}

async function assertNoneUnfinished(folder: string): Promise<void> {
  const lines = await readJournalLines(path.join(folder, drillFiles.journal)).catch((): readonly string[] => []);
  const verified = verifyJournal(lines);
  if (lines.length === 0 || (verified.whole && verified.ended)) return;
  throw usageError(`${folder} has a drill that did not end`, {
    code: "drill-unfinished",
    hint: `squall drill --resume ${folder} goes on with it; --out takes another folder`,
  });
}

/**
 * Whether nobody has changed a journal. Where the drill left its result beside it, the journal has to end as that says, which finds
 * lines that were cut off and journals that were written anew. Throws `file-unreadable`.
 */
export async function verifyJournalFile(file: string): Promise<Verification> {
  const verified = verifyJournal(await readJournalLines(file));
  const lastHash = await lastHashTold(path.join(path.dirname(file), drillFiles.result));
  if (!verified.whole || lastHash === undefined || lastHash === verified.lastHash) return verified;
  const why = `is not the end that ${drillFiles.result} beside it tells of: lines were cut off or added, or all were written anew`;
  return { whole: false, line: Math.max(1, verified.entries), why };
}

const resultSchema = z.object({ journal: z.object({ lastHash: z.string() }) });

/** Undefined where there is no result, or one of an older version. */
async function lastHashTold(file: string): Promise<string | undefined> {
  const result = resultSchema.safeParse(parsed(await readFile(file, "utf8").catch(() => "")));
  return result.success ? result.data.journal.lastHash : undefined;
}

/** Throws `file-unreadable` or `drill-malformed`. */
export async function readAsked(folder: string): Promise<{ readonly asked: Asked; readonly runbookText: string }> {
  const read = async (name: string): Promise<string> =>
    await readFile(path.join(folder, name), "utf8").catch((cause: unknown) => {
      throw unreadable(path.join(folder, name), cause);
    });
  const [askedText, runbookText] = [await read(drillFiles.asked), await read(drillFiles.runbook)];
  const asked = askedSchema.safeParse(parsed(askedText));
  if (asked.success) return { asked: asked.data, runbookText };
  throw invalidInput(`${path.join(folder, drillFiles.asked)} is not what squall drill writes`, {
    code: "drill-malformed",
    hint: "give the folder of a drill",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
