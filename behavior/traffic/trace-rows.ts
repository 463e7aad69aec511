/**
 * Recorded traffic: the rows of a trace, and the contract that every trace format keeps.
 *
 * A parser is fed one line after the other, so that the command line can stream a file of any size; rows are kept in
 * columns of numbers, some twenty bytes a row. All that is wrong with a file is gathered, up to a bound, before it is told.
 */
import { invalidInput, type Problem, type SquallError } from "../../core/errors.ts";
import { quoted } from "../../core/legible.ts";
import type { Ms } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import { promptTokensMax } from "./request-mix.ts";

/** Columns of equal length `count`, in order of time. */
export interface TraceRows {
  readonly count: number;
  /** Since the first row. Never decreases. */
  readonly atMs: Float64Array;
  readonly inputTokens: Uint32Array;
  readonly outputTokens: Uint32Array;
  /** Blocks of the prompt that were hashed for prefix caching (Mooncake); 0 where the format has none. */
  readonly prefixBlocks: Uint32Array;
  /** Names of all those blocks, row after row; equal names are equal prefixes. Left out where the format has none. */
  readonly blockNames?: Uint32Array;
}

export interface TraceParser {
  /** Takes the next line, without its line break. Lines count from 1. Throws `trace-malformed` at `traceProblemsMax` problems. */
  readonly line: (text: string, lineNumber: number) => void;
  /** Ends the file. Throws `trace-malformed` if anything was wrong with it. */
  readonly finish: () => TraceRows;
}

/** Rows of one trace held in memory: 400 MB of columns. */
export const traceRowsMax = 20_000_000;

/** Problems of one file that are told together. */
export const traceProblemsMax = 20;

/** A line longer than this is no row of any format: the longest of Mooncake's is under 2,000 characters. */
export const traceLineCharactersMax = 1_048_576;

/** A row as a file has it: token counts are text in CSV and numbers in JSON. */
export interface TraceRow {
  readonly atMs: Ms;
  readonly inputTokens: number | string;
  readonly outputTokens: number | string;
  readonly prefixBlocks: number;
  /** As many as `prefixBlocks`. */
  readonly blockNames?: readonly unknown[];
}

/** Gathers rows and problems of one file; the formats only have to read a line. */
export interface TraceCollector {
  readonly add: (lineNumber: number, row: TraceRow) => void;
  readonly problem: (lineNumber: number, message: string, hint?: string) => void;
  readonly finish: () => TraceRows;
}

export function traceCollector(name: string): TraceCollector {
  const columns = growingColumns();
  const names = growingNames();
  const problems: Problem[] = [];
  let latest: { readonly atMs: Ms; readonly lineNumber: number } | undefined;

  const problem = (lineNumber: number, message: string, hint?: string): void => {
    problems.push({
      path: `${name}:${lineNumber}`,
      message,
      line: lineNumber,
      ...(hint === undefined ? {} : { hint }),
    });
    if (problems.length >= traceProblemsMax) throw malformed(name, problems, "; there may be more");
  };

  return {
    problem,
    add: (lineNumber, row) => {
      if (columns.count() >= traceRowsMax) {
        problem(lineNumber, `more than ${traceRowsMax} rows`, "replay a part of the trace: cut the file first");
        throw malformed(name, problems, "");
      }
      if (latest !== undefined && row.atMs < latest.atMs) {
        const backMs = Number((latest.atMs - row.atMs).toFixed(4));
        problem(
          lineNumber,
          `time runs backwards: ${backMs} ms before line ${latest.lineNumber}`,
          "sort the trace by time",
        );
        return;
      }
      latest = { atMs: row.atMs, lineNumber };
      const inputTokens = wholeTokens(row.inputTokens);
      const outputTokens = wholeTokens(row.outputTokens);
      if (inputTokens === undefined) problem(lineNumber, notTokens("input", row.inputTokens));
      if (outputTokens === undefined) problem(lineNumber, notTokens("output", row.outputTokens));
      if (inputTokens === undefined || outputTokens === undefined) return;
      if (row.blockNames !== undefined && !names.push(row.blockNames)) {
        problem(lineNumber, `hash_ids hold something that is no whole number from 0 to ${nameMax}`);
        return;
      }
      columns.push({ ...row, inputTokens, outputTokens });
    },
    finish: () => {
      if (problems.length === 0 && columns.count() === 0) problem(1, "no rows", "a trace needs at least one request");
      if (problems.length > 0) throw malformed(name, problems, "");
      return { ...columns.rows(), ...names.all() };
    },
  };
}

