/**
 * Which of the pending events comes first, by slot.
 *
 * Most events lie a while ahead and only wait, so they are not sorted before their time is near: what is far lies in a wheel of
 * buckets, each a stretch of time long and in no order, and what is beyond the wheel in one more list; when the near ones have
 * fired, the next bucket becomes the near ones. Those lie in a 4-ary heap, mostly of a handful (a calendar queue, R. Brown,
 * Communications of the ACM 31(10), 1988, with a heap for today). Where everything falls on one instant it is a plain heap.
 * How long a stretch is follows how close together events have fired lately; in which order they fire does not depend on it.
 * An event that is added before all others waits by itself: it often fires next, and has then been sorted nowhere.
 *
 * Everything is typed arrays by slot; nothing is allocated but when they grow.
 */
import type { Ms } from "../core/time.ts";

/** The wheel has a power of two of buckets: as many as there is room for events, or these. */
const bucketsMin = 1_024;
/** The list of what lies beyond the wheel comes before the buckets. */
const beyond = 0;
const none = -1;

/** How many events a stretch is to hold, and how far from that it may come before stretches are cut anew. */
const eventsPerStretch = 2;
const tolerance = 2;
const tunedAfterEvents = 1_024;
/** Stretches per millisecond: from one in a thousand seconds to a thousand. */
const densityMin = 1e-6;
const densityMax = 1e3;

export class EventQueue {
  /** By slot: when, and which goes first at one instant. To be set before a slot is added. */
  times: Float64Array;
  orders: Float64Array;
  /** By slot: its place in the heap, or `none` when it lies in a list; its list, and its neighbours there. */
  #places: Int32Array;
  #lists: Int32Array;
  #after: Int32Array;
  #before: Int32Array;

