/**
 * The standard normal distribution function, as far as fits need it.
 *
 * `simple-statistics` has `errorFunction`, by Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7), which is far less than
 * what a sample can show.
 */
import { errorFunction } from "simple-statistics";

/** P(Z <= z). */
export function normalCdf(z: number): number {
  return (1 + errorFunction(z / Math.SQRT2)) / 2;
}
