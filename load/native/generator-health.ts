/**
 * Whether the generator kept up, so that what was measured is the target and not the generator.
 *
 * Three signs, any of which makes a run inconclusive:
 *
 * - Sends late at p99 by more than 5 ms, or by more than 5 % of the median time to the first token where that is more. An
 *   objective such as that of `ten-users` allows 10 % at p95; half of that at p99 leaves p95 nearly untouched. 5 ms is what
 *   the engine holds at 1,000 requests a second (`bench/load-rate.ts`).
 * - The event loop busy for more than 90 % of the time: queueing theory alone (M/D/1: mean wait = service time * u / (2 (1 - u)))
 *   then makes an answer wait 4.5 times its own handling before it is put on the clock.
 * - A request that was due was held back because as many as allowed were in flight.
 *
 * The warm-up is not counted: connections are opened and code is compiled then.
 */
import { createHistogram, type EventLoopUtilization, performance, type RecordableHistogram } from "node:perf_hooks";
import type { GeneratorHealth } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import type { LoadLimits } from "../engine.ts";

const latenessAllowedMs: Ms = 5;
const latenessAllowedShare = 0.05;
const loopUtilizationAllowed = 0.9;

/** What is late enough to matter, at p99, where half of all first tokens take so long. */
export function latenessLimitMs(firstTokenP50Ms: Ms): Ms {
  return Math.max(latenessAllowedMs, latenessAllowedShare * firstTokenP50Ms);
}

/** What was measured about the generator, wall time. */
export interface GeneratorReadings {
  readonly latenessP50Ms: Ms;
  readonly latenessP99Ms: Ms;
  readonly latenessMaxMs: Ms;
  /** Median time from send to first token; 0 when no request got one. */
  readonly firstTokenP50Ms: Ms;
  readonly loopUtilization: number;
  /** How often a request was due and had to wait for another one to end. */
  readonly heldBack: number;
}

export function judgeGenerator(readings: GeneratorReadings, limits: LoadLimits): GeneratorHealth {
  const { latenessP50Ms, latenessP99Ms, latenessMaxMs, loopUtilization, heldBack } = readings;
  const allowedMs = latenessLimitMs(readings.firstTokenP50Ms);
  const reasons = [
    latenessP99Ms > allowedMs
      ? `requests were sent ${latenessP99Ms.toFixed(1)} ms late at p99, ${allowedMs.toFixed(1)} ms is allowed`
      : "",
    loopUtilization > loopUtilizationAllowed
      ? `the event loop was ${Math.round(loopUtilization * 100)} % busy, ${loopUtilizationAllowed * 100} % is allowed`
      : "",
    heldBack > 0 ? `${heldBack} times a due request had to wait: ${roomInWords(limits)}` : "",
  ];
  const overload = reasons.filter((reason) => reason !== "").join("; ");
  return { latenessP50Ms, latenessP99Ms, latenessMaxMs, loopUtilization, overload };
}

function roomInWords({ maxInFlight, maxConnections }: LoadLimits): string {
  return maxConnections < maxInFlight
    ? `all ${maxConnections} connections were in use (maxConnections)`
    : `${maxInFlight} were in flight already (maxInFlight)`;
}

/** Takes the readings while a run goes on: two histograms of fixed size, whatever the length of the run. */
export class GeneratorMeter {
  readonly #lateness: RecordableHistogram = createHistogram();
  readonly #firstToken: RecordableHistogram = createHistogram();
  #heldBack = 0;
  #counting = false;
  #loopSince: EventLoopUtilization = performance.eventLoopUtilization();
  #loopActiveMs = 0;
  #loopIdleMs = 0;

  /** Counts from here on, or no longer. */
  count(counting: boolean): void {
    const loop = performance.eventLoopUtilization(this.#loopSince);
    if (this.#counting) {
      this.#loopActiveMs += loop.active;
      this.#loopIdleMs += loop.idle;
    }
    this.#loopSince = performance.eventLoopUtilization();
    this.#counting = counting;
  }

  sent(latenessMs: Ms): void {
    if (this.#counting) recordDuration(this.#lateness, latenessMs);
  }

  answered(firstTokenMs: Ms): void {
    if (this.#counting) recordDuration(this.#firstToken, firstTokenMs);
  }

  heldBack(): void {
    if (this.#counting) this.#heldBack += 1;
  }

  readings(): GeneratorReadings {
    const loopMs = this.#loopActiveMs + this.#loopIdleMs;
    return {
      latenessP50Ms: percentileMs(this.#lateness, 50),
      latenessP99Ms: percentileMs(this.#lateness, 99),
      latenessMaxMs: percentileMs(this.#lateness, 100),
      firstTokenP50Ms: percentileMs(this.#firstToken, 50),
      loopUtilization: loopMs === 0 ? 0 : this.#loopActiveMs / loopMs,
      heldBack: this.#heldBack,
    };
  }
}

/** Histograms hold whole microseconds from 1 up (node:perf_hooks, HDR histogram, three significant figures). */
const perMs = 1_000;

export function recordDuration(histogram: RecordableHistogram, durationMs: Ms): void {
  histogram.record(Math.max(1, Math.round(durationMs * perMs)));
}

/** 0 when nothing was recorded. */
export function percentileMs(histogram: RecordableHistogram, percent: number): Ms {
  return histogram.count === 0 ? 0 : histogram.percentile(percent) / perMs;
}
