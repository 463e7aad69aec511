/**
 * Session affinity: a conversation goes where its name falls on a ring (Karger et al. 1997), so it stays with its replica as
 * long as that one may serve, and when a replica comes or goes only the conversations beside it on the ring move.
 *
 * With a load bound c nobody gets more than ceil(c m / n) of the m requests in flight on n replicas, the new one counted;
 * who is full passes on to the next along the ring (Mirrokni, Thorup and Zadimoghaddam, Consistent Hashing with Bounded
 * Loads, 2016; HAProxy calls c its `hash-balance-factor`, in percent).
 */
import { mix32 } from "../../core/random.ts";
import type { Balancer, Target } from "./balancer.ts";

/** Points of each replica on the ring: shares are then within a tenth of even, one standard deviation (1 / sqrt(100)). */
const pointsEach = 100;

interface Ring<T> {
  /** In order; `owners[i]` is whose point `points[i]` is. */
  readonly points: Uint32Array;
  readonly owners: readonly T[];
}

export function consistentHash<T extends Target>(roomMax: number, loadBound: number): Balancer<T> {
  let ringOf: readonly T[] = [];
  let ring: Ring<T> = { points: new Uint32Array(0), owners: [] };
  return (targets, { session }) => {
    if (targets !== ringOf) {
      ringOf = targets;
      ring = makeRing(targets);
    }
    const full = Math.min(roomMax, allowed(targets, loadBound));
    const { points, owners } = ring;
    const first = firstFrom(points, hashOfText(session));
    for (let tried = 0; tried < owners.length; tried++) {
      const target = owners[(first + tried) % owners.length];
      if (target !== undefined && target.inFlight < full) return target;
    }
    return undefined;
  };
}

function allowed(targets: readonly Target[], loadBound: number): number {
  if (loadBound === Number.POSITIVE_INFINITY) return loadBound;
  let inFlight = 1;
  for (const target of targets) inFlight += target.inFlight;
  return Math.ceil((loadBound * inFlight) / targets.length);
}

function makeRing<T extends Target>(targets: readonly T[]): Ring<T> {
  const placed = targets.flatMap((target) =>
    Array.from({ length: pointsEach }, (_, index) => ({
      point: mix32(mix32(target.id + 1) ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0,
      target,
    })),
  );
  // Of two on one point the older replica goes first.
  placed.sort((left, right) => left.point - right.point || left.target.id - right.target.id);
  return { points: Uint32Array.from(placed, ({ point }) => point), owners: placed.map(({ target }) => target) };
}

/** Index of the first point at or after a place on the ring; past the last one it is the first again. */
function firstFrom(points: Uint32Array, place: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A place on the ring: a whole number of 32 bits (MurmurHash3's finaliser over UTF-16 code units). */
export function hashOfText(text: string): number {
  let hash = text.length;
  for (let index = 0; index < text.length; index++) hash = mix32((hash ^ text.charCodeAt(index)) + 0x9e3779b1);
  return hash >>> 0;
}
