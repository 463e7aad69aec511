/**
 * How often something was seen before: the attempt number of a request, the ordinal of a body.
 *
 * Bounded by two generations of `capacity` names. When the younger is full the older is forgotten; a name that is seen again
 * moves to the younger, so whatever was seen among the last `capacity` different names is still known.
 */
export class CallCounter {
  readonly #capacity: number;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Counts this time too: 1 for a name that is not known. */
  next(name: string): number {
    const count = (this.#young.get(name) ?? this.#old.get(name) ?? 0) + 1;
    this.#young.set(name, count);
    if (this.#young.size > this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    return count;
  }
}
