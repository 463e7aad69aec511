/**
 * The scenario's clock: wall time, run at the scale of the scenario. It starts at 0 and never goes back.
 *
 * Quotas refill, faults begin and latencies are planned in scenario time, so a mock at time scale 10 refills its quotas ten
 * times as fast and answers ten times as fast, and everything that is recorded is comparable with a simulation.
 */
import type { Ms } from "../core/time.ts";
import { systemTime, type WallTime } from "./wall-time.ts";

export class ScenarioClock {
  /** What it runs on. */
  readonly wall: WallTime;
  #scale: number;
  #originWallMs: number;
  #originScenarioMs: Ms = 0;

  /** `scale`: scenario milliseconds per wall millisecond. */
  constructor(scale: number, wall: WallTime = systemTime) {
    this.wall = wall;
    this.#scale = scale;
    this.#originWallMs = wall.nowMs();
  }

  get scale(): number {
    return this.#scale;
  }

  nowMs(): Ms {
    return this.msAt(this.wall.nowMs());
  }

  /** Scenario time at a wall time not before the last change of speed. */
  msAt(instantWallMs: number): Ms {
    return this.#originScenarioMs + (instantWallMs - this.#originWallMs) * this.#scale;
  }

  /** Goes on from the present instant at another speed. */
  setScale(scale: number): void {
    const nowWallMs = this.wall.nowMs();
    this.#originScenarioMs = this.msAt(nowWallMs);
    this.#originWallMs = nowWallMs;
    this.#scale = scale;
  }

  /** How long a length of scenario time takes for those who live in wall time, such as clients told to retry later. */
  toWallMs(scenarioMs: Ms): number {
    return scenarioMs / this.#scale;
  }
}

/** Monotonic time of the machine in milliseconds, with fractions. */
export function wallMs(): number {
  return systemTime.nowMs();
}
