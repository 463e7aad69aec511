/**
 * Requests in front of a fleet that has no room: first come, first served, and whoever gives up meanwhile is passed over. Where
 * tenants have ranks, a lower rank goes before a higher one, and nobody who is being served is interrupted.
 */
import { invariant } from "../core/invariant.ts";
import type { EventHandle } from "./kernel.ts";
import type { Journey } from "./journey.ts";

export interface Waiting {
  readonly journey: Journey;
  /** The event of its client's giving up. */
  readonly leaves: EventHandle;
  /** Its client has given up; the journey may be another request's by now. */
  isGone: boolean;
}

/** Places that were taken are given back when there are this many, and they are half of all. */
const keptMost = 1_024;

export class WaitingRoom {
  readonly #lines: readonly Line[];
  readonly #ranks: ReadonlyMap<string, number>;
  /** Those who wait, by slot of their journey. */
  readonly #waiting = new Map<number, Waiting>();

  /** `priorities`: tenants, the most important first; all others come after them. */
  constructor(priorities: readonly string[] = []) {
    this.#ranks = new Map(priorities.map((tenant, rank) => [tenant, rank]));
    this.#lines = Array.from({ length: priorities.length + 1 }, () => new Line());
  }

  /** Clients who wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** `leaves`: the event of its client's giving up. */
  enter(journey: Journey, leaves: EventHandle): void {
    const last = this.#lines.length - 1;
    const rank = last === 0 ? 0 : (this.#ranks.get(journey.planned.tenant) ?? last);
    const waiting: Waiting = { journey, leaves, isGone: false };
    this.#lines[rank]?.add(waiting);
    this.#waiting.set(journey.slot, waiting);
  }

  /** Its client has given up: it stays in line, and nobody calls it. */
  leave({ slot }: Journey): void {
    const waiting = this.#waiting.get(slot);
    invariant(waiting !== undefined, "only who waits gives up waiting");
    waiting.isGone = true;
    this.#waiting.delete(slot);
  }

  /** Whoever of the first rank has waited longest; undefined when nobody waits. */
  next(): Waiting | undefined {
    for (const line of this.#lines) {
      const first = line.first();
      if (first !== undefined) return first;
    }
    return undefined;
  }

  /** The same, and it waits no more. */
  call(): Waiting | undefined {
    for (const line of this.#lines) {
      const first = line.first();
      if (first === undefined) continue;
      line.take();
      this.#waiting.delete(first.journey.slot);
      return first;
    }
    return undefined;
  }
}

class Line {
  #queue: Waiting[] = [];
  #first = 0;

  add(waiting: Waiting): void {
    this.#queue.push(waiting);
  }

  /** Whoever has waited longest and still does. */
  first(): Waiting | undefined {
    for (;;) {
      const next = this.#queue[this.#first];
      if (next?.isGone !== true) return next;
      this.take();
    }
  }

  /** The first one goes. */
  take(): void {
    this.#first += 1;
    if (this.#first <= keptMost || this.#first <= this.#queue.length / 2) return;
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }
}
