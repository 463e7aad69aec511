/**
 * Quantities as people write them in scenario files: `200k` tokens, `20/s`, `90%`.
 *
 * Each parser returns undefined for what it does not understand, so that the schema can say where it stood.
 */

/** Powers of ten. */
const magnitude: Readonly<Record<string, number>> = { "": 0, k: 3, K: 3, M: 6, G: 9, B: 9 };
const perMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1e-3,
  sec: 1e-3,
  m: 1 / 60_000,
  min: 1 / 60_000,
  h: 1 / 3_600_000,
  d: 1 / 86_400_000,
};

/** Reads a count such as `800`, `200k`, `2M`, `1.5k`. Decimal multiples (k = 1,000), never negative, never infinite. */
export function parseCount(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?|\d{1,3}(?:[_,]\d{3})+)\s*([kKMGB]?)$/.exec(text.trim());
  const exponent = magnitude[match?.[2] ?? "?"];
  if (match === null || exponent === undefined) return undefined;
  // Read as a decimal: 8.2 * 1e6 is 8,199,999.999999999, and a limit of that many tokens is no whole number.
  return finite(Number(`${(match[1] ?? "").replaceAll(/[_,]/g, "")}e${exponent}`));
}

/** Reads a rate such as `20/s`, `600/m`, `1.5k/min`, `36k/h`; returns events per millisecond. */
export function parseRate(text: string): number | undefined {
  const match = /^([^/]+)\/\s*([a-z]+)$/.exec(text.trim());
  const count = match === null ? undefined : parseCount(match[1] ?? "");
  const factor = perMs[match?.[2] ?? "?"];
  return count === undefined || factor === undefined ? undefined : finite(count * factor);
}

/** Reads a share such as `90%` or `0.9`; returns a fraction. Percentages above 100 are allowed (`120%`). */
export function parseShare(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim());
  if (match === null) return undefined;
  // As a decimal: 0.7 / 100 is not quite 7 / 1000, and a limit of 0.7 % allows 7 errors in a thousand.
  return finite(Number(match[2] === "%" ? `${match[1]}e-2` : match[1]));
}

/** Enough digits make any number infinite. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Writes a count for people: `950`, `12.4k`, `2.05M`. */
export function formatCount(count: number): string {
  const size = Math.abs(count);
  if (size < 9_999.5) return String(Number(count.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)));
  if (size < 999_950) return `${Number((count / 1e3).toFixed(1))}k`;
  if (size < 999_995_000) return `${Number((count / 1e6).toFixed(2))}M`;
  return `${Number((count / 1e9).toFixed(2))}B`;
}

/** Writes a whole number with its thousands apart: `19,366`. */
export function formatWhole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 request`, `12 requests`, `19,366 requests`. */
export function plural(count: number, noun: string): string {
  return `${formatWhole(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Writes a fraction as a percentage for people: `0.0312` -> `3.1 %`. */
export function formatShare(fraction: number): string {
  const percent = fraction * 100;
  return `${Number(percent.toFixed(Math.abs(percent) < 10 ? 2 : 1))} %`;
}
