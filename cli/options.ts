/** Parsers of command-line values. Each throws what commander prints as a usage error. */
import { InvalidArgumentError } from "commander";
import { hourMs, type Ms, parseDuration } from "../core/time.ts";
import { parseShare } from "../core/units.ts";

/** A whole number from 0 to 2^53 - 1. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError("a seed is a whole number from 0 to 9007199254740991.");
  }
  return seed;
}

/** A TCP port; 0 picks a free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("a port is a whole number from 0 to 65535.");
  return port;
}

/** A whole number from 1 to a million. */
export function parseConnections(text: string): number {
  const connections = Number(text);
  if (!/^\d+$/.test(text) || connections < 1 || connections > 1_000_000) {
    throw new InvalidArgumentError("needed is a whole number from 1 to 1000000.");
  }
  return connections;
}

/** A factor from a thousandth to a thousand, as the mock takes it. */
export function parseTimeScale(text: string): number {
  const scale = Number(text);
  if (!(scale >= 0.001 && scale <= 1_000)) {
    throw new InvalidArgumentError("a time scale is a number from 0.001 to 1000 (4 plays four times as fast).");
  }
  return scale;
}

/** A factor of zero or more, at most 1,000. */
export function parseLatencyScale(text: string): number {
  const scale = Number(text);
  if (!(scale >= 0 && scale <= 1_000) || text.trim() === "") {
    throw new InvalidArgumentError("a latency scale is a number from 0 to 1000 (0 answers at once).");
  }
  return scale;
}

/** `0..5m` or `90s..3m`: from, inclusive, to, exclusive, in trace time. */
export function parseWindow(text: string): readonly [Ms, Ms] {
  const [fromMs, toMs, ...rest] = text.split("..").map((part) => parseDuration(part));
  if (fromMs === undefined || toMs === undefined || rest.length > 0 || toMs <= fromMs) {
    throw new InvalidArgumentError("a window is FROM..TO in trace time, such as 0..5m or 90s..3m.");
  }
  return [fromMs, toMs];
}

/** A duration from zero up to an hour, wall time. */
export function parseDrain(text: string): Ms {
  const drainMs = parseDuration(text);
  if (drainMs === undefined || drainMs > hourMs) {
    throw new InvalidArgumentError("needed is a duration up to 1h, such as 30s; 0s cuts at once.");
  }
  return drainMs;
}

/** A duration above zero and up to an hour, wall time. */
export function parseWait(text: string): Ms {
  const waitMs = parseDuration(text);
  if (waitMs === undefined || waitMs === 0 || waitMs > hourMs) {
    throw new InvalidArgumentError("needed is a duration above 0 and up to 1h, such as 30s.");
  }
  return waitMs;
}

/** A parser of whole numbers from 1 to a bound. */
export function parseCountFrom1(most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`needed is a whole number from 1 to ${most}.`);
  };
}

/** A relative precision above 0 and below 1: `2%`. */
export function parsePrecision(text: string): number {
  const share = parseShare(text);
  if (share !== undefined && share > 0 && share < 1) return share;
  throw new InvalidArgumentError("a precision is a share above 0 and below 100%, such as 2%.");
}

/** A whole number from 0 to 10. */
export function parseRetries(text: string): number {
  const retries = Number(text);
  if (/^\d+$/.test(text) && retries <= 10) return retries;
  throw new InvalidArgumentError("retries are a whole number from 0 to 10.");
}
