/**
 * Open-loop conversations: they begin at a rate, and each goes on at its own pace whatever comes back. An agent's chain of calls
 * is one, with its tools' time for thought.
 *
 * The rate of a scenario is that of requests, so conversations begin at that rate over their mean number of turns. What would
 * come after the end of the traffic does not come.
 */
import { distribution } from "../../core/distributions.ts";
import type { RandomStream } from "../../core/random.ts";
import type { OpenLoad, SessionSpec, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { OpenPhase, PlannedRequest } from "../workload.ts";
import { arrivalTimes, segmentsDurationMs } from "./arrivals.ts";
import { conversationWriter } from "./conversations.ts";

export function sessionPhase(traffic: Traffic, load: OpenLoad, spec: SessionSpec, random: RandomStream): OpenPhase {
  const durationMs = segmentsDurationMs(load.segments);
  const turns = Math.max(1, distribution(spec.turns).mean);
  const starts = load.segments.map((segment) => ({
    ...segment,
    fromPerMs: segment.fromPerMs / turns,
    toPerMs: segment.toPerMs / turns,
  }));
  const converse = conversationWriter(traffic, spec, random);
  return {
    kind: "open",
    name: "load",
    durationMs,
    arrivals: function* () {
      const pending = new Turns();
      let index = 0;
      for (const startMs of arrivalTimes(starts, random.split("arrivals"))) {
        yield* pending.until(startMs);
        pending.add(converse(`s${index}`, undefined, startMs), startMs);
        index++;
      }
      for (const request of pending.until(durationMs)) if (request.atMs < durationMs) yield request;
    },
  };
}

/** A conversation and its next turn. */
interface Going {
  readonly turns: Iterator<PlannedRequest>;
  readonly next: PlannedRequest;
  readonly order: number;
}

/** The conversations that go on, by the instant of their next turns: a binary heap; of equals, the one that began first. */
class Turns {
  readonly #heap: Going[] = [];
  #begun = 0;

  add(turns: Iterator<PlannedRequest>, startMs: Ms): void {
    this.#push(turns, startMs, this.#begun++);
  }

  /** Every turn that is due by then, in order. */
  *until(atMs: Ms): Generator<PlannedRequest, void, undefined> {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.next.atMs > atMs) return;
      this.#dropFirst();
      yield first.next;
      this.#push(first.turns, first.next.atMs, first.order);
    }
  }

  /** The next turn comes its own pause after the one before. */
  #push(turns: Iterator<PlannedRequest>, beforeMs: Ms, order: number): void {
    const step = turns.next();
    if (step.done === true) return;
    const going = { turns, next: { ...step.value, atMs: beforeMs + step.value.thinkMs, thinkMs: 0 }, order };
    const heap = this.#heap;
    let place = heap.push(going) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, going)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = going;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      heap[place] = child;
      place = child === left ? 2 * place + 1 : 2 * place + 2;
    }
    heap[place] = last;
  }
}

function isBefore(left: Going, right: Going): boolean {
  return left.next.atMs < right.next.atMs || (left.next.atMs === right.next.atMs && left.order < right.order);
}
