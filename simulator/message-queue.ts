/**
 * A queue in front of workers, as SQS keeps one: a message that a worker has had for `visibilityMs` without an answer becomes
 * visible again and is delivered once more, and after `deliveriesMax` deliveries it is a dead letter.
 *
 * Clients have been told "accepted" and ask until the answer is there, so a request lasts until its answer is ready, and gives
 * up after the client's own time limit. Assumed: asking costs nothing, and what the first worker has done by then is thrown
 * away (in earnest both work on).
 */
import type { QueueSpec } from "../core/scenario/deployment-spec.ts";
import { type Ending, failedWith } from "./answers.ts";
import { schedule, steps } from "./events.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import type { Journey } from "./journey.ts";
import type { EventHandle, Kernel } from "./kernel.ts";
import type { Tally } from "./tally.ts";

export interface MessageQueueOptions {
  readonly kernel: Kernel;
  readonly spec: QueueSpec;
  readonly tally: Tally;
  /** All work on a request is to end; its client waits on. */
  readonly withdraw: (journey: Journey) => void;
  /** A request has failed for good. */
  readonly breakOff: (journey: Journey, ending: Ending) => void;
  /** A request is given to another worker, or falls to the end of the line. */
  readonly deliver: (journey: Journey) => void;
}

const deadLetter: Ending = failedWith(500, "dead-letter");

interface Delivery {
  readonly deliveries: number;
  readonly ends: EventHandle;
}

export class MessageQueue {
  readonly #options: MessageQueueOptions;
  /** By slot. */
  readonly #delivered = new Map<number, Delivery>();

  constructor(options: MessageQueueOptions) {
    this.#options = options;
  }

  /** Whether one more message may wait behind so many. */
  takes(waiting: number): boolean {
    return waiting < this.#options.spec.waitingMax;
  }

  /** A worker has a message now. */
  delivered({ slot }: Journey): void {
    const { kernel, spec } = this.#options;
    const ends = scheduleLife(kernel, kernel.nowMs + spec.visibilityMs, fleetLife.visibilityEnds, slot);
    this.#delivered.set(slot, { deliveries: (this.#delivered.get(slot)?.deliveries ?? 0) + 1, ends });
  }

  /** Nothing more happens to a message. */
  ended({ slot }: Journey): void {
    const delivery = this.#delivered.get(slot);
    if (delivery === undefined) return;
    this.#options.kernel.cancel(delivery.ends);
    this.#delivered.delete(slot);
  }

  /** A worker is gone: its messages stay invisible until their time is up, and their clients wait. */
  orphaned(journey: Journey): void {
    const { kernel, withdraw } = this.#options;
    withdraw(journey);
    if (journey.clientWaits) journey.pending = schedule(kernel, journey.deadlineMs, steps.clientLeaves, journey.slot);
  }

  /** A worker has had a message for too long. */
  visibilityEnds(journey: Journey): void {
    const { spec, tally, withdraw, breakOff, deliver } = this.#options;
    const { deliveries = 0 } = this.#delivered.get(journey.slot) ?? {};
    if (!journey.clientWaits || deliveries >= spec.deliveriesMax) {
      tally.count("deadLetters");
      return breakOff(journey, deadLetter);
    }
    tally.count("redelivered");
    withdraw(journey);
    journey.hop = 0;
    journey.attempts = 0;
    deliver(journey);
  }
}
