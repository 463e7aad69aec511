/**
 * Burn rates: how many times faster than allowed an error budget is spent.
 *
 *     burn   = error ratio / (1 - target)         1: spent exactly at the end of the period
 *     factor = share * period / window            the burn that spends `share` of the budget within `window`
 *
 * An alert wants both a long window and a twelfth of it above the factor: the long one says that it matters, the short one
 * that it is still going on (Google, "The Site Reliability Workbook", chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"). For 30 days the formula
 * gives the workbook's 14.4 (2 % in 1 h) and 6 (5 % in 6 h), and sloth's 3 (10 % in 1 d) and 1 (10 % in 3 d); for 28 days
 * 13.44, 5.6, 2.8 and 0.933.
 */
import type { Ms } from "../../core/time.ts";

/** The burn rate at which this share of the budget of a period is gone within a window. */
export function burnFactor(share: number, periodMs: Ms, windowMs: Ms): number {
  return (share * periodMs) / windowMs;
}

/** The short window beside a long one. */
export function shortWindowMs(longMs: Ms): Ms {
  return longMs / 12;
}

/** How fast a budget is spent at this error ratio; 1 is exactly as fast as allowed. */
export function burnRate(errorRatio: number, target: number): number {
  return errorRatio / (1 - target);
}

/** From the start of a constant error ratio until the long window sees the factor; undefined where it never does. */
export function detectionMs(factor: number, longMs: Ms, target: number, errorRatio: number): Ms | undefined {
  const ratioNeeded = factor * (1 - target);
  return errorRatio <= ratioNeeded ? undefined : (ratioNeeded / errorRatio) * longMs;
}
