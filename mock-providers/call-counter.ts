/**
 * How often something was seen before: the attempt number of a request, the ordinal of a body.
 *
 * A table of fixed size (2 MB, 131,072 names) without an object in it, so that remembering costs the garbage collector nothing. A
 * name is 46 bits of hash, 14 of which say in which row it stands: two names are taken for one with a probability of 2^-46. Where
 * a row is full, the name not seen for the longest time makes way, and counts from 1 when it comes back.
 */
import { mix32 } from "../core/random.ts";

const rows = 16_384;
const namesPerRow = 8;

export class CallCounter {
  readonly #tags = new Uint32Array(rows * namesPerRow);
  readonly #counts = new Uint32Array(rows * namesPerRow);
  /** Calls of `next` so far when a name was last seen. */
  readonly #seenAt = new Float64Array(rows * namesPerRow);
  #calls = 0;

  /** Counts this time too: 1 for a name that is not known. */
  next(name: string): number {
    const tag = hashed(name, 0x243f6a88);
    const place = this.#placeOf((hashed(name, 0x85a308d3) % rows) * namesPerRow, tag);
    const count = this.#tags[place] === tag ? (this.#counts[place] ?? 0) + 1 : 1;
    this.#calls++;
    this.#tags[place] = tag;
    this.#counts[place] = count;
    this.#seenAt[place] = this.#calls;
    return count;
  }

  /** Where the name stands in its row, or else the place of the name that makes way. */
  #placeOf(row: number, tag: number): number {
    let oldest = row;
    for (let place = row; place < row + namesPerRow; place++) {
      if (this.#tags[place] === tag && this.#seenAt[place] !== 0) return place;
      if ((this.#seenAt[place] ?? 0) < (this.#seenAt[oldest] ?? 0)) oldest = place;
    }
    return oldest;
  }
}

/** 32 bits, as a whole number from 0 on. */
function hashed(name: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < name.length; index++) hash = mix32(hash ^ name.charCodeAt(index));
  return hash >>> 0;
}
