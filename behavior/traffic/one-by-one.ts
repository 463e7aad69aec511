/** Sequences that are made one by one while they are read, by a call each: a generator costs more to resume. */

/** `make` makes the n-th, counted from 0; undefined: there is none, and there will be no other. */
export function oneByOne<T>(make: (index: number) => T | undefined): IterableIterator<T, undefined> {
  return new OneByOne(make);
}

class OneByOne<T> implements IterableIterator<T, undefined> {
  readonly #make: (index: number) => T | undefined;
  #made = 0;

  constructor(make: (index: number) => T | undefined) {
    this.#make = make;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<T, undefined> {
    const value = this.#make(this.#made);
    if (value === undefined) return { done: true, value: undefined };
    this.#made += 1;
    return { done: false, value };
  }
}
