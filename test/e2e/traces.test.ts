/** Traces that cannot be used: which code, and whether the message leads to the place. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { fixture, freshFolder, squall } from "./squall-process.ts";

const replay = fixture("replay.yaml");
const header = "TIMESTAMP,ContextTokens,GeneratedTokens";
const rows = [
  "2023-11-16 18:15:46.6805900,374,44",
  "2023-11-16 18:15:50.9951690,396,109",
  "2023-11-16 18:15:51.2225670,879,55",
] as const;

/** The problem's lines on standard error, for a trace of these lines. */
async function tell(lines: readonly string[]): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const file = path.join(freshFolder(), "trace.csv");
  writeFileSync(file, lines.join("\n"));
  const { code, stdout, stderr } = await squall(["simulate", replay, "--trace", file]);
  expect(stdout).toBe("");
  return { code, stderr };
}

describe("a trace", () => {
  it("that is whole is replayed", async () => {
    const file = path.join(freshFolder(), "trace.csv");
    writeFileSync(file, `${[header, ...rows].join("\n")}\n`);
    expect((await squall(["simulate", replay, "--trace", file])).stdout).toContain("3 requests");
  });

  it.each([
    {
      why: "with a torn last line",
      lines: [header, rows[0], rows[1], "2023-11-16 18:15:51.22"],
      told: "trace.csv:4: has 1 fields of 3",
    },
    {
      why: "with a negative token count",
      lines: [header, rows[0], "2023-11-16 18:15:50.9951690,-396,109"],
      told: "trace.csv:3: input tokens are -396; allowed is a whole number from 0 to ",
    },
    {
      why: "in which time runs backwards",
      lines: [header, rows[1], rows[0]],
      told: "trace.csv:3: time runs backwards: 4314.579 ms before line 2",
    },
    { why: "with a header only", lines: [header], told: "trace.csv:1: no rows" },
    { why: "that is empty", lines: [], told: "trace.csv:1: no rows" },
    {
      why: "in another format",
      lines: ['{"timestamp": 0, "input_length": 6755, "output_length": 500}'],
      told: "trace.csv:1: the header is ",
    },
  ])("$why is refused with 3, file and line", async ({ lines, told }) => {
    const { code, stderr } = await tell(lines);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^squall: trace trace\.csv cannot be used: 1 problem$/m);
    expect(stderr).toContain(`  ${told}`);
  });

  it("with several problems has them told together", async () => {
    const { stderr } = await tell([header, "2023-11-16 18:15:46.6805900,-1,44", "x", rows[2]]);
    expect(stderr).toContain("cannot be used: 2 problems");
    expect(stderr).toContain("trace.csv:2: ");
    expect(stderr).toContain("trace.csv:3: ");
  });

  it.each([
    { why: "that is not there", name: "gone.csv", told: "there is no such file" },
    { why: "that is a folder", name: "folder", told: "it is a folder" },
  ])("$why is refused with 3", async ({ name, told }) => {
    const home = freshFolder();
    mkdirSync(path.join(home, "folder"));
    const file = path.join(home, name);
    const { code, stderr } = await squall(["simulate", replay, "--trace", file]);
    expect(code).toBe(3);
    expect(stderr).toContain(`squall: cannot read ${file}: ${told}\nhint: check the path`);
  });

  it("is refused with 3 when its window holds no request, and says how long it lasts", async () => {
    const file = path.join(freshFolder(), "trace.csv");
    writeFileSync(file, [header, ...rows].join("\n"));
    const { code, stderr } = await squall(["simulate", replay, "--trace", file, "--window", "1h..2h"]);
    expect(code).toBe(3);
    expect(stderr).toContain("the trace is in the window from 1 h to 2 h; its last one comes at 4.54 s");
  });
});
