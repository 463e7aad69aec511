/**
 * Instants as logs write them, as exact numbers: `2023-11-16 18:15:46.6805900`, `2026-11-02T10:00:00.123Z`, with an offset.
 *
 * In ticks of 0.1 microseconds, so nothing is lost to a parser of dates that stops at milliseconds. Without an offset: UTC.
 */
import type { Ms } from "../core/time.ts";

/** A point in time in two whole numbers, because ticks since 1970 do not fit in one. */
export interface Instant {
  readonly day: number;
  readonly tickOfDay: number;
}

const ticksPerMs = 10_000;
const ticksPerMinute = 60_000 * ticksPerMs;
const ticksPerDay = 1_440 * ticksPerMinute;

const pattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(?:Z|UTC|([+-])(\d\d):?(\d\d)?)?$/;

export function parseTimestamp(text: string): Instant | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const fractionTicks = Number((match[7] ?? "").slice(0, 7).padEnd(7, "0"));
  const offset = (match[8] === "-" ? 1 : -1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  const tickOfDay = ((hour * 60 + minute) * 60 + second) * 1_000 * ticksPerMs + fractionTicks;
  return { day: daysFromCivil(year, month, day), tickOfDay: tickOfDay + offset * ticksPerMinute };
}

export function msBetween(from: Instant, to: Instant): Ms {
  return ((to.day - from.day) * ticksPerDay + (to.tickOfDay - from.tickOfDay)) / ticksPerMs;
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
