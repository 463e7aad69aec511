/**
 * What the pages of a game day know, as plain data: this room needs to know nothing of runbooks.
 *
 * The server keeps one `GameDay` and sends each page the whole of it once, then every change as a `Change`. Both sides apply changes
 * with the same `applied`, so that a page that was away for a moment and one that was there all the time show the same.
 */
import { assertNever } from "../../core/invariant.ts";
import type { NanoDollars } from "../../core/money.ts";
import type { Ms } from "../../core/time.ts";

export type Seat = "incident-lead" | "responder" | "observer";

export interface Person {
  readonly name: string;
  readonly seat: Seat;
}

export interface GameDay {
  readonly stage: Stage;
  /** Those with the page open, in the order in which they came. */
  readonly people: readonly Person[];
  readonly questions: readonly OpenQuestion[];
  /** Scenario time since the load began. */
  readonly nowMs: Ms;
  /** ISO 8601; when the drill began, for the clock on the wall. */
  readonly beganAt: string | undefined;
  /** Oldest first; what is hidden from the responder is not among them before the end. */
  readonly entries: readonly Entry[];
  /** Oldest first. */
  readonly samples: readonly Sample[];
}

export type Stage =
  | { readonly kind: "lobby" }
  /** A world is being started; `detail` says how far it is. */
  | { readonly kind: "preparing"; readonly drill: DrillCard; readonly detail: string }
  | { readonly kind: "running"; readonly drill: DrillCard }
  | { readonly kind: "ended"; readonly drill: DrillCard; readonly outcome: Outcome }
  /** It did not come to a drill, or broke off by a mistake of ours. */
  | { readonly kind: "failed"; readonly why: string; readonly hint: string | undefined };

/** A drill that can be begun. */
export interface Offer {
  readonly id: string;
  readonly title: string;
  /** `SEV2 / P1 · ai-platform`. */
  readonly about: string;
}

/** What everybody may know of a drill while it runs. */
export interface DrillCard {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly world: "simulated" | "live";
  readonly mode: "drill" | "tabletop";
  readonly phases: readonly PhaseCard[];
  /** Of the scenario, for lines in charts; undefined: it asks for nothing of the kind. */
  readonly objectives: { readonly errors: number | undefined; readonly ttftP95Ms: Ms | undefined };
}

export interface PhaseCard {
  readonly name: string;
  readonly title: string;
  /** HTML made by the server from the runbook's Markdown. */
  readonly prose: string;
  readonly steps: readonly StepCard[];
}

export interface StepCard {
  readonly id: string;
  /** `wait: alert ErrorRateHigh fires`. */
  readonly text: string;
}

export interface OpenQuestion {
  readonly id: string;
  readonly kind: "acknowledge" | "approve" | "manual" | "decide" | "command";
  /** As the runbook has it: `incident-lead`, `responder`, or somebody beyond the drill. */
  readonly role: string;
  readonly text: string;
  readonly step: string;
  readonly choices: { readonly yes: string; readonly no: string };
  readonly wants: "nothing" | "text" | "number";
  readonly notBy: readonly string[];
}

/** One line of the journal, without its evidence. */
export interface Entry {
  readonly seq: number;
  readonly atMs: Ms;
  /** ISO 8601; absent in a simulation. */
  readonly wall?: string;
  readonly kind: string;
  readonly phase?: string;
  readonly step?: string;
  readonly who: string;
  readonly text: string;
}

/** How things stand at one instant, over the minute before; undefined where there was nothing to measure. */
export interface Sample {
  readonly atMs: Ms;
  readonly errors: number | undefined;
  readonly ttftP95Ms: Ms | undefined;
  readonly requestsPerSecond: number | undefined;
  /** Since the load began. */
  readonly cost: NanoDollars;
  readonly replicas: { readonly ready: number | undefined; readonly wished: number | undefined };
  readonly waiting: number | undefined;
  readonly alerts: readonly { readonly alert: string; readonly severity: string; readonly sinceMs: Ms }[];
  readonly providers: readonly ProviderSample[];
}

export interface ProviderSample {
  readonly name: string;
  readonly errors: number | undefined;
  readonly ttftP95Ms: Ms | undefined;
  readonly requestsPerSecond: number | undefined;
}

export interface Outcome {
  readonly verdict: "pass" | "fail" | "inconclusive" | "interrupted" | "tabletop";
  readonly why: string;
  readonly tiles: readonly (readonly [name: string, value: string])[];
  /** What was hidden, in words. */
  readonly hidden: readonly string[];
  readonly items: readonly string[];
}

export type Change =
  | { readonly kind: "all"; readonly gameDay: GameDay }
  | { readonly kind: "stage"; readonly stage: Stage; readonly beganAt?: string }
  | { readonly kind: "people"; readonly people: readonly Person[] }
  | { readonly kind: "questions"; readonly questions: readonly OpenQuestion[] }
  | { readonly kind: "time"; readonly nowMs: Ms }
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "sample"; readonly sample: Sample };

/** Entries that are kept; the journal itself has all of them. */
export const entriesMax = 1_000;

/** Samples that are kept: an hour of them. When there are more, the older half is thinned. */
export const samplesMax = 720;

export const emptyGameDay: GameDay = {
  stage: { kind: "lobby" },
  people: [],
  questions: [],
  nowMs: 0,
  beganAt: undefined,
  entries: [],
  samples: [],
};

/** The game day after a change. */
export function applied(gameDay: GameDay, change: Change): GameDay {
  switch (change.kind) {
    case "all":
      return change.gameDay;
    case "stage": {
      const isNew = change.stage.kind === "lobby" || change.stage.kind === "preparing";
      const before =
        isNew && gameDay.stage.kind !== "preparing" ? { ...emptyGameDay, people: gameDay.people } : gameDay;
      return { ...before, stage: change.stage, beganAt: change.beganAt ?? before.beganAt };
    }
    case "people":
      return { ...gameDay, people: change.people };
    case "questions":
      return { ...gameDay, questions: change.questions };
    case "time":
      return { ...gameDay, nowMs: Math.max(gameDay.nowMs, change.nowMs) };
    case "entry":
      return { ...gameDay, entries: [...gameDay.entries, change.entry].slice(-entriesMax) };
    case "sample": {
      const { sample } = change;
      const samples = thinned([...gameDay.samples, sample]);
      return { ...gameDay, samples, nowMs: Math.max(gameDay.nowMs, sample.atMs) };
    }
    default:
      return assertNever(change);
  }
}

function thinned(samples: readonly Sample[]): readonly Sample[] {
  if (samples.length <= samplesMax) return samples;
  const half = samplesMax / 2;
  return [...samples.slice(0, half).filter((_, index) => index % 2 === 0), ...samples.slice(half)];
}

/** Why this person may not answer; undefined: they may. The server asks the engine again. */
export function mayAnswer({ role, notBy }: OpenQuestion, { name, seat }: Person): string | undefined {
  if (seat === "observer") return "An observer reads and takes notes.";
  if (role === "incident-lead" && seat !== "incident-lead") return "This is for the incident lead.";
  return notBy.includes(name) ? "You asked for it: somebody else has to answer." : undefined;
}

export const seatNames: Readonly<Record<Seat, string>> = {
  "incident-lead": "incident lead",
  responder: "responder",
  observer: "observer",
};
