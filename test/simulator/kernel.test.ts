/**
 * The kernel against a list that is sorted anew for every event: the same order, whatever is scheduled and cancelled.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SquallError } from "../../core/errors.ts";
import { InvariantError } from "../../core/invariant.ts";
import { randomStream } from "../../core/random.ts";
import { type EventHandle, Kernel, priorityMax } from "../../simulator/kernel.ts";

const seed = 20_261_120;
const limits = { pendingMax: 1_000, eventsMax: 100_000 };

describe("Kernel", () => {
  it("fires in the order of a sorted list, for any mix of scheduling, cancelling and running", () => {
    fc.assert(
      fc.property(fc.array(action(), { maxLength: 400, size: "max" }), (actions) => {
        expect(playOnKernel(actions)).toEqual(playOnList(actions));
      }),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    { how: "from microseconds to weeks ahead", spread: 21 },
    { how: "all within a millisecond", spread: 0 },
  ])("fires thousands of events in order, $how, cancelled ones left out", ({ spread }) => {
    const kernel = new Kernel({ pendingMax: 10_000, eventsMax: 100_000 });
    const random = randomStream(seed);
    const handles: EventHandle[] = [];
    const due: { readonly id: number; readonly atMs: number }[] = [];
    const cancelled = new Set<number>();
    const seen: number[] = [];
    const plan = (): void => {
      const atMs = kernel.nowMs + random.uniform() * Math.exp(spread * (random.uniform() - 1 / 3));
      due.push({ id: handles.length, atMs });
      handles.push(kernel.schedule(atMs, 0, 0, handles.length));
    };
    for (let event = 0; event < 4_000; event++) plan();
    kernel.run([
      (id) => {
        seen.push(id);
        if (handles.length < 12_000) plan();
        const other = random.integer(handles.length);
        if (kernel.cancel(handles[other] ?? 0)) cancelled.add(other);
      },
    ]);
    const inOrder = due.filter(({ id }) => !cancelled.has(id)).toSorted((left, right) => left.atMs - right.atMs);
    expect(cancelled.size).toBeGreaterThan(1_000);
    expect(seen).toEqual(inOrder.map(({ id }) => id));
    expect(kernel.pending).toBe(0);
  });

  it("orders events of one instant by priority, and those of one priority by when they were scheduled", () => {
    const kernel = new Kernel(limits);
    for (const [payload, priority] of [3, 1, 3, 0, 1].entries()) kernel.schedule(5, priority, 0, payload);
    expect(fired(kernel)).toEqual([3, 1, 4, 0, 2]);
  });

  it("fires what handlers schedule for the present instant before anything later", () => {
    const kernel = new Kernel(limits);
    const seen: [number, number][] = [];
    kernel.schedule(1, 0, 0, 1);
    kernel.schedule(2, 0, 1, 2);
    kernel.run([
      (payload) => {
        seen.push([kernel.nowMs, payload]);
        kernel.schedule(kernel.nowMs, 0, 1, 9);
      },
      (payload) => seen.push([kernel.nowMs, payload]),
    ]);
    expect(seen).toEqual([
      [1, 1],
      [1, 9],
      [2, 2],
    ]);
  });

  it("stops after the events due until then and goes on later", () => {
    const kernel = new Kernel(limits);
    for (const atMs of [1, 2, 3, 4]) kernel.schedule(atMs, 0, 0, atMs);
    expect(fired(kernel, 3)).toEqual([1, 2, 3]);
    expect([kernel.nowMs, kernel.pending, kernel.fired]).toEqual([3, 1, 3]);
    expect(fired(kernel)).toEqual([4]);
  });

  it("cancels an event once, and never the event that has taken over its slot", () => {
    const kernel = new Kernel(limits);
    const first = kernel.schedule(1, 0, 0, 1);
    expect(kernel.cancel(first)).toBe(true);
    expect(kernel.cancel(first)).toBe(false);
    const second = kernel.schedule(1, 0, 0, 2);
    expect(kernel.cancel(first)).toBe(false);
    expect(fired(kernel)).toEqual([2]);
    expect(kernel.cancel(second)).toBe(false);
  });

  it.each([
    { why: "before now", atMs: 9 },
    { why: "not a number", atMs: Number.NaN },
    { why: "never", atMs: Number.POSITIVE_INFINITY },
  ])("refuses an event that is due $why", ({ atMs }) => {
    const kernel = new Kernel(limits);
    kernel.schedule(10, 0, 0, 0);
    kernel.run([() => undefined]);
    expect(() => kernel.schedule(atMs, 0, 0, 0)).toThrow(InvariantError);
  });

  it("refuses a priority or a kind that it does not know", () => {
    const kernel = new Kernel(limits);
    expect(() => kernel.schedule(0, priorityMax + 1, 0, 0)).toThrow(InvariantError);
    kernel.schedule(0, 0, 7, 0);
    expect(() => kernel.run([])).toThrow("no handler for events of kind 7");
  });

  it.each([1, 64, 100])("holds %i pending events and not one more", (pendingMax) => {
    const kernel = new Kernel({ ...limits, pendingMax });
    for (let event = 0; event < pendingMax; event++) kernel.schedule(event, 0, 0, event);
    expect(() => kernel.schedule(0, 0, 0, 0)).toThrow(SquallError);
    expect(fired(kernel)).toHaveLength(pendingMax);
  });

  it("ends a simulation that would never end", () => {
    const kernel = new Kernel({ ...limits, eventsMax: 50 });
    kernel.schedule(0, 0, 0, 0);
    const forEver = (): void => {
      kernel.schedule(kernel.nowMs + 1, 0, 0, 0);
    };
    expect(() => kernel.run([forEver])).toThrow("fired 50 events at 50 ms");
  });
});

function fired(kernel: Kernel, untilMs?: number): readonly number[] {
  const payloads: number[] = [];
  kernel.run([(payload) => payloads.push(payload)], untilMs);
  return payloads;
}

type Action =
  | { readonly kind: "schedule"; readonly afterMs: number; readonly priority: number }
  /** The n-th event scheduled so far, counted round. */
  | { readonly kind: "cancel"; readonly which: number }
  | { readonly kind: "run"; readonly forMs: number };

