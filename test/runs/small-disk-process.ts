/**
 * Records onto the small file system at the given folder until it refuses, aborts, and prints what came of it. Run by
 * disk-full.test.ts in a mount namespace of its own, so that the file system goes when this process does.
 */
import { readdirSync } from "node:fs";
import path from "node:path";
import { SquallError } from "../../core/errors.ts";
import { openRunWriter, type RunWriter } from "../../runs/writer.ts";
import { exampleRecord } from "./example-run.ts";

const disk = process.argv[2] ?? "";
const writer = await openRunWriter(path.join(disk, "out"));
const failure = await fill(writer);
await writer.abort("the disk is full");
process.stdout.write(JSON.stringify({ ...failure, left: readdirSync(disk) }));

/** Records, each different, until the disk refuses. */
async function fill(into: RunWriter): Promise<{ readonly code: string; readonly message: string } | undefined> {
  for (let index = 0; index < 200_000; index++) {
    try {
      await into.record({ ...exampleRecord(index), reason: String(Math.sin(index)) });
    } catch (cause) {
      return cause instanceof SquallError ? { code: cause.code, message: cause.message } : undefined;
    }
  }
  return undefined;
}
