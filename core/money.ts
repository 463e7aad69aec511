/**
 * Money: whole nano-dollars (1e-9 USD) in a plain number.
 *
 * One token of a cheap model costs tens of nano-dollars, so the unit is exact enough to round only once per charge.
 * A number holds whole nano-dollars exactly up to 2^53, that is $9,007,199; adding past that is refused rather than
 * silently wrong.
 */
import { decimalExponent } from "./elementary.ts";
import { invariant, InvariantError } from "./invariant.ts";

/** An amount of money in nano-dollars, always a whole number. */
export type NanoDollars = number;

export const nanoPerDollar = 1_000_000_000;

/** Rounds a dollar amount to whole nano-dollars. The one place where a charge is rounded (half away from zero). */
export function fromDollars(dollars: number): NanoDollars {
  const nano = Math.sign(dollars) * Math.round(Math.abs(dollars) * nanoPerDollar);
  invariant(Number.isSafeInteger(nano), `money out of range: ${dollars} dollars`);
  return nano === 0 ? 0 : nano;
}

/** Dollars as a float, for charts and ratios only; never add these up. */
export function toDollars(nano: NanoDollars): number {
  return nano / nanoPerDollar;
}

/** Adds two amounts, refusing a sum that a number cannot hold exactly. */
export function addMoney(left: NanoDollars, right: NanoDollars): NanoDollars {
  const sum = left + right;
  if (!Number.isSafeInteger(sum)) throw new InvariantError(`money out of range: ${left} + ${right} nano-dollars`);
  return sum;
}

/** Reads `$5`, `$0.10`, `$1.5k`, `$2M`; undefined for anything else, and for more than a number holds exactly. */
export function parseMoney(text: string): NanoDollars | undefined {
  const match = /^\$\s?(\d+(?:\.\d+)?)\s*([kM]?)$/.exec(text.trim());
  if (match === null) return undefined;
  const dollars = Number(match[1]) * (match[2] === "k" ? 1e3 : match[2] === "M" ? 1e6 : 1);
  return dollars * nanoPerDollar <= Number.MAX_SAFE_INTEGER ? fromDollars(dollars) : undefined;
}

/** Writes money for people, with as many decimals as the amount needs: `$12.40`, `$0.0031`, `$0.00`. */
export function formatMoney(nano: NanoDollars): string {
  const dollars = toDollars(Math.abs(nano));
  const sign = nano < 0 ? "-" : "";
  if (dollars === 0 || dollars >= 1) return `${sign}$${dollars.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",")}`;
  const decimals = Math.min(9, Math.max(2, 2 - decimalExponent(dollars)));
  return `${sign}$${dollars.toFixed(decimals)}`;
}
