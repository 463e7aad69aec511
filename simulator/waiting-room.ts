/** Requests in front of a fleet that has no room: first come, first served, and whoever gives up meanwhile is passed over. */
import type { EventHandle } from "./kernel.ts";
import type { Journey } from "./journey.ts";

export interface Waiting {
  readonly journey: Journey;
  /** The event of its client's giving up. */
  readonly leaves: EventHandle;
}

/** Places that were taken are given back when there are this many, and they are half of all. */
const keptMost = 1_024;

export class WaitingRoom {
  #queue: Waiting[] = [];
  #first = 0;
  #count = 0;

  /** Clients who wait. */
  get count(): number {
    return this.#count;
  }

  enter(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#count += 1;
  }

  /** Its client has given up: it stays in line, and nobody calls it. */
  leave(): void {
    this.#count -= 1;
  }

  /** Whoever has waited longest; undefined when nobody waits. */
  call(): Waiting | undefined {
    for (;;) {
      const next = this.#queue[this.#first];
      if (next === undefined) return undefined;
      this.#first += 1;
      if (this.#first > keptMost && this.#first > this.#queue.length / 2) {
        this.#queue = this.#queue.slice(this.#first);
        this.#first = 0;
      }
      if (!next.journey.clientWaits) continue;
      this.#count -= 1;
      return next;
    }
  }
}
