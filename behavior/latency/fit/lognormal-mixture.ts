/**
 * Fits times to first token: a floor, a lognormal body, and perhaps a second, slow lognormal.
 *
 *     T = c + e^Y,   Y ~ (1 − w) N(μ₀, σ₀²) + w N(μ₁, σ₁²),   μ₁ >= μ₀
 *
 * Four families are tried: with and without floor, with and without slow part. The floor has no closed form and its likelihood
 * has no maximum as c approaches the least time, so it is searched on a grid below that (Hill, "The three-parameter lognormal
 * distribution", JASA 58, 1963). The mixture is found by expectation and maximisation (Dempster, Laird and Rubin, 1977), started
 * from the slowest tenth. The family with the least BIC wins: k ln n − 2 ln L, so a parameter must earn its place.
 */
import { exp, ln } from "../../../core/elementary.ts";
import { invariant } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import { normalCdf } from "./normal.ts";

export type TtftFamily = "lognormal" | "floor + lognormal" | "two lognormals" | "floor + two lognormals";

export interface FittedTtft {
  readonly family: TtftFamily;
  readonly floorMs: Ms;
  readonly body: LogNormal;
  readonly tail: (LogNormal & { readonly weight: number }) | undefined;
  /** Bayesian information criterion; the least is best. */
  readonly bic: number;
}

interface LogNormal {
  readonly mu: number;
  readonly sigma: number;
}

/** Floors that are tried, as shares of the least time. */
const floorShares = Array.from({ length: 20 }, (_, index) => index / 20);

/** Rounds of expectation and maximisation, and the gain in ln L per call below which they end. */
const roundsMax = 300;
const gainMin = 1e-7;

/** A part of fewer calls than this is chance. */
const callsMin = 5;

/** All four families, best first. `sortedMs`: positive, ascending, at least ten of them. */
export function fitTtft(sortedMs: readonly number[]): readonly FittedTtft[] {
  const least = sortedMs[0] ?? 0;
  invariant(least > 0 && sortedMs.length >= 10, "times to first token are positive, and there are some");
  const fits = floorShares.flatMap((share, index) => {
    const floorMs = share * least;
    const logs = sortedMs.map((ms) => ln(ms - floorMs));
    // Two parts take a hundred times as long, and need no finer grid.
    return index % 2 === 0
      ? [oneLognormal(logs, floorMs), twoLognormals(logs, floorMs)]
      : [oneLognormal(logs, floorMs)];
  });
  const best = new Map<TtftFamily, FittedTtft>();
  for (const fit of fits) {
    if (fit !== undefined && fit.bic < (best.get(fit.family)?.bic ?? Number.POSITIVE_INFINITY)) {
      best.set(fit.family, fit);
    }
  }
  return [...best.values()].toSorted((left, right) => left.bic - right.bic);
}

/** Share of calls that have their first token by then. */
export function ttftCdf({ floorMs, body, tail }: FittedTtft, ms: Ms): number {
  if (ms <= floorMs) return 0;
  const log = ln(ms - floorMs);
  const ofBody = normalCdf((log - body.mu) / body.sigma);
  return tail === undefined
    ? ofBody
    : (1 - tail.weight) * ofBody + tail.weight * normalCdf((log - tail.mu) / tail.sigma);
}

/** The time by which that share of calls has its first token, by bisection of the logarithm: to a millionth. */
export function ttftQuantile(fit: FittedTtft, share: number): Ms {
  let low = -20;
  let high = 20;
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (ttftCdf(fit, fit.floorMs + exp(middle)) < share) low = middle;
    else high = middle;
  }
  return fit.floorMs + exp(high);
}

function oneLognormal(logs: readonly number[], floorMs: Ms): FittedTtft | undefined {
  const body = weighted(logs, () => 1);
  return scored(logs, { floorMs, body, tail: undefined });
}

function twoLognormals(logs: readonly number[], floorMs: Ms): FittedTtft | undefined {
  const cut = Math.floor(0.9 * logs.length);
  let weight = 0.1;
  let body = weighted(logs.slice(0, cut), () => 1);
  let tail = weighted(logs.slice(cut), () => 1);
  let before = Number.NEGATIVE_INFINITY;
  const shares = new Float64Array(logs.length);
  for (let round = 0; round < roundsMax; round++) {
    let logLikelihood = 0;
    let slow = 0;
    for (const [index, log] of logs.entries()) {
      const ofBody = (1 - weight) * density(log, body);
      const ofTail = weight * density(log, tail);
      const share = ofTail / (ofBody + ofTail);
      shares[index] = share;
      slow += share;
      logLikelihood += ln(ofBody + ofTail);
    }
    if (!Number.isFinite(logLikelihood) || slow < callsMin || slow > logs.length / 2) return undefined;
    if (logLikelihood - before < gainMin * logs.length) break;
    before = logLikelihood;
    weight = slow / logs.length;
    body = weighted(logs, (index) => 1 - (shares[index] ?? 0));
    tail = weighted(logs, (index) => shares[index] ?? 0);
  }
  return tail.mu <= body.mu ? undefined : scored(logs, { floorMs, body, tail: { ...tail, weight } });
}

/** Mean and standard deviation of logarithms that each count for so much. */
function weighted(logs: readonly number[], weightOf: (index: number) => number): LogNormal {
  let total = 0;
  let sum = 0;
  for (const [index, log] of logs.entries()) {
    total += weightOf(index);
    sum += weightOf(index) * log;
  }
  const mu = sum / total;
  let squares = 0;
  for (const [index, log] of logs.entries()) squares += weightOf(index) * (log - mu) * (log - mu);
  return { mu, sigma: Math.max(sigmaMin, Math.sqrt(squares / total)) };
}

/** A clock of milliseconds makes equal times; a lognormal without any width has no density. */
const sigmaMin = 1e-3;

function density(log: number, { mu, sigma }: LogNormal): number {
  const z = (log - mu) / sigma;
  return exp((-z * z) / 2) / (sigma * Math.sqrt(2 * Math.PI));
}

function scored(logs: readonly number[], parts: Pick<FittedTtft, "floorMs" | "body" | "tail">): FittedTtft | undefined {
  const { floorMs, body, tail } = parts;
  const weight = tail?.weight ?? 0;
  let logLikelihood = 0;
  for (const log of logs) {
    const there = (1 - weight) * density(log, body) + (tail === undefined ? 0 : weight * density(log, tail));
    // The density of the time, not of its logarithm: fits with different floors are compared.
    logLikelihood += ln(there) - log;
  }
  if (!Number.isFinite(logLikelihood)) return undefined;
  const name = tail === undefined ? "lognormal" : "two lognormals";
  const parameters = (tail === undefined ? 2 : 5) + (floorMs === 0 ? 0 : 1);
  return {
    ...parts,
    family: floorMs === 0 ? name : `floor + ${name}`,
    bic: parameters * ln(logs.length) - 2 * logLikelihood,
  };
}
