/**
 * The Azure LLM inference traces (Azure/AzurePublicDataset, 2023 and later; Splitwise, ISCA 2024): CSV with the columns
 * TIMESTAMP (`2023-11-16 18:15:46.6805900`, up to seven decimals, UTC), ContextTokens and GeneratedTokens.
 *
 * Time is kept in whole ticks of 0.1 microseconds from the first row on, so nothing is lost to a parser of dates that
 * stops at milliseconds.
 */
import { quoted } from "../../core/legible.ts";
import { traceCollector, traceLineCharactersMax, type TraceParser } from "./trace-rows.ts";

const header = "TIMESTAMP,ContextTokens,GeneratedTokens";
const ticksPerMs = 10_000;
const ticksPerDay = 24 * 3_600 * 1_000 * ticksPerMs;

const timestampPattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,7}))?(?:Z|\+00:00)?$/;
const timestampForm = "2023-11-16 18:15:46.6805900";

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
    const at = parseTimestamp(timestamp);
    if (at === undefined) {
      collector.problem(lineNumber, `timestamp is ${quoted(timestamp)}; allowed is the form ${timestampForm}`);
      return;
    }
    first ??= at;
    collector.add(lineNumber, {
      atMs: ticksBetween(first, at) / ticksPerMs,
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

/** A point in time in two whole numbers, because ticks since 1970 do not fit in one. */
interface Instant {
  readonly day: number;
  readonly tickOfDay: number;
}

function ticksBetween(from: Instant, to: Instant): number {
  return (to.day - from.day) * ticksPerDay + (to.tickOfDay - from.tickOfDay);
}

function parseTimestamp(text: string): Instant | undefined {
  const match = timestampPattern.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fractionTicks = Number((match[7] ?? "").padEnd(7, "0"));
  const tickOfDay = ((hour * 60 + minute) * 60 + second) * 1_000 * ticksPerMs + fractionTicks;
  return { day: daysFromCivil(year, month, day), tickOfDay };
}

function daysInMonth(year: number, month: number): number {
  const nextMonth = month === 12 ? daysFromCivil(year + 1, 1, 1) : daysFromCivil(year, month + 1, 1);
  return nextMonth - daysFromCivil(year, month, 1);
}

/** Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013). */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
