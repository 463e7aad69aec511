/**
 * exp, ln, sin and cos with the same bits on every machine.
 *
 * The language leaves the last bits of these to whoever implements it. Engines differ, and so do builds of one engine: since 22.10 the
 * functions that V8 has from fdlibm give other bits on an ARM Mac than on an x64 Linux, since compilers fuse a multiplication with
 * the addition after it where the processor can (github.com/nodejs/node/issues/59095). Here they are made of the four operations, which IEEE 754 fixes and a
 * JavaScript engine never fuses. The algorithms and coefficients are those of fdlibm 5.3 (e_exp.c, e_log.c, k_sin.c, k_cos.c,
 * e_rem_pio2.c at netlib.org/fdlibm; errors below one unit in the last place), of which V8 is another port: on x64 the
 * bits are those of `Math`, and a test compares them.
 *
 * Of the algorithms and coefficients: Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunSoft, a Sun
 * Microsystems, Inc. business. Permission to use, copy, modify, and distribute this software is freely granted, provided that
 * this notice is preserved.
 */
import { InvariantError } from "./invariant.ts";

/** 2^-1074, 2^-1073, ... 2^1023. */
const powersOfTwo = new Float64Array(2_098);
for (let place = 0, power = 5e-324; place < powersOfTwo.length; place++, power *= 2) powersOfTwo[place] = power;

function powerOfTwo(exponent: number): number {
  return powersOfTwo[exponent + 1_074] ?? 0;
}

/** A number, as two words. */
const memory = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the first twenty bits of the mantissa. */
function highWordOf(x: number): number {
  memory.setFloat64(0, x, true);
  return memory.getInt32(4, true);
}

function exponentOf(x: number): number {
  return (highWordOf(x) >> 20) & 0x7ff;
}

/** ln 2 in two parts: the first has zeros at its end, so that small multiples of it are exact. */
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const perLn2 = 1.4426950408889634;

/** Where the result is no longer finite, and where it is 0. */
const expArgumentMax = 709.782712893384;
const expArgumentMin = -745.1332191019411;

/** e^x. */
export function exp(x: number): number {
  if (x > expArgumentMax) return Number.POSITIVE_INFINITY;
  if (x < expArgumentMin) return 0;
  if (x === 1) return Math.E;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  // x = doublings ln 2 + (high - low), with what is left below ln 2 / 2.
  const doublings = expDoublings(x);
  const high = x - doublings * ln2High;
  const low = doublings * ln2Low;
  const rest = high - low;
  const square = rest * rest;
  const odd = rest - square * expPolynomial(square);
  if (doublings === 0) return 1 - ((rest * odd) / (odd - 2) - rest);
  return doubled(1 - (low - (rest * odd) / (2 - odd) - high), doublings);
}

/** The nearest whole number of ln 2, with borders that have few bits. */
function expDoublings(x: number): number {
  const size = Math.abs(x);
  if (size < 0.3465735912322998) return 0;
  if (size < 1.0397205352783203) return x < 0 ? -1 : 1;
  return Math.trunc(perLn2 * x + (x < 0 ? -0.5 : 0.5));
}

function expPolynomial(square: number): number {
  const high = 6.613756321437934e-5 + square * (-1.6533902205465252e-6 + square * 4.1381367970572385e-8);
  return 0.16666666666666602 + square * (-0.0027777777777015593 + square * high);
}

/** y 2^doublings. */
function doubled(y: number, doublings: number): number {
  if (doublings === 1_024) return y * 2 * powerOfTwo(1_023);
  return doublings >= -1_021 ? y * powerOfTwo(doublings) : y * powerOfTwo(doublings + 1_000) * powerOfTwo(-1_000);
}

/** The least number that has all its bits. */
const normalMin = 2.2250738585072014e-308;

/** ln x. */
export function ln(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  return x < normalMin ? lnOfNormal(x * 2 ** 54, 54) : lnOfNormal(x, 0);
}

/** Of x, which was doubled so many times before. */
function lnOfNormal(x: number, doubledBefore: number): number {
  // x = 2^exponent (1 + f), with 1 + f between sqrt 1/2 and sqrt 2.
  const highWord = highWordOf(x);
  const mantissa = highWord & 0xfffff;
  const exponent = (highWord >> 20) - 1_023 + ((mantissa + 0x95f64) >> 20);
  const f = x * powerOfTwo(-exponent) - 1;
  const doublings = exponent - doubledBefore;
  const high = doublings * ln2High;
  const low = doublings * ln2Low;
  if ((0xfffff & (2 + mantissa)) < 3) {
    if (f === 0) return doublings === 0 ? 0 : high + low;
    const half = f * f * (0.5 - f * (1 / 3));
    return doublings === 0 ? f - half : high - (half - low - f);
  }
  const s = f / (2 + f);
  const square = s * s;
  const series = logSeries(square);
  if (((mantissa - 0x6147a) | (0x6b851 - mantissa)) > 0) {
    const half = 0.5 * f * f;
    return doublings === 0 ? f - (half - s * (half + series)) : high - (half - (s * (half + series) + low) - f);
  }
  return doublings === 0 ? f - s * (f - series) : high - (s * (f - series) - low - f);
}

/** ln (1 + s) - ln (1 - s) = 2 s + s R, of which this is R, by even and odd powers of s^2. */
function logSeries(square: number): number {
  const fourth = square * square;
  const even = fourth * (0.3999999999940942 + fourth * (0.22222198432149784 + fourth * 0.15313837699209373));
  const odd =
    square *
    (0.6666666666666735 + fourth * (0.2857142874366239 + fourth * (0.1818357216161805 + fourth * 0.14798198605116586)));
  return odd + even;
}

