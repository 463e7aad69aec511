/**
 * Whether k6 kept up, so that what was measured is the target and not k6: the same limits as for Squall's own engine.
 *
 * k6 has no event loop that could be asked; its share of this machine's processors stands in its place.
 */
import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { RequestRecord } from "../../core/record.ts";
import type { GeneratorHealth } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import { latenessLimitMs, percentileMs, recordDuration } from "../native/generator-health.ts";

/** Above this share of all processors k6 waits for itself. */
const cpuAllowed = 0.9;

export class K6Meter {
  readonly #lateness: RecordableHistogram = createHistogram();
  readonly #firstToken: RecordableHistogram = createHistogram();
  readonly #timeScale: number;
  #crowded = 0;
  #scriptsCut = 0;
  #cpuSeconds = 0;
  #cpuWallMs: Ms = 0;

  constructor(timeScale: number) {
    this.#timeScale = timeScale;
  }

  /** A request left. `crowded`: it was the last virtual user of an open phase that took it. */
  sent({ phase, intendedMs, sentMs }: Pick<RequestRecord, "phase" | "intendedMs" | "sentMs">, crowded: boolean): void {
    if (phase === "warmup") return;
    if (crowded && (sentMs - intendedMs) / this.#timeScale > latenessLimitMs(0)) this.#crowded += 1;
  }

  ended({ phase, intendedMs, sentMs, firstTokenMs }: RequestRecord): void {
    if (phase === "warmup") return;
    recordDuration(this.#lateness, (sentMs - intendedMs) / this.#timeScale);
    if (firstTokenMs !== null) recordDuration(this.#firstToken, (firstTokenMs - sentMs) / this.#timeScale);
  }

  scriptCut(): void {
    this.#scriptsCut += 1;
  }

  /** Processor time that k6 used in a phase that lasted so long on the wall. */
  used(cpuSeconds: number, wallMs: Ms): void {
    this.#cpuSeconds += cpuSeconds;
    this.#cpuWallMs += wallMs;
  }

  health(processors: number): GeneratorHealth {
    const latenessP99Ms = percentileMs(this.#lateness, 99);
    const allowedMs = latenessLimitMs(percentileMs(this.#firstToken, 50));
    const cpuShare = this.#cpuWallMs === 0 ? 0 : this.#cpuSeconds / (this.#cpuWallMs / 1_000) / processors;
    const reasons = [
      latenessP99Ms > allowedMs
        ? `k6 sent requests ${latenessP99Ms.toFixed(1)} ms late at p99, ${allowedMs.toFixed(1)} ms is allowed`
        : "",
      cpuShare > cpuAllowed
        ? `k6 used ${Math.round(cpuShare * 100)} % of this machine's processors, ${cpuAllowed * 100} % is allowed`
        : "",
      this.#crowded > 0 ? `${this.#crowded} requests were due while all virtual users of k6 were busy` : "",
      this.#scriptsCut > 0 ? `${this.#scriptsCut} users came to the end of a plan that was cut` : "",
    ];
    return {
      latenessP50Ms: percentileMs(this.#lateness, 50),
      latenessP99Ms,
      latenessMaxMs: percentileMs(this.#lateness, 100),
      loopUtilization: cpuShare,
      overload: reasons.filter((reason) => reason !== "").join("; "),
    };
  }
}
