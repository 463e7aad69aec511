/**
 * The Mooncake traces (kvcache-ai/Mooncake, FAST'25 release): one JSON object per line with `timestamp` (milliseconds),
 * `input_length`, `output_length`, and `hash_ids`, one id per block of 512 prompt tokens; equal ids are equal prefixes.
 * An engine with a prefix cache (`behavior/latency/batching`) finds the blocks that it has read before.
 */
import { isMapping, type Mapping } from "../../core/raw-data.ts";
import { traceCollector, traceLineCharactersMax, type TraceParser, type TraceRows } from "./trace-rows.ts";

export function mooncakeTraceParser(name: string): TraceParser {
  const collector = traceCollector(name);
  let firstMs: number | undefined;
  return {
    line: (text, lineNumber) => {
      if (text.length > traceLineCharactersMax) {
        collector.problem(lineNumber, `longer than ${traceLineCharactersMax} characters`);
        return;
      }
      if (text.trim() === "") return;
      const row = parseObject(text);
      if (row === undefined) {
        const hint =
          lineNumber === 1
            ? "is it a trace of this format, JSON lines?"
            : "a line cut short: was the file copied whole?";
        collector.problem(lineNumber, "not a JSON object", hint);
        return;
      }
      const missing = ["timestamp", "input_length", "output_length"].filter((field) => typeof row[field] !== "number");
      if (missing.length > 0) {
        collector.problem(lineNumber, `${missing.join(", ")}: missing or not a number`);
        return;
      }
      const timestampMs = Number(row["timestamp"]);
      if (timestampMs < 0 || !Number.isFinite(timestampMs)) {
        collector.problem(lineNumber, `timestamp is ${timestampMs}; allowed is 0 or more milliseconds`);
        return;
      }
      firstMs ??= timestampMs;
      const blockNames = Array.isArray(row["hash_ids"]) ? row["hash_ids"] : [];
      collector.add(lineNumber, {
        atMs: timestampMs - firstMs,
        inputTokens: Number(row["input_length"]),
        outputTokens: Number(row["output_length"]),
        prefixBlocks: blockNames.length,
        blockNames,
      });
    },
    finish: collector.finish,
  };
}

function parseObject(text: string): Mapping | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Rows as lines of this format, which keeps all that rows have: times to the microsecond, tokens, names of blocks. */
export function mooncakeLines({ count, atMs, inputTokens, outputTokens, prefixBlocks, blockNames }: TraceRows): string {
  let named = 0;
  const lines: string[] = [];
  for (let row = 0; row < count; row++) {
    const blocks = prefixBlocks[row] ?? 0;
    const line = {
      timestamp: Number((atMs[row] ?? 0).toFixed(3)),
      input_length: inputTokens[row],
      output_length: outputTokens[row],
      ...(blockNames === undefined ? {} : { hash_ids: [...blockNames.subarray(named, named + blocks)] }),
    };
    named += blocks;
    lines.push(JSON.stringify(line));
  }
  return `${lines.join("\n")}\n`;
}