/** The largest whole number of which 10 to the power is at most x, which is above 0: read off its digits, and so exact. */
export function decimalExponent(x: number): number {
  return Number(x.toExponential().split("e")[1]);
}

/** The sine of an angle of at most a hundred thousand turns. */
export function sin(x: number): number {
  if (Math.abs(x) < smallAngle) return sineOfSmall(x);
  return x < 0 ? -turned(-x, 0) : turned(x, 0);
}

/** The cosine, likewise. */
export function cos(x: number): number {
  const size = Math.abs(x);
  return size < smallAngle ? cosineOf(size, 0) : turned(size, 1);
}

/** pi / 4, or hardly more. */
const smallAngle = 0.7853984832763672;

/** sin x = x + x^3 (S1 + x^2 r(x^2)). */
const sine1 = -0.16666666666666632;

function sineSeries(square: number): number {
  const high = 2.7557313707070068e-6 + square * (-2.5050760253406863e-8 + square * 1.58969099521155e-10);
  return 0.00833333333332249 + square * (-0.0001984126982985795 + square * high);
}

function sineOfSmall(x: number): number {
  if (Math.abs(x) < tinyAngle) return x;
  const square = x * x;
  return x + square * x * (sine1 + square * sineSeries(square));
}

/** Of an angle up to pi / 4 and what is still to be added to it. */
function sineOf(angle: number, error: number): number {
  if (Math.abs(angle) < tinyAngle) return angle;
  const square = angle * angle;
  const cube = square * angle;
  return angle - (square * (0.5 * error - cube * sineSeries(square)) - error - cube * sine1);
}

/** cos x = 1 - x^2 / 2 + x^4 C(x^2); of larger angles a part of x^2 / 2 is taken off first, which is exact. */
function cosineOf(angle: number, error: number): number {
  const size = Math.abs(angle);
  if (size < tinyAngle) return 1;
  const square = angle * angle;
  const rest = square * cosineSeries(square) - angle * error;
  if (size < 0.2999999523162842) return 1 - (0.5 * square - rest);
  const part = size < 0.7812504768371582 ? quarterOf(size) : 0.28125;
  return 1 - part - (0.5 * square - part - rest);
}

/** Of a number between 1/4 and 1, by its first 21 bits. */
function quarterOf(size: number): number {
  const grains = size < 0.5 ? 2 ** 22 : 2 ** 21;
  return Math.trunc(size * grains) / (4 * grains);
}

function cosineSeries(square: number): number {
  const high = -2.7557314351390663e-7 + square * (2.087572321298175e-9 + square * -1.1359647557788195e-11);
  return (
    square * (0.0416666666666666 + square * (-0.001388888888887411 + square * (2.480158728947673e-5 + square * high)))
  );
}

/** Below this the sine is the angle, and the cosine 1. */
const tinyAngle = 2 ** -27;

/** pi / 2 in parts of 33 bits, each with what is left of pi / 2 behind it; the later ones where so many bits have cancelled. */
const firstPart = 1.5707963267341256;
const afterFirst = 6.077100506506192e-11;
const second = { part: 6.077100506303966e-11, rest: 2.0222662487959506e-21, lostBits: 16 };
const third = { part: 2.0222662487111665e-21, rest: 8.4784276603689e-32, lostBits: 49 };
const perQuarter = 0.6366197723675814;

/** 2^19 quarter turns: up to here their first parts add up without an error. */
const angleMax = 823_549;

/** The sine of an angle and so many quarter turns more. */
function turned(angle: number, quarters: 0 | 1): number {
  if (angle > angleMax) throw new InvariantError(`an angle of ${angle}; allowed is up to ${angleMax}`);
  const count = Math.trunc(angle * perQuarter + 0.5);
  const left = angle - count * firstPart;
  const off = count * afterFirst;
  const rest = left - off;
  if (Math.abs(rest) >= angle * 2 ** -15) return inQuadrant(count + quarters, rest, left - rest - off);
  const { angle: closer, error } = closeTo(count, angle, left, off);
  return inQuadrant(count + quarters, closer, error);
}

function inQuadrant(quadrant: number, angle: number, error: number): number {
  const size = (quadrant & 1) === 0 ? sineOf(angle, error) : cosineOf(angle, error);
  return (quadrant & 2) === 0 ? size : -size;
}

/** High words of the first multiples of pi / 2: only angles that share them are looked at more closely. */
const multiples: readonly number[] = Array.from({ length: 32 }, (_, count) => highWordOf(count * (Math.PI / 2)));

/** What is left of an angle when so many quarter turns are taken off, where most of its bits cancel; and how far that is off. */
function closeTo(
  count: number,
  angle: number,
  leftByFirst: number,
  offByFirst: number,
): { readonly angle: number; readonly error: number } {
  let left = leftByFirst;
  let off = offByFirst;
  if (count >= multiples.length || highWordOf(angle) === multiples[count]) {
    for (const { part, rest, lostBits } of count === 1 ? [second] : [second, third]) {
      if (exponentOf(angle) - exponentOf(left - off) <= lostBits) break;
      const before = left;
      const taken = count * part;
      left = before - taken;
      off = count * rest - (before - left - taken);
    }
  }
  return { angle: left - off, error: left - (left - off) - off };
}
