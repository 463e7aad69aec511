/**
 * Instants at which requests arrive in an open loop: constant, Poisson or gamma, on a ramp or not, in bursts or not.
 *
 * Work in expected arrivals instead of time. On a segment of length T whose rate goes linearly from r0 to r1, the number of
 * arrivals expected by time t is
 *
 *     x(t) = r0 t + a t^2 / 2,    a = (r1 - r0) / T
 *
 * On that axis every process is simple: a constant one arrives at 0, 1, 2, ..., a Poisson one after gaps that are
 * exponential with mean 1 (Cinlar, Introduction to Stochastic Processes, 1975, ch. 4.7), a bursty one after gaps that are
 * gamma with mean 1 and the given coefficient of variation. The instant is then the inverse
 *
 *     t(x) = 2 x / (r0 + sqrt(r0^2 + 2 a x))
 *
 * which holds for a = 0 too and loses no digits to cancellation. It is exact, and spends one draw per arrival, where
 * thinning would throw draws away. Only a square root is needed, so the instants are the same on every machine.
 *
 * On-off bursts are a process in a random environment (an interrupted Poisson process; Fischer and Meier-Hellstern, The
 * Markov-modulated Poisson process cookbook, 1993): the segment is cut at the instants at which the environment changes.
 */
import { exp, ln } from "../../core/elementary.ts";
import { assertNever } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ArrivalSegment } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";

/** Arrivals closer than this to the end of a segment belong to the next one: rates such as 0.1/s are not exact in binary. */
const arrivalsEpsilon = 1e-9;

/** Instants from the start of the first segment, in order, none at or after the end of the last one. */
export function arrivalTimes(
  segments: readonly ArrivalSegment[],
  random: RandomStream,
): IterableIterator<Ms, undefined> {
  return new ArrivalTimes(segments, random);
}

/** Not a generator: a simulation asks it for every request, and a call is cheaper than to resume one. */
class ArrivalTimes implements IterableIterator<Ms, undefined> {
  readonly #random: RandomStream;
  readonly #segments: Iterator<ArrivalSegment>;
  #segment: ArrivalSegment | undefined;
  #startMs: Ms = 0;
  /** Expected arrivals from the start of the segment to the next arrival; what is left over goes to the next segment. */
  #due = 0;
  #end = 0;
  #gap: () => number = () => 1;

  constructor(segments: readonly ArrivalSegment[], random: RandomStream) {
    this.#random = random;
    this.#segments = inBursts(segments, random);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Ms, undefined> {
    while (this.#segment === undefined || this.#due >= this.#end) {
      if (!this.#nextSegment()) return { done: true, value: undefined };
    }
    const atMs = this.#startMs + timeOfArrival(this.#segment, this.#due);
    this.#due += this.#gap();
    return { done: false, value: atMs };
  }

  /** False: there is none. */
  #nextSegment(): boolean {
    const before = this.#segment;
    if (before !== undefined) {
      this.#due = Math.max(0, this.#due - expectedArrivals(before));
      this.#startMs += before.forMs;
    }
    const step = this.#segments.next();
    if (step.done === true) return false;
    this.#segment = step.value;
    this.#gap = gapOf(step.value, this.#random);
    if (step.value.process !== before?.process) this.#due = step.value.process === "constant" ? 0 : this.#gap();
    this.#end = expectedArrivals(step.value) - arrivalsEpsilon;
    return true;
  }
}

/** Draws gaps on the axis of expected arrivals: their mean is 1. */
function gapOf({ process, cv = 1 }: ArrivalSegment, random: RandomStream): () => number {
  switch (process) {
    case "constant":
      return () => 1;
    case "poisson":
      return () => random.exponential();
    case "gamma": {
      const shape = 1 / (cv * cv);
      return () => gamma(shape, random) / shape;
    }
    default:
      return assertNever(process);
  }
}

/** Gamma with scale 1, by Marsaglia and Tsang (2000); below shape 1 by their boost, U^(1/shape) times that of shape + 1. */
function gamma(shape: number, random: RandomStream): number {
  if (shape < 1) return gamma(shape + 1, random) * exp(ln(1 - random.uniform()) / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = 1 + c * x;
    if (v <= 0) continue;
    const cube = v * v * v;
    if (ln(1 - random.uniform()) < 0.5 * x * x + d * (1 - cube + ln(cube))) return d * cube;
  }
}

/** Cuts segments with bursts into bursts and quiet; their rates keep the average that is written. */
function* inBursts(
  segments: readonly ArrivalSegment[],
  random: RandomStream,
): Generator<ArrivalSegment, void, undefined> {
  let drawn: RandomStream | undefined;
  for (const segment of segments) {
    const { bursts, forMs } = segment;
    if (bursts === undefined) {
      yield segment;
      continue;
    }
    drawn ??= random.split("bursts");
    const { onMs, offMs, low } = bursts;
    const onShare = onMs / (onMs + offMs);
    const onFactor = 1 / (onShare + (1 - onShare) * low);
    let isOn = drawn.uniform() < onShare;
    for (let fromMs = 0; fromMs < forMs; isOn = !isOn) {
      const toMs = Math.min(forMs, fromMs + drawn.exponential() * (isOn ? onMs : offMs));
      if (toMs > fromMs) yield part(segment, fromMs, toMs, isOn ? onFactor : onFactor * low);
      fromMs = toMs;
    }
  }
}

/** A part of a segment, with its rates multiplied. */
function part(segment: ArrivalSegment, fromMs: Ms, toMs: Ms, times: number): ArrivalSegment {
  const { fromPerMs, toPerMs, forMs } = segment;
  const slope = (toPerMs - fromPerMs) / forMs;
  return {
    ...segment,
    forMs: toMs - fromMs,
    fromPerMs: (fromPerMs + slope * fromMs) * times,
    toPerMs: (fromPerMs + slope * toMs) * times,
  };
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
