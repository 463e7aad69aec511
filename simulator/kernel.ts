/**
 * The event kernel: what comes next, and nothing about what it means.
 *
 * Events fire in order of (time, priority, sequence), as in SimPy: at one instant the lower priority goes first, and
 * among equals the one scheduled first. So the order never depends on memory, hashing or the machine, and one seed gives
 * the same bytes. An event is a kind, which names its handler in a dense table, and a payload, which is a whole number
 * that only the handler understands (a slot, an index).
 *
 * Pending events lie in typed arrays (`event-queue.ts`): scheduling, firing and cancelling allocate nothing, except that the
 * arrays double when they are full, up to a bound. A cancelled event gives its place back at once.
 */
import { invalidInput } from "../core/errors.ts";
import { InvariantError, invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { copied, EventQueue } from "./event-queue.ts";

/** Does what one kind of event stands for, at `kernel.nowMs`. */
export type Handler = (payload: number) => void;

/** Names one scheduled event until it fires or is cancelled; afterwards it names nothing. */
export type EventHandle = number;

/** Names no event. */
export const noEvent: EventHandle = -1;

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

  readonly #queue: EventQueue;
  /** The events, by slot; of a free slot the payload is the next free one. */
  #kinds: Int32Array;
  #payloads: Int32Array;
  #generations: Int32Array;
  #slotsUsed = 0;
  #freeSlot = -1;

  constructor(limits: KernelLimits) {
    invariant(limits.pendingMax <= pendingCeiling, `at most ${pendingCeiling} events can be pending`);
    this.#limits = limits;
    const capacity = Math.min(capacityAtStart, limits.pendingMax);
    this.#queue = new EventQueue(capacity);
    this.#kinds = new Int32Array(capacity);
    this.#payloads = new Int32Array(capacity);
    this.#generations = new Int32Array(capacity);
  }

  /** The instant of the event that is firing, or of the last one that fired. */
  get nowMs(): Ms {
    return this.#nowMs;
  }

  /** Events that are waiting. */
  get pending(): number {
    return this.#queue.size;
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
    const queue = this.#queue;
    queue.times[slot] = atMs;
    queue.orders[slot] = priority * sequencesPerPriority + this.#sequence++;
    queue.add(slot);
    return (this.#generations[slot] ?? 0) * pendingCeiling + slot;
  }

  /** Takes an event back. False when it has fired or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % pendingCeiling;
    if (slot >= this.#slotsUsed || this.#generations[slot] !== (handle - slot) / pendingCeiling) return false;
    this.#queue.remove(slot);
    this.#releaseSlot(slot);
    return true;
  }

  /**
   * Fires every event due up to and including `untilMs`, in order, the ones that handlers schedule meanwhile included.
   * Error `simulation-too-large` when the run needs more events than its limits allow.
   */
  run(handlers: readonly Handler[], untilMs: Ms = Number.POSITIVE_INFINITY): void {
    const { eventsMax } = this.#limits;
    const queue = this.#queue;
    for (;;) {
      const slot = queue.first();
      if (slot < 0) break;
      const atMs = queue.times[slot] ?? 0;
      if (atMs > untilMs) break;
      const handler = handlers[this.#kinds[slot] ?? -1];
      const payload = this.#payloads[slot] ?? 0;
      if (handler === undefined) throw new InvariantError(`no handler for events of kind ${this.#kinds[slot]}`);
      if (atMs < this.#nowMs) throw new InvariantError(`time ran backwards: ${this.#nowMs} ms to ${atMs} ms`);
      queue.takeFirst();
      this.#releaseSlot(slot);
      this.#nowMs = atMs;
      if (++this.#fired > eventsMax) throw tooLarge(`has fired ${eventsMax} events`, atMs);
      handler(payload);
    }
  }

  #takeSlot(): number {
    const free = this.#freeSlot;
    if (free >= 0) {
      this.#freeSlot = this.#payloads[free] ?? -1;
      return free;
    }
    if (this.#slotsUsed === this.#kinds.length) this.#grow();
    return this.#slotsUsed++;
  }

  #releaseSlot(slot: number): void {
    this.#generations[slot] = ((this.#generations[slot] ?? 0) + 1) & generationMask;
    this.#payloads[slot] = this.#freeSlot;
    this.#freeSlot = slot;
  }

  #grow(): void {
    const { pendingMax } = this.#limits;
    const full = this.#kinds.length;
    if (full >= pendingMax) throw tooLarge(`has ${full} events waiting`, this.#nowMs);
    const capacity = Math.min(pendingMax, 2 * full);
    this.#queue.grow(capacity);
    this.#kinds = copied(new Int32Array(capacity), this.#kinds);
    this.#payloads = copied(new Int32Array(capacity), this.#payloads);
    this.#generations = copied(new Int32Array(capacity), this.#generations);
  }
}

function tooLarge(what: string, atMs: Ms): Error {
  return invalidInput(`the simulation ${what} at ${Math.round(atMs)} ms of scenario time, which is its limit`, {
    code: "simulation-too-large",
    hint: "shorten the scenario, lower its load, or give clients a shorter timeout",
  });
}
