/**
 * One timer for all streams.
 *
 * A timer per chunk would be a million timers a minute. Instead every open stream has one place in a heap ordered by the
 * wall time of its next chunk, and a single timer is set for the earliest. When it fires, each job that is due runs once and
 * does all that is due by then, so chunks that fall together leave in one write. Node's timers have a resolution of one
 * millisecond, and so has this.
 */
import { invariant } from "../core/invariant.ts";
import { systemTime, type WallTime } from "./wall-time.ts";

/** Something to be done at a wall time, and perhaps again. */
export interface PacedJob {
  /** Wall time at which `run` is due. Changed only by `run` itself or while the job is not scheduled. */
  dueWallMs: number;
  /** Place in the heap, -1 while not scheduled. Belongs to the pacer. */
  heapIndex: number;
  /** Does all that is due by now. True: run me again at `dueWallMs`, which then lies after `nowWallMs`. */
  readonly run: (nowWallMs: number) => boolean;
}

export class Pacer {
  readonly time: WallTime;
  readonly #heap: PacedJob[] = [];
  #cancelTimer: (() => void) | undefined;
  #timerWallMs = Number.POSITIVE_INFINITY;
  readonly #tick = (): void => this.#runDue();

  constructor(time: WallTime = systemTime) {
    this.time = time;
  }

  /** Jobs that wait. */
  get size(): number {
    return this.#heap.length;
  }

  schedule(job: PacedJob): void {
    this.#insert(job);
    this.#setTimer();
  }

  /** Forgets a job; nothing to do when it does not wait. */
  cancel(job: PacedJob): void {
    if (job.heapIndex === -1) return;
    this.#remove(job);
    if (this.#heap.length === 0) this.stop();
  }

  /** Forgets the timer, so that the process can end. */
  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerWallMs = Number.POSITIVE_INFINITY;
  }

  #runDue(): void {
    this.#cancelTimer = undefined;
    this.#timerWallMs = Number.POSITIVE_INFINITY;
    const untilWallMs = this.time.nowMs();
    for (let job = this.#heap[0]; job !== undefined && job.dueWallMs <= untilWallMs; job = this.#heap[0]) {
      this.#remove(job);
      if (job.run(this.time.nowMs())) this.#insert(job);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const first = this.#heap[0];
    if (first === undefined || first.dueWallMs >= this.#timerWallMs) return;
    this.#cancelTimer?.();
    this.#timerWallMs = first.dueWallMs;
    this.#cancelTimer = this.time.after(Math.max(0, Math.ceil(first.dueWallMs - this.time.nowMs())), this.#tick);
  }

  #insert(job: PacedJob): void {
    invariant(job.heapIndex === -1, "a job is scheduled once at a time");
    this.#heap.push(job);
    this.#siftUp(job, this.#heap.length - 1);
  }

  #remove(job: PacedJob): void {
    const index = job.heapIndex;
    const last = this.#heap.pop();
    invariant(last !== undefined, "a scheduled job is in the heap");
    job.heapIndex = -1;
    if (last === job) return;
    this.#siftUp(last, index);
    this.#siftDown(last, last.heapIndex);
  }

  #siftUp(job: PacedJob, from: number): void {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#heap[parentIndex];
      if (parent === undefined || parent.dueWallMs <= job.dueWallMs) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(job, index);
  }

  #siftDown(job: PacedJob, from: number): void {
    let index = from;
    for (;;) {
      const leftIndex = 2 * index + 1;
      const left = this.#heap[leftIndex];
      if (left === undefined) break;
      const right = this.#heap[leftIndex + 1];
      const [child, childIndex] =
        right !== undefined && right.dueWallMs < left.dueWallMs ? [right, leftIndex + 1] : [left, leftIndex];
      if (child.dueWallMs >= job.dueWallMs) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(job, index);
  }

  #place(job: PacedJob, index: number): void {
    this.#heap[index] = job;
    job.heapIndex = index;
  }
}
