/**
 * Conversations whose context lives on a replica: a turn that comes to another replica than the turn before has lost it.
 */
import type { PlannedRequest } from "../behavior/workload.ts";
import type { Replica } from "./replica.ts";

/** Conversations remembered; of more, the one that has been silent longest is forgotten, and not counted. */
const rememberedMax = 1_000_000;

export class Contexts {
  readonly #places = new Map<string, number>();

  /** Whether this turn finds its context gone. */
  isLost({ session, turn }: Pick<PlannedRequest, "session" | "turn">, replica: Replica): boolean {
    const before = this.#places.get(session);
    this.#places.delete(session);
    this.#places.set(session, replica.id);
    if (this.#places.size > rememberedMax) {
      const [oldest] = this.#places.keys();
      if (oldest !== undefined) this.#places.delete(oldest);
    }
    return turn > 0 && before !== undefined && before !== replica.id;
  }
}
