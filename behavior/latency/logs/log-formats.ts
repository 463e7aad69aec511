/**
 * Logs of calls by the name of their format: `csv`, `jsonl`, `litellm` (as CSV or JSON), `otel` (OTLP JSON).
 *
 * A parser is fed a line at a time, so that a file of any size can be streamed. JSON may also be one document over many lines:
 * then it is kept until its end, up to a bound.
 */
import { invalidInput } from "../../../core/errors.ts";
import { isMapping, type Mapping } from "../../../core/raw-data.ts";
import { csvReader } from "../../csv.ts";
import { type LatencyLog, type SampleCollector, sampleCollector } from "../fit/sample.ts";
import { callReader, type TimeUnit } from "./call-fields.ts";
import { liteLlmCall } from "./litellm.ts";
import { otelCalls } from "./otel.ts";
import { sessionCalls } from "./session.ts";

export const latencyLogFormats = ["csv", "jsonl", "litellm", "otel"] as const;
export type LatencyLogFormat = (typeof latencyLogFormats)[number];

export interface LatencyLogOptions {
  /** Unless given: CSV, or JSON of whatever its first object looks like. */
  readonly format?: LatencyLogFormat | "session" | undefined;
  /** Only calls of this model. */
  readonly model?: string | undefined;
  /** Of times whose names do not say it. */
  readonly unit?: TimeUnit | undefined;
}

export interface LatencyLogParser {
  /** The next line, without its break. */
  readonly line: (text: string) => void;
  /** Throws `latency-log-unreadable` when nothing in it could be understood. */
  readonly finish: () => LatencyLog;
}

/** Characters of a line, and of a JSON document that goes over many. */
export const logLineCharactersMax = 67_108_864;

export function latencyLogParser(name: string, options: LatencyLogOptions): LatencyLogParser {
  const collector = sampleCollector(options.model);
  let rows: Rows | undefined;
  return {
    line: (text) => {
      if (text.trim() === "" && rows === undefined) return;
      rows ??= isJson(text) ? jsonRows(name, collector, options) : csvRows(name, collector, options);
      rows.line(text);
    },
    finish: () => {
      rows?.finish();
      if (rows !== undefined && rows.understood() > 0) return collector.finish();
      throw unreadable(name, "nothing in it is a call", "needed are CSV with a header, JSON lines, or OTLP JSON");
    },
  };
}

interface Rows {
  readonly line: (text: string) => void;
  readonly finish: () => void;
  readonly understood: () => number;
}

function isJson(firstLine: string): boolean {
  return /^\uFEFF?\s*[[{]/.test(firstLine);
}

function csvRows(name: string, collector: SampleCollector, options: LatencyLogOptions): Rows {
  const reader = csvReader();
  const add = rowAdder(collector, options);
  let header: readonly string[] | undefined;
  let understood = 0;
  return {
    understood: () => understood,
    line: (text) => {
      const fields = reader.line(header === undefined ? text.replace(/^\uFEFF/, "") : text.replace(/\r$/, ""));
      if (fields === undefined || fields.every((each) => each === "")) return;
      if (header === undefined) {
        header = fields.map((each) => each.replace(/\r$/, ""));
        return;
      }
      if (fields.length === header.length) {
        understood++;
        add(Object.fromEntries(header.map((key, index) => [key, fields[index]])));
      } else {
        collector.leaveOut("lines with another number of fields than the header");
      }
    },
    finish: () => {
      if (reader.isOpen()) throw unreadable(name, "its last quoted field is not closed", "was the file copied whole?");
    },
  };
}

function jsonRows(name: string, collector: SampleCollector, options: LatencyLogOptions): Rows {
  const add = rowAdder(collector, options);
  let understood = 0;
  /** A document over many lines, as far as it has come; undefined: one object per line. */
  let document: string[] | undefined;
  let characters = 0;
  const take = (value: unknown): void => {
    for (const row of Array.isArray(value) ? value : [value]) {
      if (!isMapping(row)) collector.leaveOut("not JSON objects");
      else {
        understood++;
        add(row);
      }
    }
  };
  return {
    understood: () => understood,
    line: (text) => {
      if (document === undefined) {
        if (text.trim() === "") return;
        const value = parsed(text);
        if (value !== undefined) return take(value);
        if (understood > 0) return collector.leaveOut("lines that are no JSON");
        document = [];
      }
      characters += text.length;
      if (characters > logLineCharactersMax) {
        const hint = "write one object per line: jq -c '.[]' FILE";
        throw unreadable(name, `it is one JSON document of more than ${logLineCharactersMax} characters`, hint);
      }
      document.push(text);
    },
    finish: () => {
      if (document === undefined) return;
      const value = parsed(document.join("\n"));
      if (value === undefined) throw unreadable(name, "it is no JSON", "was the file copied whole?");
      take(value);
    },
  };
}

/** Reads each row as its format has it; one that was not told goes by what the first row looks like. */
function rowAdder(collector: SampleCollector, options: LatencyLogOptions): (row: Mapping) => void {
  const read = callReader(options.unit);
  let format = options.format;
  return (row) => {
    format ??= "resourceSpans" in row ? "otel" : "completionStartTime" in row ? "litellm" : "jsonl";
    if (format === "otel") for (const call of otelCalls(row)) collector.add(call);
    else if (format === "session") for (const call of sessionCalls(row, read)) collector.add(call);
    else collector.add(format === "litellm" ? liteLlmCall(row) : read(row));
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function unreadable(name: string, why: string, hint: string): Error {
  return invalidInput(`${name} cannot be read as a log of calls: ${why}`, { code: "latency-log-unreadable", hint });
}
