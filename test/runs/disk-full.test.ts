/**
 * A disk that fills up while records are written: /dev/full in place of the file where there is one (Linux), and a real file
 * system of 256 KiB where this user may mount one (root on Linux).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { OpenFile } from "../../runs/partial-file.ts";
import { openRunWriter } from "../../runs/writer.ts";
import { exampleRecord, exampleRest } from "./example-run.ts";
import { freshFolder } from "./fresh-folder.ts";

const openOnFullDisk: OpenFile = (file) => createWriteStream(file.includes("records") ? "/dev/full" : file);
const mayMount = process.platform === "linux" && spawnSync("unshare", ["--mount", "true"]).status === 0;

describe("a full disk", () => {
  it.skipIf(!existsSync("/dev/full"))("is told while records come in, with the file and what was written", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder, { openFile: openOnFullDisk });
    const failure = await failureWhileRecording(writer.record);
    expect(failure).toMatchObject({ code: "disk-full", exitCode: 5, hint: expect.stringContaining("--out") });
    expect(failure.message).toBe(`${path.join(folder, "records.ndjson.gz")} could not be written: the disk is full`);
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

  it.skipIf(!mayMount)("leaves nothing that looks like a run on a real file system", () => {
    const disk = freshFolder();
    mkdirSync(disk);
    const script = 'mount -t tmpfs -o size=256k tmpfs "$1" && exec "$2" "$3" "$1"';
    const writing = fileURLToPath(new URL("./small-disk-process.ts", import.meta.url));
    const told = execFileSync("unshare", ["--mount", "sh", "-c", script, "sh", disk, process.execPath, writing]);
    const { code, message, left } = JSON.parse(told.toString());
    expect(code).toBe("disk-full");
    const bytes = Number(/after (\d+) bytes/.exec(message)?.[1]);
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThanOrEqual(256 * 1024);
    expect(left).toEqual([]);
  });
});

async function failureWhileRecording(
  record: (record: ReturnType<typeof exampleRecord>) => Promise<void>,
): Promise<Error> {
  for (let index = 0; index < 100_000; index++) {
    try {
      await record(exampleRecord(index));
    } catch (cause) {
      if (cause instanceof Error) return cause;
    }
  }
  return expect.unreachable("the disk never filled up");
}
