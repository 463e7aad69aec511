/** How a live platform says what was done to it and what it is like now; worded as a simulation words it where it means the same. */
import { formatMoney, type NanoDollars } from "../../core/money.ts";
import { formatShare, plural } from "../../core/units.ts";
import type { SwitchedModel } from "./routes.ts";

export function switchInWords(switched: SwitchedModel | null): string {
  if (switched === null) return "answers for itself";
  const { to, share } = switched;
  return `is answered by ${to}${share < 1 ? ` in ${formatShare(share)} of the conversations` : ""}`;
}

/** undefined: nobody keeps any. */
export function lossInWords(answers: number | undefined): string {
  if (answers === undefined) return "the gateway keeps no answers: there is nothing to lose";
  return `the cache has lost ${plural(answers, "answer")}`;
}

export function capInWords(perHour: NanoDollars | null): string {
  if (perHour === null) return "may spend what it likes";
  return `may spend ${formatMoney(perHour)} an hour, counted by the minute`;
}

export function scalingInWords(paused: boolean): string {
  return paused ? "nobody listens to its scaling" : "scales again";
}

export function replicaInWords({ name, version, phase }: { name: string; version: string; phase: string }): string {
  return `${name} ${version}${phase === "ready" ? "" : ` ${phase}`}`;
}
