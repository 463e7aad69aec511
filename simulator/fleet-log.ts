/** What a fleet leaves behind: how many replicas there were and when, and what happened, in words. */
import type { ReplicaCounts, RunEvent } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { microseconds } from "./journey.ts";

export class FleetLog {
  readonly #counts: ReplicaCounts[] = [];
  readonly #events: RunEvent[] = [];

  /** In order of time. */
  get counts(): readonly ReplicaCounts[] {
    return this.#counts;
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /** Of several changes at one instant the last one is kept. */
  counted(counts: ReplicaCounts): void {
    const rounded = { ...counts, atMs: microseconds(counts.atMs) };
    if (this.#counts.at(-1)?.atMs === rounded.atMs) this.#counts.pop();
    this.#counts.push(rounded);
  }

  /** Kinds: `scale`, `replica-ready`, `replica-gone`. */
  happened(atMs: Ms, kind: string, subject: string, text: string): void {
    this.#events.push({ atMs: microseconds(atMs), kind, subject, text });
  }
}
