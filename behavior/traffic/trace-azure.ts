/**
 * The Azure LLM inference traces (Azure/AzurePublicDataset, 2023 and later; Splitwise, ISCA 2024): CSV with the columns
 * TIMESTAMP (`2023-11-16 18:15:46.6805900`, up to seven decimals, UTC), ContextTokens and GeneratedTokens.
 */
import { quoted } from "../../core/legible.ts";
import { type Instant, msBetween, parseTimestamp } from "../timestamp.ts";
import { traceCollector, traceLineCharactersMax, type TraceParser } from "./trace-rows.ts";

const header = "TIMESTAMP,ContextTokens,GeneratedTokens";

const timestampForm = "2023-11-16 18:15:46.6805900";
const timestampPattern = /^[\d T:-]+(?:\.\d{1,7})?(?:Z|\+00:00)?$/;

export function azureTraceParser(name: string): TraceParser {
  const collector = traceCollector(name);
  let headerSeen = false;
  let first: Instant | undefined;

  const row = (text: string, lineNumber: number): void => {
    const fields = text.split(",");
    const [timestamp = "", input = "", output = ""] = fields.map((field) => field.trim());
    if (fields.length !== 3 || output === "") {
      const given = `has ${fields.filter((field) => field.trim() !== "").length} fields of 3 (${header})`;
      collector.problem(lineNumber, given, "a line cut short: was the file copied whole?");
      return;
    }
    const at = timestampPattern.test(timestamp) ? parseTimestamp(timestamp) : undefined;
    if (at === undefined) {
      collector.problem(lineNumber, `timestamp is ${quoted(timestamp)}; allowed is the form ${timestampForm}`);
      return;
    }
    first ??= at;
    collector.add(lineNumber, {
      atMs: msBetween(first, at),
      inputTokens: input,
      outputTokens: output,
      prefixBlocks: 0,
    });
  };

  return {
    line: (text, lineNumber) => {
      if (text.length > traceLineCharactersMax) {
        collector.problem(lineNumber, `longer than ${traceLineCharactersMax} characters`);
        return;
      }
      const trimmed = text.replace(/^\uFEFF/, "").trim();
      if (trimmed === "") return;
      if (headerSeen) {
        row(trimmed, lineNumber);
        return;
      }
      headerSeen = true;
      if (trimmed.replaceAll(" ", "") === header) return;
      collector.problem(lineNumber, `the header is ${quoted(trimmed)}; needed is ${header}`);
      if (parseTimestamp(trimmed.split(",")[0] ?? "") !== undefined) row(trimmed, lineNumber);
    },
    finish: collector.finish,
  };
}
