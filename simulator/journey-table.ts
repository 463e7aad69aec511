/**
 * The requests that are on their way.
 *
 * Events name a journey by its slot in the table. A slot is used again once its request is written down, and the journey in it with
 * it, so memory follows what is in flight and not the length of the run. So whoever keeps a journey must let go of it when it ends:
 * it will be another request's.
 */
import { invariant, InvariantError } from "../core/invariant.ts";
import { Journey, type JourneyStart } from "./journey.ts";

export class JourneyTable {
  /** By slot, those included that wait for their next request. */
  readonly #journeys: Journey[] = [];
  readonly #freeSlots: number[] = [];

  begin(start: JourneyStart): Journey {
    const slot = this.#freeSlots.pop() ?? this.#journeys.length;
    const used = this.#journeys[slot];
    // An effort looks at its tries after they have ended.
    if (used !== undefined && used.effort === undefined) {
      used.begin(start);
      return used;
    }
    const journey = new Journey(slot, start);
    this.#journeys[slot] = journey;
    return journey;
  }

  at(slot: number): Journey {
    const journey = this.#journeys[slot];
    if (journey?.isUnderWay !== true) throw new InvariantError(`no journey in slot ${slot}`);
    return journey;
  }

  end(journey: Journey): void {
    invariant(journey.isUnderWay, "a journey ends once");
    journey.isUnderWay = false;
    this.#freeSlots.push(journey.slot);
  }

  /** Those for which something holds, in order of slots. */
  filter(holds: (journey: Journey) => boolean): readonly Journey[] {
    return this.#journeys.filter((journey) => journey.isUnderWay && holds(journey));
  }

  /** Requests whose client waits, and calls that go on for a client who has left, counted one by one. */
  count(): { readonly waiting: number; readonly abandoned: number } {
    const onTheirWay = this.filter(() => true);
    const waiting = onTheirWay.filter((journey) => journey.clientWaits).length;
    return { waiting, abandoned: onTheirWay.length - waiting };
  }
}
