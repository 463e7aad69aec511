/**
 * The event kernel: what comes next, and nothing about what it means.
 *
 * Events fire in order of (time, priority, sequence), as in SimPy: at one instant the lower priority goes first, and
 * among equals the one scheduled first. So the order never depends on memory, hashing or the machine, and one seed gives
 * the same bytes. An event is a kind, which names its handler in a dense table, and a payload, which is a whole number
 * that only the handler understands (a slot, an index).
 *
 * Pending events lie in a 4-ary heap of typed arrays: scheduling, firing and cancelling allocate nothing, except that the
 * arrays double when they are full, up to a bound. A cancelled event leaves the heap at once.
 */
import { invalidInput } from "../core/errors.ts";
import { InvariantError, invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";

/** Does what one kind of event stands for, at `kernel.nowMs`. */
export type Handler = (payload: number) => void;

/** Names one scheduled event until it fires or is cancelled; afterwards it names nothing. */
export type EventHandle = number;

export interface KernelLimits {
  /** Events waiting at one time, at most `pendingCeiling`. */
  readonly pendingMax: number;
  /** Events fired in all: what ends a simulation that would never end. */
  readonly eventsMax: number;
}

/** Priorities are 0 (first) to this. */
export const priorityMax = 7;

/** Slots share a number with their generation: 2^24 slots, 2^29 generations. */
const pendingCeiling = 2 ** 24;
const generationMask = 2 ** 29 - 1;

/** Priority and sequence in one number, exact in a double: 8 * 2^49 = 2^52. */
const sequencesPerPriority = 2 ** 49;

const capacityAtStart = 64;

export class Kernel {
  readonly #limits: KernelLimits;
  #nowMs: Ms = 0;
  #fired = 0;
  #sequence = 0;

  /**
   * The heap, by position: when, priority and sequence in one number, and the slot of the event. The place of the event that is
   * firing stays empty until something else is scheduled, which then needs to be sorted in only once, or until that is over.
   */
  #size = 0;
  #firstIsEmpty = false;
  #times: Float64Array;
  #orders: Float64Array;
  #slots: Int32Array;

  /** The events, by slot. `#positions` is the place in the heap, or for a free slot -1 minus the next free one. */
  #kinds: Int32Array;
  #payloads: Int32Array;
  #generations: Int32Array;
  #positions: Int32Array;
  #slotsUsed = 0;
  #freeSlot = -1;

  constructor(limits: KernelLimits) {
    invariant(limits.pendingMax <= pendingCeiling, `at most ${pendingCeiling} events can be pending`);
    this.#limits = limits;
    const capacity = Math.min(capacityAtStart, limits.pendingMax);
    this.#times = new Float64Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#payloads = new Int32Array(capacity);
    this.#generations = new Int32Array(capacity);
    this.#positions = new Int32Array(capacity);
  }

  /** The instant of the event that is firing, or of the last one that fired. */
  get nowMs(): Ms {
    return this.#nowMs;
  }

  /** Events that are waiting. */
  get pending(): number {
    return this.#firstIsEmpty ? this.#size - 1 : this.#size;
  }

  /** Events that have fired. */
  get fired(): number {
    return this.#fired;
  }

  /** Plans an event. `atMs` must be a finite instant, not before now. */
  schedule(atMs: Ms, priority: number, kind: number, payload: number): EventHandle {
    if (!(atMs >= this.#nowMs && atMs < Number.POSITIVE_INFINITY)) {
      throw new InvariantError(`event of kind ${kind} scheduled for ${atMs} ms at ${this.#nowMs} ms`);
    }
    invariant(priority >= 0 && priority <= priorityMax, "priority out of range");
    const slot = this.#takeSlot();
    this.#kinds[slot] = kind;
    this.#payloads[slot] = payload;
    const order = priority * sequencesPerPriority + this.#sequence++;
    if (this.#firstIsEmpty) {
      this.#firstIsEmpty = false;
      this.#siftDown(0, atMs, order, slot);
    } else {
      this.#siftUp(this.#size++, atMs, order, slot);
    }
    return (this.#generations[slot] ?? 0) * pendingCeiling + slot;
  }

  /** Takes an event back. False when it has fired or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % pendingCeiling;
    if (slot >= this.#slotsUsed || this.#generations[slot] !== (handle - slot) / pendingCeiling) return false;
    this.#fillFirst();
    this.#removeAt(this.#positions[slot] ?? 0);
    this.#releaseSlot(slot);
    return true;
  }

  /**
   * Fires every event due up to and including `untilMs`, in order, the ones that handlers schedule meanwhile included.
   * Error `simulation-too-large` when the run needs more events than its limits allow.
   */
  run(handlers: readonly Handler[], untilMs: Ms = Number.POSITIVE_INFINITY): void {
    const { eventsMax } = this.#limits;
    for (;;) {
      this.#fillFirst();
      if (this.#size === 0) break;
      const atMs = this.#times[0] ?? 0;
      if (atMs > untilMs) break;
      const slot = this.#slots[0] ?? 0;
      const handler = handlers[this.#kinds[slot] ?? -1];
      const payload = this.#payloads[slot] ?? 0;
      if (handler === undefined) throw new InvariantError(`no handler for events of kind ${this.#kinds[slot]}`);
      if (atMs < this.#nowMs) throw new InvariantError(`time ran backwards: ${this.#nowMs} ms to ${atMs} ms`);
      this.#firstIsEmpty = true;
      this.#releaseSlot(slot);
      this.#nowMs = atMs;
      if (++this.#fired > eventsMax) throw tooLarge(`has fired ${eventsMax} events`, atMs);
      handler(payload);
    }
  }

  #takeSlot(): number {
    const free = this.#freeSlot;
    if (free >= 0) {
      this.#freeSlot = -1 - (this.#positions[free] ?? -1);
      return free;
    }
    if (this.#slotsUsed === this.#kinds.length) this.#grow();
    return this.#slotsUsed++;
  }

  #releaseSlot(slot: number): void {
    this.#generations[slot] = ((this.#generations[slot] ?? 0) + 1) & generationMask;
    this.#positions[slot] = -1 - this.#freeSlot;
    this.#freeSlot = slot;
  }

  #grow(): void {
    const { pendingMax } = this.#limits;
    const full = this.#kinds.length;
    if (full >= pendingMax) throw tooLarge(`has ${full} events waiting`, this.#nowMs);
    const capacity = Math.min(pendingMax, 2 * full);
    this.#times = copied(new Float64Array(capacity), this.#times);
    this.#orders = copied(new Float64Array(capacity), this.#orders);
    this.#slots = copied(new Int32Array(capacity), this.#slots);
    this.#kinds = copied(new Int32Array(capacity), this.#kinds);
    this.#payloads = copied(new Int32Array(capacity), this.#payloads);
    this.#generations = copied(new Int32Array(capacity), this.#generations);
    this.#positions = copied(new Int32Array(capacity), this.#positions);
  }

  #fillFirst(): void {
    if (!this.#firstIsEmpty) return;
    this.#firstIsEmpty = false;
    this.#removeAt(0);
  }

  /** Closes the gap at `position` with the last event of the heap. */
  #removeAt(position: number): void {
    const last = --this.#size;
    if (position === last) return;
    const atMs = this.#times[last] ?? 0;
    const order = this.#orders[last] ?? 0;
    const slot = this.#slots[last] ?? 0;
    const parent = (position - 1) >> 2;
    if (position > 0 && this.#isBefore(atMs, order, parent)) this.#siftUp(position, atMs, order, slot);
    else this.#siftDown(position, atMs, order, slot);
  }

  #isBefore(atMs: Ms, order: number, position: number): boolean {
    const other = this.#times[position] ?? 0;
    return atMs < other || (atMs === other && order < (this.#orders[position] ?? 0));
  }

  #siftUp(from: number, atMs: Ms, order: number, slot: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      if (!this.#isBefore(atMs, order, parent)) break;
      this.#move(parent, position);
      position = parent;
    }
    this.#place(position, atMs, order, slot);
  }

  #siftDown(from: number, atMs: Ms, order: number, slot: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const size = this.#size;
    let position = from;
    for (;;) {
      const firstChild = 4 * position + 1;
      if (firstChild >= size) break;
      const afterChildren = Math.min(firstChild + 4, size);
      let least = firstChild;
      let leastMs = times[firstChild] ?? 0;
      for (let child = firstChild + 1; child < afterChildren; child++) {
        const childMs = times[child] ?? 0;
        if (childMs > leastMs || (childMs === leastMs && (orders[child] ?? 0) > (orders[least] ?? 0))) continue;
        least = child;
        leastMs = childMs;
      }
      if (atMs < leastMs || (atMs === leastMs && order < (orders[least] ?? 0))) break;
      this.#place(position, leastMs, orders[least] ?? 0, this.#slots[least] ?? 0);
      position = least;
    }
    this.#place(position, atMs, order, slot);
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, this.#slots[from] ?? 0);
  }

  #place(position: number, atMs: Ms, order: number, slot: number): void {
    this.#times[position] = atMs;
    this.#orders[position] = order;
    this.#slots[position] = slot;
    this.#positions[slot] = position;
  }
}

function copied<Values extends Float64Array | Int32Array>(into: Values, from: Values): Values {
  into.set(from);
  return into;
}

function tooLarge(what: string, atMs: Ms): Error {
  return invalidInput(`the simulation ${what} at ${Math.round(atMs)} ms of scenario time, which is its limit`, {
    code: "simulation-too-large",
    hint: "shorten the scenario, lower its load, or give clients a shorter timeout",
  });
}
