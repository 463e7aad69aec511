/**
 * Any table of requests: CSV with a header that names a time, prompt tokens and output tokens in one of the usual ways.
 *
 * A time is a timestamp (`2026-11-02T10:00:00.123Z`) or a number, whose unit stands in the column's name (`arrival_ms`,
 * `start_s`) or is given.
 */
import { invalidInput } from "../../core/errors.ts";
import { quoted } from "../../core/legible.ts";
import { csvReader } from "../csv.ts";
import { callReader, numberOf, timeUnitOf, type TimeUnit } from "../latency/logs/call-fields.ts";
import { type Instant, msBetween, parseTimestamp } from "../timestamp.ts";
import { traceCollector, type TraceParser } from "./trace-rows.ts";

const timeNames = [
  "timestamp",
  "time",
  "start",
  "start_time",
  "started_at",
  "created_at",
  "arrival",
  "arrival_time",
  "arrived_at",
  "request_time",
  "ts",
];

const msPer: Readonly<Record<TimeUnit, number>> = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };

export function csvTraceParser(name: string, unit: TimeUnit | undefined): TraceParser {
  const collector = traceCollector(name);
  const reader = csvReader();
  // Only its tokens are read; a duration without a unit is none of a trace's business.
  const tokensOf = callReader("ms");
  let header: readonly string[] | undefined;
  let time: { readonly column: number; readonly unit: TimeUnit | undefined } | undefined;
  let first: Instant | number | undefined;

  const row = (fields: readonly string[], columns: readonly string[], lineNumber: number): void => {
    if (fields.length !== columns.length) {
      return collector.problem(lineNumber, `has ${fields.length} fields of ${columns.length}`);
    }
    const written = fields[time?.column ?? 0] ?? "";
    const at = numberOf(written) ?? parseTimestamp(written);
    if (at === undefined)
      return collector.problem(lineNumber, `time is ${quoted(written)}; allowed is a timestamp or a number`);
    if (typeof at === "number" && time?.unit === undefined) throw noUnit(name, columns[time?.column ?? 0] ?? "");
    first ??= at;
    if (typeof at !== typeof first) return collector.problem(lineNumber, "mixes timestamps and numbers");
    const { inputTokens, outputTokens } = tokensOf(
      Object.fromEntries(columns.map((key, index) => [key, fields[index]])),
    );
    if (inputTokens === undefined || outputTokens === undefined) {
      return collector.problem(
        lineNumber,
        "has no token counts; needed are columns such as prompt_tokens and completion_tokens",
      );
    }
    collector.add(lineNumber, {
      atMs: sinceMs(first, at, time?.unit ?? "ms"),
      inputTokens,
      outputTokens,
      prefixBlocks: 0,
    });
  };

  return {
    line: (text, lineNumber) => {
      const fields = reader.line(text.replace(/^\uFEFF/, "").replace(/\r$/, ""));
      if (fields === undefined || fields.every((each) => each === "")) return;
      if (header !== undefined) return row(fields, header, lineNumber);
      header = fields;
      const found = fields.flatMap((key, column) => {
        const named = timeUnitOf(key, timeNames);
        return named === undefined ? [] : [{ column, unit: named === "none" ? unit : named }];
      });
      time = found[0];
      if (time === undefined) throw noTime(name, fields);
    },
    finish: collector.finish,
  };
}

function sinceMs(first: Instant | number, at: Instant | number, unit: TimeUnit): number {
  if (typeof first === "number" && typeof at === "number") return (at - first) * msPer[unit];
  return typeof first === "number" || typeof at === "number" ? Number.NaN : msBetween(first, at);
}

function noTime(name: string, header: readonly string[]): Error {
  return invalidInput(`trace ${name} has no column of times; it has ${header.map((each) => quoted(each)).join(", ")}`, {
    code: "trace-malformed",
    hint: `call it ${timeNames.slice(0, 3).join(", ")} or arrival_ms`,
  });
}

function noUnit(name: string, column: string): Error {
  return invalidInput(`trace ${name}: ${column} has no unit: are those seconds or milliseconds?`, {
    code: "trace-malformed",
    hint: `add --unit s or --unit ms, or call it ${column}_ms`,
  });
}
