/**
 * Seeded, splittable random streams.
 *
 * Every purpose has a stream of its own, named by a path (`seed / "latency" / request key`). Adding a draw in one
 * place therefore never changes another, two runs with one seed see the same requests (common random numbers), and a
 * live run and a simulation draw the same latency for the same request.
 *
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), 128 bits of state, period at least 2^32 from any seed, passes PractRand and TestU01
 * BigCrush; only 32-bit integer operations, so the bytes are the same on every machine. Key hashing: the MurmurHash3
 * finaliser (Austin Appleby) over UTF-16 code units, in two lanes.
 *
 * The derived draws are portable too: `Math.sqrt` is exact by IEEE 754, and the logarithm, sine and cosine are our own
 * (`elementary.ts`).
 */
import { cos, ln, sin } from "./elementary.ts";

/** A stream of random numbers. Draws advance it; `split` does not. */
export interface RandomStream {
  /** Uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform whole number 0 <= n < bound; bound at most 2^32. */
  integer(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /**
   * A new, independent stream for the named purpose. The same name always gives the same stream. `below`: the stream of that
   * name below the named one, without making that one first.
   */
  split(name: string | number, below?: number): RandomStream;
  /** The stream that `split` would make, in an object that is used again with the next visit: for draws that are all made at once. */
  visit(name: string | number, below?: number): RandomStream;
}

/** The root stream of a run. Any whole number or string is a seed. */
export function randomStream(seed: number | string): RandomStream {
  return new Sfc32(0x9e3779b9, 0x243f6a88).split(seed);
}

/**
 * Its identity is 64 bits in two lanes; children are derived from it, never from the generator's position. Most streams are only
 * split, so the generator is set up with the first draw.
 */
class Sfc32 implements RandomStream {
  #high: number;
  #low: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;
  #isSetUp = false;
  #spareNormal = Number.NaN;
  #visited: Sfc32 | undefined = undefined;

  constructor(high: number, low: number) {
    this.#high = high;
    this.#low = low;
  }

  uniform(): number {
    const upper = this.#next();
    return (upper * 0x200000 + (this.#next() >>> 11)) / 9007199254740992;
  }

  integer(bound: number): number {
    return Math.floor((this.#next() / 4294967296) * bound);
  }

  /** Box and Muller (1958): two uniforms give two independent normals. */
  normal(): number {
    const spare = this.#spareNormal;
    if (!Number.isNaN(spare)) {
      this.#spareNormal = Number.NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * ln(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spareNormal = radius * sin(angle);
    return radius * cos(angle);
  }

  exponential(): number {
    return -ln(1 - this.uniform());
  }

  split(name: string | number, below?: number): RandomStream {
    const child = new Sfc32(this.#high, this.#low);
    child.#descend(name);
    if (below !== undefined) child.#descend(below);
    return child;
  }

  visit(name: string | number, below?: number): RandomStream {
    const visited = (this.#visited ??= new Sfc32(this.#high, this.#low));
    visited.#high = this.#high;
    visited.#low = this.#low;
    visited.#isSetUp = false;
    visited.#spareNormal = Number.NaN;
    visited.#descend(name);
    if (below !== undefined) visited.#descend(below);
    return visited;
  }

  /** Becomes the stream below itself that has this name. Only before the first draw. */
  #descend(name: string | number): void {
    const key = typeof name === "number" ? (smallNumberKeys[name] ?? `#${name}`) : name;
    let left = this.#high ^ Math.imul(key.length, 0x9e3779b1);
    let right = this.#low ^ Math.imul(key.length, 0x85ebca77);
    for (let index = 0; index < key.length; index++) {
      const code = key.charCodeAt(index);
      left = mix32(left ^ code);
      right = mix32((right + Math.imul(code, 0xc2b2ae3d)) | 0);
    }
    this.#high = mix32(left ^ (right >>> 15));
    this.#low = mix32(right ^ (left << 7));
  }

  #next(): number {
    if (!this.#isSetUp) this.#setUp();
    const mixed = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + mixed) | 0;
    return mixed >>> 0;
  }

  #setUp(): void {
    let a = this.#high | 0;
    let b = this.#low | 0;
    let c = (this.#high ^ 0x85ebca6b) | 0;
    for (let counter = 1; counter <= warmUpDraws; counter++) {
      const mixed = (((a + b) | 0) + counter) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + mixed) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = warmUpDraws + 1;
    this.#isSetUp = true;
  }
}

/** Draws that are thrown away, as the author of sfc32 has it. */
const warmUpDraws = 12;

/** Attempts, replicas and the like: not written anew for each split. */
const smallNumberKeys: readonly string[] = Array.from({ length: 64 }, (_, number) => `#${number}`);

/** MurmurHash3's 32-bit finaliser: every input bit changes about half of the output bits. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/**
 * A uniform draw on [0, 1) addressed by two whole numbers instead of by position: the i-th chunk of a stream can be asked
 * for without drawing the ones before it.
 */
export function uniformAt(key: number, index: number): number {
  return (bitsAt(key, index) >>> 0) / 4294967296;
}

/** The same draw as 32 bits, of which the highest say where on [0, 1) it lies. */
export function bitsAt(key: number, index: number): number {
  return mix32(key ^ Math.imul(index + 1, 0x9e3779b1));
}
