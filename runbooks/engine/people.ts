/** The engine's side of the talk with people: asks until there is an answer that counts, and takes remarks at any time. */
import type { Ms } from "../../core/time.ts";
import type { EntryKind, Journal, JournalEntry, Note } from "./journal.ts";
import {
  type Answer,
  answerProblem,
  mayAnswer,
  type Person,
  type Question,
  type Remark,
  remarkProblem,
  type Responder,
} from "./responder.ts";
import { StepFailed } from "./step-failed.ts";

export interface PeopleOptions {
  readonly responder: Responder;
  readonly journal: Journal;
  /** Lets scenario time go by. */
  readonly pass: (ms: Ms) => Promise<void>;
  /** Aborted when the drill ends. */
  readonly signal: AbortSignal;
  /** The incident lead ends the drill. */
  readonly end: (why: string) => void;
}

/** Answers to one question that may be refused before it counts as not answered. */
const refusalsMax = 20;

interface Asked extends Omit<Question, "notBy"> {
  readonly phase?: string;
  /** Not by whoever asks for it. */
  readonly byAnother?: boolean;
}

export class People {
  readonly #options: PeopleOptions;
  /** Who acknowledged, decided or attested last: whoever asks for what is approved next. */
  #asker: string | undefined;
  #acknowledged: boolean;

  constructor(options: PeopleOptions, earlier: readonly JournalEntry[]) {
    this.#options = options;
    this.#acknowledged = earlier.some(({ kind }) => kind === "acknowledged");
    this.#asker = earlier.findLast(
      ({ kind, data = {} }) => kind === "acknowledged" || (kind === "answer" && isAsking(data["kind"])),
    )?.who;
    options.responder.listen?.((remark) => this.#hear(remark));
  }

  /** `about`: what the entry of the answer says besides. */
  async ask(asked: Asked, about: (answer: Answer) => Pick<Note, "text" | "data">): Promise<Answer> {
    const { responder, journal, pass, signal } = this.#options;
    const { id, kind, role, text, step, choices, wants, phase, byAnother = false } = asked;
    const notBy = byAnother && this.#asker !== undefined ? [this.#asker] : [];
    const question: Question = { id, kind, role, text, step, choices, wants, notBy };
    const place = { step, ...(phase === undefined ? {} : { phase }) };
    await journal.write({
      ...place,
      kind: "question",
      who: "squall",
      text,
      data: { id, kind, role, choices, wants, notBy },
    });
    for (let refused = 0; refused < refusalsMax; refused++) {
      const answer = await responder.ask(question, { pass, signal });
      const { who, yes } = answer;
      const problem = mayAnswer(question, who) ?? answerProblem(question, answer);
      const data = { question: id, kind, seat: who.seat, yes };
      if (problem !== undefined) {
        await journal.write({ ...place, kind: "answer-refused", who: who.name, text: problem, data });
        continue;
      }
      const { text: said, data: more = {} } = about(answer);
      const value = answer.value === undefined ? {} : { value: answer.value };
      const entry: EntryKind = kind === "acknowledge" && yes ? "acknowledged" : "answer";
      await journal.write({ ...place, kind: entry, who: who.name, text: said, data: { ...data, ...value, ...more } });
      if (isAsking(kind)) this.#asker = who.name;
      return answer;
    }
    throw new StepFailed(`${refusalsMax} answers were refused, and none counted`);
  }

  /** Once in a drill: somebody looks into it, the lead where the responder does not. */
  async acknowledge(): Promise<void> {
    if (this.#acknowledged) return;
    this.#acknowledged = true;
    const text = "Somebody is paged. Do you look into it?";
    const choices = { yes: "I look into it", no: "Not me" };
    const open = { kind: "acknowledge", text, step: "acknowledge", choices, wants: "nothing" } as const;
    const said = ({ yes, note }: Answer): Pick<Note, "text"> => ({
      text: note ?? (yes ? "looks into it" : "does not look into it"),
    });
    for (const role of ["responder", "incident-lead"] as const) {
      const { yes } = await this.ask({ ...open, id: `acknowledge/${role}`, role }, said);
      if (yes) return;
    }
    this.#acknowledged = false; // a step that is tried again pages again
    throw new StepFailed("nobody looks into it");
  }

  /** Resolves with why it is not taken. */
  async #hear(remark: Remark): Promise<string | undefined> {
    const { journal, signal, end } = this.#options;
    const { kind, who, text } = remark;
    const problem = signal.aborted ? "the drill is over" : remarkProblem(remark);
    if (problem !== undefined) return problem;
    await journal.write({ kind: "note", who: who.name, text, data: { seat: who.seat } });
    if (kind === "end") end(`${called(who)} ended it: ${text}`);
    return undefined;
  }
}

function isAsking(kind: unknown): boolean {
  return kind === "acknowledge" || kind === "decide" || kind === "manual";
}

function called({ name, seat }: Person): string {
  return `${name} (${seat})`;
}