  /** The one that comes first, where it was added as such; otherwise `none`. */
  #foremost = none;
  #heap: Int32Array;
  #near = 0;
  #heads: Int32Array = new Int32Array(1 + bucketsMin).fill(none);
  #buckets = bucketsMin;
  #inWheel = 0;
  #inBeyond = 0;
  /** What falls in this stretch of time, or before it, is near. */
  #stretch = 0;
  /** No event beyond the wheel falls in an earlier stretch. */
  #beyondFrom = Number.POSITIVE_INFINITY;
  #stretchesPerMs = 1;
  #tunedMs: Ms = 0;
  #sinceTuned = 0;
  /** The instant of the event that was taken last. */
  #takenMs: Ms = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.#places = new Int32Array(capacity);
    this.#lists = new Int32Array(capacity);
    this.#after = new Int32Array(capacity);
    this.#before = new Int32Array(capacity);
    this.#heap = new Int32Array(capacity);
  }

  get size(): number {
    return this.#near + this.#inWheel + this.#inBeyond + (this.#foremost === none ? 0 : 1);
  }

  /** The event that comes first; -1 when there is none. */
  first(): number {
    return this.#foremost === none ? this.#firstSorted() : this.#foremost;
  }

  /** Takes the first one away, which there is. */
  takeFirst(): void {
    this.#takenMs = this.times[this.first()] ?? 0;
    this.#sinceTuned += 1;
    if (this.#foremost !== none) {
      this.#foremost = none;
      return;
    }
    const last = this.#heap[--this.#near] ?? none;
    if (this.#near > 0) this.#sink(0, last);
  }

  add(slot: number): void {
    const first = this.first();
    if (first !== none && !this.#isBefore(slot, first)) return this.#sort(slot);
    if (this.#foremost !== none) this.#sort(this.#foremost);
    this.#foremost = slot;
  }

  #firstSorted(): number {
    if (this.#near === 0 && !this.#advance()) return none;
    return this.#heap[0] ?? none;
  }

  #sort(slot: number): void {
    const stretch = Math.floor((this.times[slot] ?? 0) * this.#stretchesPerMs);
    const ahead = stretch - this.#stretch;
    if (ahead <= 0) {
      this.#rise(this.#near++, slot);
    } else if (ahead < this.#buckets) {
      this.#link(this.#bucketOf(stretch), slot);
      this.#inWheel += 1;
    } else {
      this.#link(beyond, slot);
      this.#inBeyond += 1;
      if (stretch < this.#beyondFrom) this.#beyondFrom = stretch;
    }
  }

  remove(slot: number): void {
    if (slot === this.#foremost) {
      this.#foremost = none;
      return;
    }
    const place = this.#places[slot] ?? none;
    if (place === none) {
      this.#unlink(slot);
      return;
    }
    const last = this.#heap[--this.#near] ?? none;
    if (last === slot) return;
    const parent = (place - 1) >> 2;
    if (place > 0 && this.#isBefore(last, this.#heap[parent] ?? none)) this.#rise(place, last);
    else this.#sink(place, last);
  }

  grow(capacity: number): void {
    this.times = copied(new Float64Array(capacity), this.times);
    this.orders = copied(new Float64Array(capacity), this.orders);
    this.#places = copied(new Int32Array(capacity), this.#places);
    this.#lists = copied(new Int32Array(capacity), this.#lists);
    this.#after = copied(new Int32Array(capacity), this.#after);
    this.#before = copied(new Int32Array(capacity), this.#before);
    this.#heap = copied(new Int32Array(capacity), this.#heap);
    let wished = this.#buckets;
    while (wished < capacity) wished *= 2;
    if (wished === this.#buckets) return;
    this.#heads = copied(new Int32Array(1 + wished).fill(none), this.#heads);
    this.#sortAnew(wished);
  }

  /** The next stretch with events in it becomes the near one. False: there is none. */
  #advance(): boolean {
    if (this.#sinceTuned >= tunedAfterEvents + this.size) this.#tune();
    while (this.#near === 0) {
      if (this.#inWheel === 0) {
        if (this.#inBeyond === 0) return false;
        this.#stretch = this.#beyondFrom;
      } else {
        this.#stretch += 1;
      }
      if (this.#stretch >= this.#beyondFrom) this.#refill();
      else this.#empty(this.#bucketOf(this.#stretch));
    }
    return true;
  }

  /** The events of a bucket come near. */
  #empty(bucket: number): void {
    let slot = this.#heads[bucket] ?? none;
    if (slot === none) return;
    this.#heads[bucket] = none;
    while (slot !== none) {
      const after = this.#after[slot] ?? none;
      this.#inWheel -= 1;
      this.#rise(this.#near++, slot);
      slot = after;
    }
  }

  #bucketOf(stretch: number): number {
    return 1 + (stretch & (this.#buckets - 1));
  }

  /** Everything is put where it belongs by now. */
  #refill(): void {
    this.#empty(this.#bucketOf(this.#stretch));
    let slot = this.#heads[beyond] ?? none;
    this.#heads[beyond] = none;
    this.#inBeyond = 0;
    this.#beyondFrom = Number.POSITIVE_INFINITY;
    while (slot !== none) {
      const after = this.#after[slot] ?? none;
      this.#sort(slot);
      slot = after;
    }
  }

  /** Cuts time into other stretches, where too many or too few events have fired in each of late. Nothing is near. */
  #tune(): void {
    const nowMs = this.#takenMs;
    const passedMs = nowMs - this.#tunedMs;
    const density = this.#sinceTuned / (eventsPerStretch * passedMs);
    this.#sinceTuned = 0;
    this.#tunedMs = nowMs;
    const change = density / this.#stretchesPerMs;
    if (!(passedMs > 0) || (change < tolerance && change > 1 / tolerance)) return;
    this.#stretchesPerMs = Math.min(densityMax, Math.max(densityMin, density));
    this.#stretch = Math.floor(nowMs * this.#stretchesPerMs);
    this.#sortAnew(this.#buckets);
  }

  /** Everything in the wheel finds its place anew, in so many buckets. */
  #sortAnew(buckets: number): void {
    for (let bucket = 1; bucket <= this.#buckets; bucket++) this.#moveBeyond(bucket);
    this.#inWheel = 0;
    this.#buckets = buckets;
    this.#refill();
  }

  #moveBeyond(bucket: number): void {
    let slot = this.#heads[bucket] ?? none;
    this.#heads[bucket] = none;
    while (slot !== none) {
      const after = this.#after[slot] ?? none;
      this.#link(beyond, slot);
      slot = after;
    }
  }

  #link(list: number, slot: number): void {
    const head = this.#heads[list] ?? none;
    this.#places[slot] = none;
    this.#lists[slot] = list;
    this.#after[slot] = head;
    this.#before[slot] = none;
    if (head !== none) this.#before[head] = slot;
    this.#heads[list] = slot;
  }

  #unlink(slot: number): void {
    const list = this.#lists[slot] ?? beyond;
    const after = this.#after[slot] ?? none;
    const before = this.#before[slot] ?? none;
    if (after !== none) this.#before[after] = before;
    if (before === none) this.#heads[list] = after;
    else this.#after[before] = after;
    if (list === beyond) this.#inBeyond -= 1;
    else this.#inWheel -= 1;
  }

  #isBefore(left: number, right: number): boolean {
    const leftMs = this.times[left] ?? 0;
    const rightMs = this.times[right] ?? 0;
    return leftMs < rightMs || (leftMs === rightMs && (this.orders[left] ?? 0) < (this.orders[right] ?? 0));
  }

  #rise(from: number, slot: number): void {
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      const above = heap[parent] ?? none;
      if (!this.#isBefore(slot, above)) break;
      heap[place] = above;
      this.#places[above] = place;
      place = parent;
    }
    heap[place] = slot;
    this.#places[slot] = place;
  }

  #sink(from: number, slot: number): void {
    const heap = this.#heap;
    const near = this.#near;
    let place = from;
    for (;;) {
      const firstChild = 4 * place + 1;
      if (firstChild >= near) break;
      const afterChildren = Math.min(firstChild + 4, near);
      let least = firstChild;
      let leastSlot = heap[firstChild] ?? none;
      for (let child = firstChild + 1; child < afterChildren; child++) {
        const childSlot = heap[child] ?? none;
        if (!this.#isBefore(childSlot, leastSlot)) continue;
        least = child;
        leastSlot = childSlot;
      }
      if (this.#isBefore(slot, leastSlot)) break;
      heap[place] = leastSlot;
      this.#places[leastSlot] = place;
      place = least;
    }
    heap[place] = slot;
    this.#places[slot] = place;
  }
}

export function copied<Values extends Float64Array | Int32Array>(into: Values, from: Values): Values {
  into.set(from);
  return into;
}
