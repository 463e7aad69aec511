/** What a simulated platform counts that no record tells. */
import type { FleetTally } from "../core/run.ts";

export class Tally {
  readonly #counts: Record<keyof FleetTally, number> = {
    killed: 0,
    lostContexts: 0,
    failedByVersion: 0,
    probes: 0,
    probesFailed: 0,
    ejected: 0,
    coldStarts: 0,
    turnedAway: 0,
    cutOff: 0,
    redelivered: 0,
    deadLetters: 0,
    escalated: 0,
    overflowed: 0,
    scrapesFailed: 0,
    samplesMissing: 0,
  };

  count(what: keyof FleetTally, times = 1): void {
    this.#counts[what] += times;
  }

  get counts(): FleetTally {
    return { ...this.#counts };
  }
}
