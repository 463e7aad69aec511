import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { differencesBetween, differencesInText } from "../../../cli/probe/compare.ts";
import { readFindings } from "../../../cli/probe/findings-file.ts";
import { findingsInText } from "../../../cli/probe/present.ts";
import { answer, findings } from "./answers.ts";

describe("differencesBetween", () => {
  it("finds none between two probes of the same gateway, jitter or not", () => {
    const later = findings({ probedAt: "2026-12-01T00:00:00.000Z", answers: [answer({ waitsMs: [1_700, 2_900] })] });
    expect(differencesBetween(findings(), later)).toEqual([]);
    expect(differencesInText([])).toBe("no difference");
  });

  it.each([
    { change: { status: 502 }, what: "openai: 500, status", before: "500", after: "502" },
    { change: { outcome: "ok" as const }, what: "openai: 500, outcome", before: "server-error", after: "ok" },
    { change: { looksHealthy: true }, what: "openai: 500, looks healthy", before: "false", after: "true" },
    { change: { finishReason: "stop" }, what: "openai: 500, finish reason", before: "none", after: "stop" },
    { change: { done: true }, what: "openai: 500, [DONE]", before: "false", after: "true" },
    { change: { errorTold: false }, what: "openai: 500, error told", before: "true", after: "false" },
    {
      change: { retryAfterPassedOn: true },
      what: "openai: 500, retry-after passed on",
      before: "false",
      after: "true",
    },
    { change: { calls: 2 }, what: "openai: 500, calls", before: "3", after: "2" },
    { change: { waitsMs: [1_100, 4_000] }, what: "openai: 500, wait 2", before: "2.0 s", after: "4.0 s" },
  ])("tells a change of $what", ({ change, what, before, after }) => {
    const differences = differencesBetween(findings(), findings({ answers: [answer(change)] }));
    expect(differences).toEqual([{ what, before, after }]);
  });

  it("tells of a question that only one was asked", () => {
    const other = findings({ answers: [answer({ question: "503" })] });
    expect(differencesBetween(findings(), other)).toEqual([
      { what: "openai: 500", before: "asked", after: "not asked" },
      { what: "openai: 503", before: "not asked", after: "asked" },
    ]);
  });

  it("tells of another pause and of another habit", () => {
    const { pauses, habits } = findings();
    const other = findings({
      pauses: pauses.map((pause) => ({ ...pause, longestMs: 60_000 })),
      habits: { ...habits, drains: true, headersPassedOn: ["x-request-id"] },
    });
    expect(differencesInText(differencesBetween(findings(), other)).split("\n")).toEqual([
      "pause after 401: 5.1 s -> 60.0 s",
      "headers passed on:  -> x-request-id",
      "drains: false -> true",
    ]);
  });
});

describe("findings", () => {
  it("are read back from their file as they were", async () => {
    const file = temporaryFile(JSON.stringify(findings()));
    expect(await readFindings(file)).toEqual(findings());
  });

  it.each(["{", '{"format":1}', '{"format":2}'])("are refused when the file holds %s", async (text) => {
    await expect(readFindings(temporaryFile(text))).rejects.toMatchObject({ code: "findings-invalid", exitCode: 3 });
  });

  it("say in a table what client and provider saw, and in words what else it does", () => {
    const told = findings({
      answers: [
        answer(),
        answer({
          question: "cut stream",
          stream: true,
          status: 200,
          outcome: "cut-stream",
          errorTold: false,
          calls: 1,
        }),
        answer({
          question: "wrong usage",
          status: 200,
          outcome: "ok",
          looksHealthy: true,
          usageTold: 240,
          usageTrue: 24,
        }),
      ],
    });
    const lines = findingsInText(told, 140).split("\n");
    expect(lines.join("\n")).toMatch(/500 +500 server-error +3 calls: \+1\.1 \+2\.0 s +3\.3 s/);
    expect(lines.join("\n")).toMatch(/cut stream +200 cut-stream, no error told +1 call/);
    expect(lines.join("\n")).toMatch(/wrong usage +200 looks healthy .*240 tokens told, 24 true/);
    expect(lines.join("\n")).toContain("answers 401 is left alone for 5.08 s: 14 of 16 requests were answered 429");
    expect(lines).toContain("no   lets a stream end after SIGTERM");
  });
});

function temporaryFile(text: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-findings-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "findings.json");
  writeFileSync(file, text);
  return file;
}
