/** What the gateway did of its own accord: breakers that opened, budgets that ran out. For the timeline of a run. */
import type { RunEvent } from "../core/run.ts";
import { plural } from "../core/units.ts";
import type { Ms } from "../core/time.ts";

/** A breaker that flaps for hours would fill a report; the rest is counted. */
const eventsMost = 5_000;

export class GatewayLog {
  readonly #events: RunEvent[] = [];
  #left = 0;
  #leftMs: Ms = 0;

  happened(atMs: Ms, kind: string, subject: string, text: string): void {
    if (this.#events.length < eventsMost) {
      this.#events.push({ atMs, kind, subject, text });
    } else {
      this.#left += 1;
      this.#leftMs = atMs;
    }
  }

  upTo(durationMs: Ms): readonly RunEvent[] {
    const kept = this.#events.filter(({ atMs }) => atMs <= durationMs);
    if (this.#left === 0) return kept;
    const text = `${plural(this.#left, "later event")} of the gateway left out`;
    return [...kept, { atMs: Math.min(this.#leftMs, durationMs), kind: "gateway", subject: "gateway", text }];
  }
}
