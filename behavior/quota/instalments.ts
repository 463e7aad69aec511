/**
 * Charges that fall due bit by bit while answers are generated, for limits that count tokens as they come.
 *
 * An answer is paid in equal instalments, evenly from its first token to its last: one a second, at most
 * `instalmentsMax`, so that a long answer costs no more than a short one to account for. Whoever looks at the limits asks
 * first for all that has fallen due, and each instalment is charged at its own instant, in order of time, so the limits
 * stand as if they had been looked at all along.
 */
import { secondMs, type Ms } from "../../core/time.ts";
import type { AnswerCourse } from "./quota.ts";

export interface Instalment {
  /** Not before any earlier instalment. */
  readonly atMs: Ms;
  readonly course: AnswerCourse;
  /** The first one falls due with the first token: the prompt was read, and nothing is generated yet. */
  readonly first: boolean;
  readonly outputTokens: number;
}

const instalmentMs: Ms = secondMs;
const instalmentsMax = 16;

/** An answer under way. */
interface Payment {
  readonly course: AnswerCourse;
  /** Instalments after the first. */
  readonly count: number;
  /** Which one is next, and when. */
  due: number;
  dueMs: Ms;
  /** Output tokens charged so far. */
  paid: number;
}

export class Instalments {
  readonly #charge: (instalment: Instalment) => void;
  readonly #underWay = new Map<AnswerCourse, Payment>();
  /** Binary heap by due time; what is no longer under way is skipped when it comes up. */
  readonly #heap: Payment[] = [];

  constructor(charge: (instalment: Instalment) => void) {
    this.#charge = charge;
  }

  /** Starts to charge an answer. */
  begin(course: AnswerCourse): void {
    const generatingMs = course.lastTokenMs - course.firstTokenMs;
    const count = Math.min(instalmentsMax, Math.max(1, Math.ceil(generatingMs / instalmentMs)));
    const payment = { course, count, due: 0, dueMs: course.firstTokenMs, paid: 0 };
    this.#underWay.set(course, payment);
    this.#push(payment);
  }

  /** Charges everything that has fallen due. */
  chargeDue(nowMs: Ms): void {
    for (let next = this.#heap[0]; next !== undefined && next.dueMs <= nowMs; next = this.#heap[0]) {
      this.#pop();
      if (this.#underWay.get(next.course) !== next) continue;
      const { course, count } = next;
      const owed = Math.floor((course.outputTokens * next.due) / count);
      this.#charge({ atMs: next.dueMs, course, first: next.due === 0, outputTokens: owed - next.paid });
      next.paid = owed;
      next.due += 1;
      if (next.due > count) continue;
      next.dueMs = course.firstTokenMs + ((course.lastTokenMs - course.firstTokenMs) * next.due) / count;
      this.#push(next);
    }
  }

  /** Ends an answer: how much of it was charged, and whether its first token was reached. */
  end(course: AnswerCourse): { readonly begun: boolean; readonly paid: number } {
    const payment = this.#underWay.get(course);
    this.#underWay.delete(course);
    return { begun: payment !== undefined && payment.due > 0, paid: payment?.paid ?? 0 };
  }

  #push(payment: Payment): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(payment);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || parent.dueMs <= payment.dueMs) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = payment;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      const left = heap[below];
      if (left === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && right.dueMs < left.dueMs) below += 1;
      const child = right !== undefined && right.dueMs < left.dueMs ? right : left;
      if (child.dueMs >= last.dueMs) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
  }
}