function wholeTokens(given: number | string): number | undefined {
  const tokens = typeof given === "number" ? given : /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  return Number.isInteger(tokens) && tokens >= 0 && tokens <= promptTokensMax ? tokens : undefined;
}

function notTokens(what: string, given: number | string): string {
  const shown = Number.isNaN(Number(given)) ? quoted(String(given)) : String(given);
  return `${what} tokens are ${shown}; allowed is a whole number from 0 to ${promptTokensMax}`;
}

function malformed(name: string, problems: readonly Problem[], more: string): SquallError {
  const count = plural(problems.length, "problem");
  return invalidInput(`trace ${name} cannot be used: ${count}${more}`, { code: "trace-malformed", problems });
}

/** The largest name of a block: four bytes. */
const nameMax = 2 ** 32 - 1;

/** Names of blocks, of all rows; at most sixteen times as many as there may be rows. */
function growingNames(): {
  /** False: one of them is no name, and none was taken. */
  readonly push: (names: readonly unknown[]) => boolean;
  readonly all: () => Pick<TraceRows, "blockNames">;
} {
  let names = new Uint32Array(0);
  let count = 0;
  return {
    push: (more) => {
      if (count + more.length > names.length) {
        const larger = new Uint32Array(Math.max(1_024, 2 * (count + more.length)));
        larger.set(names);
        names = larger;
      }
      const isName = (name: unknown): name is number =>
        typeof name === "number" && Number.isInteger(name) && name >= 0 && name <= nameMax;
      if (!more.every(isName)) return false;
      names.set(more, count);
      count += more.length;
      return true;
    },
    all: () => (count === 0 ? {} : { blockNames: names.slice(0, count) }),
  };
}

/** Typed columns that double when full. */
function growingColumns(): {
  readonly count: () => number;
  readonly push: (row: Readonly<Record<Exclude<keyof TraceRows, "count" | "blockNames">, number>>) => void;
  readonly rows: () => TraceRows;
} {
  let rows: TraceRows = emptyRows(1_024);
  let count = 0;
  return {
    count: () => count,
    push: (row) => {
      if (count === rows.atMs.length) rows = copyRows(rows, emptyRows(Math.min(traceRowsMax, 2 * count)));
      rows.atMs[count] = row.atMs;
      rows.inputTokens[count] = row.inputTokens;
      rows.outputTokens[count] = row.outputTokens;
      rows.prefixBlocks[count] = row.prefixBlocks;
      count++;
    },
    rows: () => ({
      count,
      atMs: rows.atMs.slice(0, count),
      inputTokens: rows.inputTokens.slice(0, count),
      outputTokens: rows.outputTokens.slice(0, count),
      prefixBlocks: rows.prefixBlocks.slice(0, count),
    }),
  };
}

function emptyRows(capacity: number): TraceRows {
  return {
    count: 0,
    atMs: new Float64Array(capacity),
    inputTokens: new Uint32Array(capacity),
    outputTokens: new Uint32Array(capacity),
    prefixBlocks: new Uint32Array(capacity),
  };
}

function copyRows(from: TraceRows, to: TraceRows): TraceRows {
  to.atMs.set(from.atMs);
  to.inputTokens.set(from.inputTokens);
  to.outputTokens.set(from.outputTokens);
  to.prefixBlocks.set(from.prefixBlocks);
  return to;
}
