/** Where an answer breaks off: after the share of its content that is asked for, or one drawn for each call. */
import type { RandomStream } from "../../core/random.ts";

export function breakAfter(after: number | undefined, random: RandomStream): number {
  return after ?? random.split("after").uniform();
}
