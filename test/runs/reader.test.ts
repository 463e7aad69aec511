import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineBound, linesOf } from "../../core/lines.ts";
import { readFindings, readRun, readTimeline } from "../../runs/reader.ts";
import { openRunWriter } from "../../runs/writer.ts";
import { exampleEvent, exampleRecord, exampleRest } from "./example-run.ts";
import { freshFolder } from "./fresh-folder.ts";

describe("readRun", () => {
  it("reads what a newer minor version wrote, and keeps what it does not know", async () => {
    const folder = await runFolder();
    const manifest = { ...exampleRest.manifest, formatVersion: "1.7", weather: "squally" };
    const record = { ...exampleRecord(), reasoningTokens: 12 };
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(manifest));
    writeFileSync(path.join(folder, "records.ndjson.gz"), gzipSync(JSON.stringify(record)));
    expect(await readRun(folder)).toEqual({ manifest, records: [record], events: [exampleEvent] });
  });

  it.each([
    { version: "2.0", shown: '"2.0"', hint: "major version that wrote it" },
    { version: "0.9", shown: '"0.9"', hint: "major version that wrote it" },
    { version: "one", shown: '"one"', hint: "is this the folder of a run?" },
    { version: undefined, shown: "missing", hint: "is this the folder of a run?" },
  ])("refuses format version $shown", async ({ version, shown, hint }) => {
    const folder = await runFolder();
    writeFileSync(
      path.join(folder, "manifest.json"),
      JSON.stringify({ ...exampleRest.manifest, formatVersion: version }),
    );
    await expect(readRun(folder)).rejects.toMatchObject({
      code: "run-format",
      exitCode: 3,
      message: `${path.join(folder, "manifest.json")} has formatVersion ${shown}; this Squall reads 1.x`,
      hint: expect.stringContaining(hint),
    });
  });

  it("says after how many records a truncated file breaks off", async () => {
    const folder = await runFolder();
    const file = path.join(folder, "records.ndjson.gz");
    const lines = Array.from({ length: 2_000 }, (_, index) => `${JSON.stringify(exampleRecord(index))}\n`);
    const whole = gzipSync(lines.join(""));
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    await expect(readRun(folder)).rejects.toMatchObject({
      code: "run-damaged",
      exitCode: 3,
      message: expect.stringMatching(/records\.ndjson\.gz is damaged: it breaks off after \d{3,4} whole lines$/),
    });
  });

  it.each([
    { why: "a line that is not JSON", line: '{"key":', says: "it is not JSON" },
    { why: "a record that is no object", line: "7", says: "it is not an object" },
    { why: "a missing field", line: { endMs: undefined }, says: '"endMs" is missing; it must be a number' },
    { why: "a field of another kind", line: { stream: "yes" }, says: '"stream" is "yes"; it must be a boolean' },
    { why: "an unknown outcome", line: { outcome: "meh" }, says: '"outcome" is "meh"; it must be one of ok, ' },
    { why: "an unknown phase", line: { phase: "toString" }, says: '"phase" is "toString"; it must be one of warmup, ' },
  ])("names file and line of $why", async ({ line, says }) => {
    const folder = await runFolder();
    const bad = typeof line === "string" ? line : JSON.stringify({ ...exampleRecord(), ...line });
    writeFileSync(path.join(folder, "records.ndjson.gz"), gzipSync(`${JSON.stringify(exampleRecord())}\n${bad}\n`));
    await expect(readRun(folder)).rejects.toMatchObject({
      code: "run-damaged",
      message: expect.stringContaining(`records.ndjson.gz:2 is damaged: ${says}`),
    });
  });

  it("refuses a file that is no gzip at all", async () => {
    const folder = await runFolder();
    writeFileSync(path.join(folder, "records.ndjson.gz"), "plain text");
    await expect(readRun(folder)).rejects.toMatchObject({ code: "run-damaged" });
  });

  it.each(["records.ndjson.gz", "events.ndjson"])("says that %s is missing", async (name) => {
    const folder = await runFolder();
    rmSync(path.join(folder, name));
    await expect(readRun(folder)).rejects.toThrow(`${path.join(folder, name)} is damaged: it is missing`);
  });

  it("refuses a manifest that lacks a field", async () => {
    const folder = await runFolder();
    const { seed: _seed, ...rest } = exampleRest.manifest;
    writeFileSync(path.join(folder, "manifest.json"), JSON.stringify(rest));
    await expect(readRun(folder)).rejects.toThrow('"seed" is missing; it must be a number');
  });

  it("tells a run that was never finished from a folder without one, and from none", async () => {
    const folder = freshFolder();
    await expect(readRun(folder)).rejects.toThrow(`there is no folder ${folder}`);
    mkdirSync(folder);
    await expect(readRun(folder)).rejects.toMatchObject({
      code: "not-a-run",
      message: expect.stringContaining("holds no run"),
    });
    const writer = await openRunWriter(folder);
    await writer.record(exampleRecord());
    await expect(readRun(folder)).rejects.toThrow("holds a run that was never finished (records.ndjson.gz.partial)");
    await writer.abort("test");
  });
});

describe("readFindings and readTimeline", () => {
  it("refuse files of another shape", async () => {
    const folder = await runFolder();
    writeFileSync(path.join(folder, "findings.json"), "{}");
    writeFileSync(path.join(folder, "timeline.json"), "[]");
    await expect(readFindings(folder)).rejects.toThrow("findings.json is damaged: it is not an array");
    await expect(readTimeline(folder)).rejects.toThrow("timeline.json is damaged: it is not an object");
  });
});

describe("linesOf", () => {
  it("yields the same lines however the text is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n") })), async (pieces) => {
        const lines = await all(linesOf(from(pieces), bound));
        const expected = pieces.join("").split("\n");
        expect(lines).toEqual(expected.at(-1) === "" ? expected.slice(0, -1) : expected);
      }),
      { seed: 3 },
    );
  });

  it("refuses a line that never ends before memory does", async () => {
    const endless = Array.from({ length: 20 }, () => "x".repeat(100_000));
    await expect(all(linesOf(from(["a\nb\n", ...endless]), bound))).rejects.toThrow("line 3 never ends");
  });
});

const bound: LineBound = { charactersMax: 1_000_000, tooLong: (line) => new Error(`line ${line} never ends`) };

async function all(lines: AsyncIterable<readonly string[]>): Promise<string[]> {
  const found: string[] = [];
  for await (const some of lines) found.push(...some);
  return found;
}

async function* from(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

async function runFolder(): Promise<string> {
  const folder = freshFolder();
  const writer = await openRunWriter(folder);
  await writer.record(exampleRecord());
  await writer.event(exampleEvent);
  await writer.finish(exampleRest);
  expect(readFileSync(path.join(folder, "records.ndjson.gz")).length).toBeGreaterThan(0);
  return folder;
}
