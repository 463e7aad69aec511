/**
 * Instants at which requests arrive in an open loop: constant, Poisson, and either of them on a ramp.
 *
 * Work in expected arrivals instead of time. On a segment of length T whose rate goes linearly from r0 to r1, the number of
 * arrivals expected by time t is
 *
 *     x(t) = r0 t + a t^2 / 2,    a = (r1 - r0) / T
 *
 * On that axis every process is simple: a constant one arrives at 0, 1, 2, ..., a Poisson one after gaps that are
 * exponential with mean 1 (Cinlar, Introduction to Stochastic Processes, 1975, ch. 4.7). The instant is then the inverse
 *
 *     t(x) = 2 x / (r0 + sqrt(r0^2 + 2 a x))
 *
 * which holds for a = 0 too and loses no digits to cancellation. It is exact, and spends one draw per arrival, where
 * thinning would throw draws away. Only a square root is needed, so the instants are the same on every machine.
 */
import type { RandomStream } from "../../core/random.ts";
import type { ArrivalSegment } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";

/** Arrivals closer than this to the end of a segment belong to the next one: rates such as 0.1/s are not exact in binary. */
const arrivalsEpsilon = 1e-9;

/** Instants from the start of the first segment, in order, none at or after the end of the last one. */
export function* arrivalTimes(
  segments: readonly ArrivalSegment[],
  random: RandomStream,
): Generator<Ms, void, undefined> {
  let startMs = 0;
  /** Expected arrivals from the start of the segment to the next arrival; what is left over goes to the next segment. */
  let due = 0;
  let process: ArrivalSegment["process"] | undefined;
  for (const segment of segments) {
    if (segment.process !== process) due = segment.process === "poisson" ? random.exponential() : 0;
    process = segment.process;
    const end = expectedArrivals(segment) - arrivalsEpsilon;
    for (; due < end; due += process === "poisson" ? random.exponential() : 1) {
      yield startMs + timeOfArrival(segment, due);
    }
    due = Math.max(0, due - expectedArrivals(segment));
    startMs += segment.forMs;
  }
}

/** Expected number of arrivals of a segment; exact for a constant process, but for the fraction at its end. */
export function expectedArrivals(segment: ArrivalSegment): number {
  return ((segment.fromPerMs + segment.toPerMs) / 2) * segment.forMs;
}

export function segmentsDurationMs(segments: readonly ArrivalSegment[]): Ms {
  return segments.reduce((sum, segment) => sum + segment.forMs, 0);
}

/** The inverse t(x) above; never past the end of the segment. */
function timeOfArrival(segment: ArrivalSegment, arrivals: number): Ms {
  if (arrivals === 0) return 0;
  const { fromPerMs, toPerMs, forMs } = segment;
  const slope = (toPerMs - fromPerMs) / forMs;
  const root = Math.sqrt(Math.max(0, fromPerMs * fromPerMs + 2 * slope * arrivals));
  return Math.min(forMs, (2 * arrivals) / (fromPerMs + root));
}