/** Few distinct times and priorities, so that ties are common. */
function action(): fc.Arbitrary<Action> {
  const schedule = fc.record({
    kind: fc.constant("schedule" as const),
    afterMs: fc.integer({ min: 0, max: 20 }),
    priority: fc.integer({ min: 0, max: priorityMax }),
  });
  const cancel = fc.record({ kind: fc.constant("cancel" as const), which: fc.nat(400) });
  const run = fc.record({ kind: fc.constant("run" as const), forMs: fc.integer({ min: 0, max: 5 }) });
  return fc.oneof({ weight: 24, arbitrary: schedule }, { weight: 8, arbitrary: cancel }, { weight: 1, arbitrary: run });
}

/** What was seen: `n` fired, or whether a cancellation found its event. */
type Seen = readonly (number | boolean)[];

function playOnKernel(actions: readonly Action[]): Seen {
  const kernel = new Kernel(limits);
  const handles: EventHandle[] = [];
  const seen: (number | boolean)[] = [];
  let clockMs = 0;
  for (const step of actions) {
    if (step.kind === "schedule") {
      handles.push(kernel.schedule(clockMs + step.afterMs, step.priority, 0, handles.length));
    } else if (step.kind === "cancel") {
      const handle = handles[step.which % handles.length];
      if (handle !== undefined) seen.push(kernel.cancel(handle));
    } else {
      clockMs += step.forMs;
      seen.push(...fired(kernel, clockMs));
    }
  }
  return [...seen, ...fired(kernel), kernel.pending];
}

function playOnList(actions: readonly Action[]): Seen {
  const pending = new Map<number, { readonly atMs: number; readonly priority: number }>();
  const seen: (number | boolean)[] = [];
  let scheduled = 0;
  let clockMs = 0;
  const fireUntil = (untilMs: number): void => {
    const due = [...pending].filter(([, event]) => event.atMs <= untilMs);
    due.sort(([leftId, left], [rightId, right]) => {
      return left.atMs - right.atMs || left.priority - right.priority || leftId - rightId;
    });
    for (const [id] of due) {
      seen.push(id);
      pending.delete(id);
    }
  };
  for (const step of actions) {
    if (step.kind === "schedule") {
      pending.set(scheduled++, { atMs: clockMs + step.afterMs, priority: step.priority });
    } else if (step.kind === "cancel") {
      if (scheduled > 0) seen.push(pending.delete(step.which % scheduled));
    } else {
      clockMs += step.forMs;
      fireUntil(clockMs);
    }
  }
  fireUntil(Number.POSITIVE_INFINITY);
  return [...seen, pending.size];
}
