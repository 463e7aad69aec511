/**
 * How often something was seen before: the attempt number of a request, the ordinal of a body.
 *
 * Bounded: beyond `capacity` names the one not seen for the longest time is forgotten, and counts from 1 when it comes back.
 */
export class CallCounter {
  readonly #capacity: number;
  /** A Map keeps insertion order; a name seen again is put at its end. */
  readonly #counts = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Counts this time too: 1 for a name never seen. */
  next(name: string): number {
    const seen = this.#counts.get(name);
    if (seen !== undefined) this.#counts.delete(name);
    else if (this.#counts.size >= this.#capacity) this.#forgetOldest();
    const count = (seen ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  #forgetOldest(): void {
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      return;
    }
  }
}
