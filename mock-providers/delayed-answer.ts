/**
 * Something to be done to a response at a wall time, unless its client leaves first. At once when the time has come.
 */
import type { HttpResponse } from "./http-exchange.ts";
import type { PacedJob, Pacer } from "./pacer.ts";

export interface DelayedAnswerSteps {
  readonly deliver: () => void;
  /** Where that time may grow: the wall time it is now known to be, asked when the one before has come. */
  readonly due?: () => number;
  /** The client closed the connection before. */
  readonly clientLeft: () => void;
}

/** Exactly one of the steps is done, once. */
export function answerAt(dueWallMs: number, response: HttpResponse, pacer: Pacer, steps: DelayedAnswerSteps): void {
  if (response.destroyed) steps.clientLeft();
  else if (dueWallMs <= pacer.time.nowMs()) steps.deliver();
  else new DelayedAnswer(dueWallMs, response, pacer, steps).start();
}

class DelayedAnswer implements PacedJob {
  dueWallMs: number;
  heapIndex = -1;
  readonly #response: HttpResponse;
  readonly #pacer: Pacer;
  readonly #steps: DelayedAnswerSteps;
  #done = false;

  constructor(dueWallMs: number, response: HttpResponse, pacer: Pacer, steps: DelayedAnswerSteps) {
    this.dueWallMs = dueWallMs;
    this.#response = response;
    this.#pacer = pacer;
    this.#steps = steps;
  }

  start(): void {
    // On the response, not on its socket: a listener per request on a kept-alive socket never goes away.
    this.#response.once("close", () => this.#clientLeft());
    this.#pacer.schedule(this);
  }

  run(nowWallMs: number): boolean {
    this.dueWallMs = this.#steps.due?.() ?? this.dueWallMs;
    if (this.dueWallMs > nowWallMs) return true;
    this.#done = true;
    this.#steps.deliver();
    return false;
  }

  #clientLeft(): void {
    if (this.#done) return;
    this.#done = true;
    this.#pacer.cancel(this);
    this.#steps.clientLeft();
  }
}
