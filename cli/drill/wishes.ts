/** How many replicas were wished for as time went by: how often whoever scales them changed its mind. */
import type { Ms } from "../../core/time.ts";

export class Wishes {
  readonly #noted: { readonly atMs: Ms; readonly wished: number }[] = [];

  /** In order of time. */
  note(atMs: Ms, wished: number): void {
    this.#noted.push({ atMs, wished });
  }

  /** How often a fleet that grew shrank, or the other way round, since then. */
  reversalsSince(sinceMs: Ms): number {
    const wishes = this.#noted.filter(({ atMs }) => atMs > sinceMs);
    let [count, last, direction] = [0, wishes[0]?.wished ?? 0, 0];
    for (const { wished } of wishes) {
      const turned = Math.sign(wished - last);
      if (turned !== 0 && direction !== 0 && turned !== direction) count += 1;
      if (turned !== 0) direction = turned;
      last = wished;
    }
    return count;
  }
}
