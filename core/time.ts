/**
 * Time: milliseconds as plain numbers, and the durations people write.
 *
 * Inside Squall every instant and every length of time is a number of milliseconds (fractions allowed), and every
 * name that holds one ends in `Ms`. Instants count from the start of the run. Nothing here reads a clock.
 */

/** Milliseconds. An instant counts from the start of the run; a duration is a difference of two instants. */
export type Ms = number;

export const secondMs = 1_000;
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: dayMs,
  w: 7 * dayMs,
};

const durationPart = /^(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)/;

/**
 * Reads a duration such as `250ms`, `30s`, `1h30m` or `0`. Units: ns, us, ms, s, m, h, d, w, largest first.
 * Returns undefined for anything else (negative, unitless, unknown unit, infinite), so that callers can say where it stood.
 */
export function parseDuration(text: string): Ms | undefined {
  let rest = text.trim();
  if (rest === "0") return 0;
  if (rest === "") return undefined;
  let totalMs = 0;
  let previousMs = Number.POSITIVE_INFINITY;
  while (rest !== "") {
    const part = durationPart.exec(rest);
    const partUnitMs = unitMs[part?.[2] ?? ""];
    if (part === null || partUnitMs === undefined || partUnitMs >= previousMs) return undefined;
    totalMs += Number(part[1]) * partUnitMs;
    previousMs = partUnitMs;
    rest = rest.slice(part[0].length);
  }
  return Number.isFinite(totalMs) ? totalMs : undefined;
}

/** Writes a duration for people: `820 ms`, `1.24 s`, `3 m 20 s`, `2 h 5 m`. */
export function formatDuration(durationMs: Ms): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  if (durationMs < 1) return `${trimmed(durationMs, 3)} ms`;
  if (durationMs < 10) return `${trimmed(durationMs, 2)} ms`;
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_995) return `${trimmed(durationMs / secondMs, 2)} s`;
  const seconds = Math.round(durationMs / secondMs);
  if (seconds < 3_600) return joined([Math.floor(seconds / 60), "m"], [seconds % 60, "s"]);
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return joined([Math.floor(minutes / 60), "h"], [minutes % 60, "m"]);
  const hours = Math.round(minutes / 60);
  return joined([Math.floor(hours / 24), "d"], [hours % 24, "h"]);
}

function joined(...parts: readonly (readonly [number, string])[]): string {
  const [first, ...others] = parts.map(([count, unit]) => `${count} ${unit}`);
  return [first, ...others.filter((part) => !part.startsWith("0 "))].join(" ");
}

function trimmed(value: number, decimals: number): string {
  return String(Number(value.toFixed(decimals)));
}

/** An instant of a scenario as people read it: `4:05` since the load began, `1:04:05` from an hour on. */
export function formatClock(atMs: Ms): string {
  const seconds = Math.max(0, Math.floor(atMs / secondMs));
  const pad = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours === 0 ? `${minutes}:${pad(seconds % 60)}` : `${hours}:${pad(minutes)}:${pad(seconds % 60)}`;
}

/**
 * Writes a duration as Go's `time.Duration.String()` does (`20ms`, `1.5s`, `6m0s`, `1h0m0s`), rounded to milliseconds:
 * the form OpenAI's `x-ratelimit-reset-*` headers carry (developers.openai.com, guides/rate-limits; samples `1s`, `6m0s`).
 */
export function formatGoDuration(durationMs: Ms): string {
  const wholeMs = Math.max(0, Math.ceil(durationMs - 1e-6));
  if (wholeMs === 0) return "0s";
  if (wholeMs < secondMs) return `${wholeMs}ms`;
  const hours = Math.floor(wholeMs / hourMs);
  const minutes = Math.floor((wholeMs % hourMs) / minuteMs);
  const seconds = `${trimmed((wholeMs % minuteMs) / secondMs, 3)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
