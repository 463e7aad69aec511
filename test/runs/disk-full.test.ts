/**
 * A disk that fills up while records are written: /dev/full in place of the file where there is one (Linux), and a real file
 * system of 256 KiB where this user may mount one (root on Linux).
 */
import { execFileSync } from "node:child_process";
import { createWriteStream, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { OpenFile } from "../../runs/partial-file.ts";
import { openRunWriter, type RunWriter } from "../../runs/writer.ts";
import { exampleRecord, exampleRest, freshFolder } from "./example-run.ts";

const openOnFullDisk: OpenFile = (file) => createWriteStream(file.includes("records") ? "/dev/full" : file);
const smallDisk = mountSmallDisk();

describe("a full disk", () => {
  afterAll(() => {
    if (smallDisk !== undefined) execFileSync("umount", [smallDisk]);
  });

  it.skipIf(!existsSync("/dev/full"))("is told while records come in, with the file and what was written", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder, { openFile: openOnFullDisk });
    const failure = await fill(writer);
    expect(failure).toMatchObject({ code: "disk-full", exitCode: 5, hint: expect.stringContaining("--out") });
    expect(failure.message).toBe(
      `${path.join(folder, "records.ndjson.gz")} could not be written: the disk is full (after 0 bytes)`,
    );
    await expect(writer.record(exampleRecord())).rejects.toBe(failure);
    await expect(writer.finish(exampleRest)).rejects.toBe(failure);
    await writer.abort("the disk is full");
    expect(existsSync(folder)).toBe(false);
  });

  it.skipIf(!existsSync("/dev/full"))(
    "is told at the end when the little that was recorded never reached it",
    async () => {
      const folder = freshFolder();
      const writer = await openRunWriter(folder, { openFile: openOnFullDisk });
      await writer.record(exampleRecord());
      await expect(writer.finish(exampleRest)).rejects.toMatchObject({ code: "disk-full", exitCode: 5 });
      expect(existsSync(folder)).toBe(false);
    },
  );

  it.skipIf(smallDisk === undefined)("leaves nothing that looks like a run on a real file system", async () => {
    const folder = path.join(smallDisk ?? "", "out");
    const writer = await openRunWriter(folder);
    const failure = await fill(writer);
    expect(failure).toMatchObject({ code: "disk-full", exitCode: 5 });
    const bytes = Number(/after (\d+) bytes/.exec(failure.message)?.[1]);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
    await writer.abort("the disk is full");
    expect(readdirSync(smallDisk ?? "")).toEqual([]);
  });
});

/** Records, each different, until the disk refuses. */
async function fill(writer: RunWriter): Promise<Error> {
  for (let index = 0; index < 200_000; index++) {
    try {
      await writer.record({ ...exampleRecord(index), reason: String(Math.sin(index)) });
    } catch (cause) {
      if (cause instanceof Error) return cause;
    }
  }
  return expect.unreachable("the disk never filled up");
}

function mountSmallDisk(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), "squall-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "ignore" });
    return folder;
  } catch {
    return undefined;
  }
}
