/**
 * Answers that are ready in one turn of the event loop leave behind each other, at its end.
 *
 * Writing to a connection wakes whoever waits at its other end, and that costs more than making most answers. Written one right after
 * the other, all but the first find their reader awake. Redis sends its replies so (src/networking.c, handleClientsWithPendingWrites).
 * An answer that is ready alone waits for nobody.
 */

export interface ReadyAnswer {
  /** Writes the whole of it. */
  readonly leave: () => void;
}

/** So many answers leave without waiting for the end of the turn, which bounds how long the first of them waits to about 1 ms. */
const waitingMax = 64;

export class Outbox {
  #waiting: ReadyAnswer[] = [];
  readonly #empty = (): void => {
    const leaving = this.#waiting;
    this.#waiting = [];
    for (const answer of leaving) answer.leave();
  };

  add(answer: ReadyAnswer): void {
    const waiting = this.#waiting.push(answer);
    if (waiting === 1) setImmediate(this.#empty);
    else if (waiting === waitingMax) this.#empty();
  }
}
