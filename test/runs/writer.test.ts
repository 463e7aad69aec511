import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFindings, readRun, readTimeline } from "../../runs/reader.ts";
import { openRunWriter } from "../../runs/writer.ts";
import { exampleEvent, exampleRecord, exampleRest, records } from "./example-run.ts";
import { freshFolder } from "./fresh-folder.ts";

const wholeRun = [
  "events.ndjson",
  "findings.json",
  "manifest.json",
  "records.ndjson.gz",
  "report.html",
  "timeline.json",
];

describe("openRunWriter", () => {
  it("writes a run that reads back as it was", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(records(), { maxLength: 20 }), async (given) => {
        const folder = freshFolder();
        const writer = await openRunWriter(folder);
        for (const record of given) await writer.record(record);
        await writer.event(exampleEvent);
        await writer.finish(exampleRest);
        expect(await readRun(folder)).toEqual({
          manifest: exampleRest.manifest,
          records: given,
          events: [exampleEvent],
        });
      }),
      { seed: 11, numRuns: 25 },
    );
  });

  it("leaves the six files of a run, and nothing partial", async () => {
    const folder = await finishedRun();
    expect(readdirSync(folder).toSorted()).toEqual(wholeRun);
    expect(readFileSync(path.join(folder, "report.html"), "utf8")).toBe(exampleRest.reportHtml);
    expect(await readFindings(folder)).toEqual(exampleRest.findings);
    expect(await readTimeline(folder)).toEqual(exampleRest.timeline);
  });

  it("keeps milliseconds to three decimals, and a record's fields in one order", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    const { key, ...others } = exampleRecord();
    await writer.record({ ...others, sentMs: 0.123_456, key });
    await writer.event({ ...exampleEvent, atMs: 1 / 3 });
    await writer.finish(exampleRest);
    const line = gunzipSync(readFileSync(path.join(folder, "records.ndjson.gz"))).toString();
    expect(line.startsWith('{"key":"u0.s0.t0","phase":"load",')).toBe(true);
    expect(JSON.parse(line).sentMs).toBe(0.123);
    expect(readFileSync(path.join(folder, "events.ndjson"), "utf8")).toContain('"atMs":0.333,');
  });

  it("gives equal runs equal bytes, however their records came in", async () => {
    const given = Array.from({ length: 3_000 }, (_, index) => exampleRecord(index));
    const [patient, hasty] = await Promise.all([openRunWriter(freshFolder()), openRunWriter(freshFolder())]);
    for (const record of given) await patient.record(record);
    await Promise.all(given.map((record) => hasty.record(record)));
    await Promise.all([patient.finish(exampleRest), hasty.finish(exampleRest)]);
    for (const name of wholeRun) {
      expect(readFileSync(path.join(hasty.folder, name))).toEqual(readFileSync(path.join(patient.folder, name)));
    }
  });

  it("makes a caller wait when the disk is slower than the records, and loses none", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    let last = Promise.resolve();
    for (let index = 0; index < 20_000; index++) last = writer.record(exampleRecord(index));
    expect(await Promise.race([last, Promise.resolve("waiting")])).toBe("waiting");
    await last;
    await writer.finish(exampleRest);
    expect((await readRun(folder)).records).toHaveLength(20_000);
  });

  it("shows no file under its own name before the end", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    await writer.record(exampleRecord());
    expect(readdirSync(folder).filter((name) => !name.endsWith(".partial"))).toEqual([]);
    await writer.abort("test");
  });

  it("finishes an interrupted run like any other, and its manifest says so", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    await writer.record(exampleRecord());
    await writer.finish({ ...exampleRest, manifest: { ...exampleRest.manifest, status: "interrupted" } });
    const run = await readRun(folder);
    expect(run.manifest.status).toBe("interrupted");
    expect(run.records).toHaveLength(1);
  });

  it("removes all it has written when it is aborted, folders it made included", async () => {
    const folder = freshFolder();
    const nested = path.join(folder, "a", "b");
    const writer = await openRunWriter(nested);
    await writer.record(exampleRecord());
    await writer.abort("Ctrl-C");
    await writer.abort("again");
    expect(existsSync(folder)).toBe(false);
    expect(() => writer.record(exampleRecord())).toThrow("the run writer is closed: Ctrl-C");
  });

  it("never removes what others have put into the folder", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    writeFileSync(path.join(folder, "notes.txt"), "mine");
    await writer.abort("test");
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  it("refuses a folder that holds a run, or one that is being written", async () => {
    const finished = await finishedRun();
    await expect(openRunWriter(finished)).rejects.toMatchObject({ code: "run-exists", exitCode: 2 });
    const folder = freshFolder();
    const writer = await openRunWriter(folder);
    await expect(openRunWriter(folder)).rejects.toThrow("(records.ndjson.gz.partial)");
    await writer.abort("test");
  });

  it("replaces a run when asked to, but only once the new one is whole", async () => {
    const folder = await finishedRun();
    const given_up = await openRunWriter(folder, { overwrite: true });
    await given_up.record(exampleRecord(1));
    await given_up.abort("test");
    expect((await readRun(folder)).records).toEqual([exampleRecord(0)]);
    const writer = await openRunWriter(folder, { overwrite: true });
    await writer.record(exampleRecord(2));
    await writer.finish(exampleRest);
    expect((await readRun(folder)).records).toEqual([exampleRecord(2)]);
    expect(readdirSync(folder).toSorted()).toEqual(wholeRun);
  });

  it("leaves no manifest beside files of two runs when it breaks down while it replaces one", async () => {
    const folder = await finishedRun();
    rmSync(path.join(folder, "report.html"));
    mkdirSync(path.join(folder, "report.html"));
    const writer = await openRunWriter(folder, { overwrite: true });
    await expect(writer.finish(exampleRest)).rejects.toMatchObject({ code: "cannot-write", exitCode: 5 });
    await expect(readRun(folder)).rejects.toMatchObject({ code: "not-a-run" });
  });

  it("refuses a path where a file is in the way", async () => {
    const folder = freshFolder();
    writeFileSync(folder, "");
    for (const where of [folder, path.join(folder, "below")]) {
      await expect(openRunWriter(where)).rejects.toMatchObject({ code: "out-not-a-folder", exitCode: 2 });
    }
  });

  it.skipIf(!existsSync("/proc/self"))("gives up at once where no folder can be made, as below /proc", async () => {
    const failure = { code: "cannot-write", exitCode: 5, message: expect.stringContaining("cannot be made") };
    await expect(openRunWriter("/proc/squall-run/nested")).rejects.toMatchObject(failure);
  });

  it("stops at the size limit instead of filling the disk", async () => {
    const folder = freshFolder();
    const writer = await openRunWriter(folder, { bytesMax: 1_000 });
    const failure = await untilRefused(writer.record);
    expect(failure).toMatchObject({ code: "file-too-large", exitCode: 5 });
    expect(failure.message).toBe(`${path.join(folder, "records.ndjson.gz")} has reached its limit of 1000 bytes`);
    await writer.abort("test");
    expect(existsSync(folder)).toBe(false);
  });

  it("says that it cannot write when a file may not be made", async () => {
    const folder = freshFolder();
    mkdirSync(folder);
    const openFile = (): ReturnType<typeof createWriteStream> => createWriteStream(path.join(folder, "gone", "x"));
    await expect(openRunWriter(folder, { openFile })).rejects.toMatchObject({
      code: "cannot-write",
      exitCode: 5,
      message: expect.stringContaining("could not be written: its folder is not there"),
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

async function finishedRun(): Promise<string> {
  const folder = freshFolder();
  const writer = await openRunWriter(folder);
  await writer.record(exampleRecord());
  await writer.finish(exampleRest);
  return folder;
}

/** Records until the writer refuses. */
async function untilRefused(record: (record: ReturnType<typeof exampleRecord>) => Promise<void>): Promise<Error> {
  for (let index = 0; index < 100_000; index++) {
    try {
      await record(exampleRecord(index));
    } catch (cause) {
      if (cause instanceof Error) return cause;
    }
  }
  return expect.unreachable("the writer took everything");
}
