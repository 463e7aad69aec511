/**
 * Kubernetes quantities: `250m` is 0.25, `128Mi` is 134217728.
 *
 * Forms from `k8s.io/apimachinery/pkg/api/resource`: a decimal number with an optional exponent or suffix.
 */
const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Undefined for what is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/.exec(
    text.trim(),
  );
  const factor = suffixes[match?.[3] ?? ""];
  if (match === null || factor === undefined) return undefined;
  return Number(`${match[1] ?? ""}${match[2] ?? ""}`) * factor;
}

/** In thousandths, as `resource.Quantity.MilliValue` has them: rounded up to a whole one. */
export function parseQuantityMilli(text: string): number | undefined {
  const value = parseQuantity(text);
  if (value === undefined) return undefined;
  const milli = value * 1_000;
  // 0.07 x 1000 is 70.00000000000001: a thousandth that is whole but for the rounding of doubles is whole.
  const nearest = Math.round(milli);
  return Math.abs(milli - nearest) < 1e-9 * Math.max(1, Math.abs(milli)) ? nearest : Math.ceil(milli);
}
