/**
 * One game day on the server: what its pages show, who is there, and the drill that they play.
 *
 *     pages ── acts ──▶ room ──▶ drill (cli/drill) ──▶ journal, questions, samples ──▶ room ── changes ──▶ pages
 */
import { SquallError } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import type { Person, Question } from "../../runbooks/engine/responder.ts";
import {
  applied,
  type Change,
  emptyGameDay,
  type Entry,
  type GameDay,
  type Outcome,
  type Seat,
  type Stage,
} from "../../web/console/game-day.ts";
import type { DrillOutcome } from "../drill/play-drill.ts";
import type { Act, Begin } from "./acts.ts";
import { ConsolePeople } from "./console-people.ts";
import type { Watchers } from "./watched-world.ts";

/** What a drill tells while it is played. */
export interface DrillEars extends Omit<Watchers, "pace"> {
  readonly people: ConsolePeople;
  readonly pace: Watchers["pace"];
  readonly stage: (stage: Extract<Stage, { readonly kind: "preparing" | "running" }>) => void;
  readonly entry: (entry: JournalEntry) => void;
}

export interface Played {
  readonly outcome: DrillOutcome;
  readonly card: Extract<Stage, { readonly kind: "running" }>["drill"];
}

/** Plays what was asked for to its end. Rejects with what the user did wrong, or we. */
export type PlayDrill = (begin: Begin, ears: DrillEars) => Promise<Played>;

export interface RoomOptions {
  readonly play: PlayDrill;
  /** Plays a single drill, whose review then stays; otherwise one after the other. */
  readonly once: boolean;
  readonly send: (change: Change) => void;
  /** Wall time, ISO 8601. */
  readonly wallTime: () => string;
  /** A drill has ended, or did not come about. */
  readonly onEnd: (end: Played | { readonly cause: unknown }) => void;
}

export class GameDayRoom {
  readonly #options: RoomOptions;
  readonly #people: ConsolePeople;
  /** Known to the engine and not to the responder before the end. */
  #hidden: readonly JournalEntry[] = [];
  #gameDay: GameDay = emptyGameDay;
  #pace = 0;
  /** From the lead's word on: a world takes its time to stand, and nobody begins a second drill meanwhile. */
  #isBusy = false;
  /** A drill was played, or did not come about. */
  #hasPlayed = false;
  #playing: Promise<void> = Promise.resolve();

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#people = new ConsolePeople((questions) =>
      this.#change({ kind: "questions", questions: questions.map(shown) }),
    );
  }

  gameDay(): GameDay {
    return this.#gameDay;
  }

  peopleAre(people: readonly Person[]): void {
    this.#change({ kind: "people", people });
  }

  /** Resolves with why it was not done, or nothing. */
  async act(act: Act, seat: Seat): Promise<string | undefined> {
    const who: Person = { name: act.name, seat };
    switch (act.act) {
      case "begin":
        return this.#begin(act, seat);
      case "answer": {
        const { question, yes, note, value } = act;
        return this.#people.answer(question, { yes, who, note, ...(value === undefined ? {} : { value }) });
      }
      case "note":
      case "end":
        return await this.#people.remark(act.act, who, act.text);
      case "again":
        if (seat !== "incident-lead") return "Only the incident lead clears the table.";
        if (this.#isBusy) return "A drill is being played.";
        if (this.#options.once) return onlyOne;
        this.#change({ kind: "stage", stage: { kind: "lobby" } });
        return undefined;
      default:
        return assertNever(act);
    }
  }

  /** Resolves when no drill is played any more. */
  async idle(): Promise<void> {
    await this.#playing;
  }

  #begin(begin: Begin, seat: Seat): string | undefined {
    if (seat !== "incident-lead") return "Only the incident lead begins a drill.";
    if (this.#isBusy) return "A drill is being played already.";
    if (this.#options.once && this.#hasPlayed) return onlyOne;
    this.#isBusy = true;
    this.#hasPlayed = true;
    this.#hidden = [];
    this.#pace = 0;
    this.#playing = this.#play(begin);
    return undefined;
  }

  async #play(begin: Begin): Promise<void> {
    try {
      const played = await this.#options.play(begin, this.#ears(begin.pace));
      const outcome = outcomeOf(played.outcome, this.#hidden);
      this.#change({ kind: "stage", stage: { kind: "ended", drill: played.card, outcome } });
      this.#options.onEnd(played);
    } catch (cause) {
      this.#change({ kind: "stage", stage: failureOf(cause) });
      this.#options.onEnd({ cause });
    } finally {
      this.#isBusy = false;
      this.#people.over();
    }
  }

  #ears(pace: number): DrillEars {
    return {
      people: this.#people,
      // What comes before the drill begins need not be watched.
      pace: () => (this.#people.isAsked() ? 1 : this.#pace),
      time: (nowMs) => this.#change({ kind: "time", nowMs }),
      sample: (sample) => this.#change({ kind: "sample", sample }),
      stage: (stage) => {
        const began = stage.kind === "running" ? { beganAt: this.#options.wallTime() } : {};
        this.#change({ kind: "stage", stage, ...began });
      },
      entry: (entry) => {
        this.#pace = pace;
        if (entry.kind === "fault-planned") this.#hidden = [...this.#hidden, entry];
        else this.#change({ kind: "entry", entry: withoutEvidence(entry) });
      },
    };
  }

  #change(change: Change): void {
    this.#gameDay = applied(this.#gameDay, change);
    this.#options.send(change);
  }
}

const onlyOne =
  "This server was started for one drill, and it has been played. Start squall drill again, or squall serve for several.";

function shown({ id, kind, role, text, step, choices, wants, notBy }: Question): GameDay["questions"][number] {
  return { id, kind, role, text, step, choices, wants, notBy };
}

function withoutEvidence({ seq, atMs, wall, kind, phase, step, who, text }: JournalEntry): Entry {
  return {
    seq,
    atMs,
    ...(wall === undefined ? {} : { wall }),
    kind,
    ...(phase === undefined ? {} : { phase }),
    ...(step === undefined ? {} : { step }),
    who,
    text,
  };
}

function failureOf(cause: unknown): Stage {
  if (!(cause instanceof SquallError)) {
    return { kind: "failed", why: "This is a bug in Squall: the terminal says more.", hint: undefined };
  }
  const problems = cause.problems.map(({ path, message }) => `${path} ${message}`);
  return { kind: "failed", why: [cause.message, ...problems].join("; "), hint: cause.hint };
}

function outcomeOf({ review }: DrillOutcome, hidden: readonly JournalEntry[]): Outcome {
  const { verdict, why, tiles, items } = review;
  return {
    verdict,
    why,
    tiles,
    items,
    hidden: hidden.map(({ text }) => text.replace(" (hidden until the review)", "")),
  };
}
