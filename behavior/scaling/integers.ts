/**
 * Go's integers in JavaScript numbers, so that a port of a Go controller rounds where the original rounds.
 *
 * * A double holds every int32 and every integer up to 2^53; `ceil`, `floor`, `*` and `/` of doubles are IEEE 754 in both
 *   languages, so `Math.ceil(a * b)` here is `math.Ceil(a * b)` there, bit for bit.
 * * int64 division truncates toward zero. For |a| < 2^53 `Math.trunc(a / b)` is that quotient: were a/b closer than half
 *   an ulp to the next integer k, then 1/b < k * 2^-53, that is a > 2^53. Larger products go through BigInt.
 * * int32 arithmetic wraps (`| 0`).
 */

const int32Max = 2_147_483_647;
const int32Min = -2_147_483_648;

/** `int32(x)` for a double, as Go compiles it on amd64: truncation; anything that does not fit gives -2^31. */
export function int32OfDouble(value: number): number {
  const whole = Math.trunc(value);
  return whole >= int32Min && whole <= int32Max ? whole + 0 : int32Min;
}

/** `int32(x)` where the original first caps at the largest int32 (k8s `getUsageRatioReplicaCount`). */
export function cappedInt32OfDouble(value: number): number {
  return value > int32Max ? int32Max : int32OfDouble(value);
}

/** int32 addition and subtraction, wrapping. */
export function int32(value: number): number {
  return value | 0;
}

/** `a / b` of int64. */
export function divideInt64(dividend: number, divisor: number): number {
  return Math.trunc(dividend / divisor) + 0;
}

/** `a * factor / divisor` of int64: a byte count in thousandths times 100 leaves the safe integers with a dozen pods. */
export function multiplyDivideInt64(value: number, factor: number, divisor: number): number {
  const product = value * factor;
  if (Number.isSafeInteger(product)) return divideInt64(product, divisor);
  return Number((BigInt(value) * BigInt(factor)) / BigInt(divisor));
}
