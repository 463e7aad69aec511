/**
 * The published traces, as they are: $SQUALL_DATA_DIR, by default ../shared/data beside the repository. Where the folder is
 * not there, these tests skip and say so.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { traceParser, type TraceRows } from "../../../behavior/traffic/trace.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const folder = path.resolve(root, process.env["SQUALL_DATA_DIR"] ?? "../shared/data");

/** Totals counted by other programs (awk, Python) over the same files. */
const published = [
  {
    format: "azure",
    file: "AzureLLMInferenceTrace_conv.csv",
    rows: 19_366,
    lastMs: 3_501_721.937,
    inputTokens: 22_361_870,
    outputTokens: 4_088_665,
    prefixBlocks: 0,
  },
  {
    format: "mooncake",
    file: "mooncake_conversation_trace.jsonl",
    rows: 12_031,
    lastMs: 3_536_999,
    inputTokens: 144_793_823,
    outputTokens: 4_122_048,
    prefixBlocks: 288_500,
  },
] as const;

function read(format: "azure" | "mooncake", file: string): TraceRows {
  const parser = traceParser(format, file);
  const lines = readFileSync(path.join(folder, file), "utf8").split("\n");
  lines.forEach((line, index) => parser.line(line, index + 1));
  return parser.finish();
}

const sum = (column: Uint32Array): number => column.reduce((total, value) => total + value, 0);

const missing = published.filter(({ file }) => !existsSync(path.join(folder, file)));
for (const { file } of missing)
  console.warn(`skipped: no ${file} in ${folder}; set SQUALL_DATA_DIR to the traces' folder`);

describe.each(published)("the published trace $file", (expected) => {
  it.skipIf(missing.includes(expected))("is read whole, to the last token", () => {
    const rows = read(expected.format, expected.file);
    expect(rows.count).toBe(expected.rows);
    expect(rows.atMs.at(-1)).toBe(expected.lastMs);
    expect(sum(rows.inputTokens)).toBe(expected.inputTokens);
    expect(sum(rows.outputTokens)).toBe(expected.outputTokens);
    expect(sum(rows.prefixBlocks)).toBe(expected.prefixBlocks);
  });
});
