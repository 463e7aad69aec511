/**
 * People in a drill, and how the engine talks with them. This is the whole contract: a terminal, a browser, a model of a person and
 * `--auto` are bodies of one `Responder`.
 *
 *     engine ── ask(question, turn) ──▶ responder ──▶ answer           one question at a time, or several of parallel steps
 *     engine ◀── hear(remark) ────────  responder                      notes at any time, and the end by the incident lead
 *
 * Who may answer what is decided here, once: bodies ask `mayAnswer` to show or hide a question, and the engine asks it again of
 * every answer. Each question and each answer is an entry of the journal (`question`, `answer`, `answer-refused`).
 */
import type { Ms } from "../../core/time.ts";

/** Seats at a drill. The lead approves and ends, the responder acknowledges, decides and attests, the observer reads and notes. */
export const seats = ["incident-lead", "responder", "observer"] as const;

export type Seat = (typeof seats)[number];

export interface Person {
  readonly name: string;
  readonly seat: Seat;
  /** A model of a person, or nobody: says yes, and attests nothing. */
  readonly isModel?: boolean;
}

export interface Question {
  /** `fail-over/approve#1`: the same after a crash, and of no other question of this drill. */
  readonly id: string;
  readonly kind: "acknowledge" | "approve" | "manual" | "decide" | "command";
  /** As the runbook has it: `incident-lead`, `responder`, or somebody beyond the drill (`security`) for whom either of them speaks. */
  readonly role: string;
  /** What is asked, in a sentence or two. */
  readonly text: string;
  /** Step that waits for the answer; `acknowledge` for a page. */
  readonly step: string;
  /** What the two answers mean: `Approve` and `Refuse`, `Go to contain` and `Go to investigate`. */
  readonly choices: { readonly yes: string; readonly no: string };
  /** What has to come with a yes besides it; `nothing` for most. */
  readonly wants: Attested;
  /** Names of people who may not answer: whoever asked, where the runbook wants another pair of eyes. */
  readonly notBy: readonly string[];
}

/** What a person attests with a yes: nothing more, a text (a ticket's number), or a number. */
export type Attested = "nothing" | "text" | "number";

export interface Answer {
  readonly yes: boolean;
  readonly who: Person;
  /** A remark that goes with it. */
  readonly note: string | undefined;
  /** What was asked for by `wants`; undefined with a no, or where nothing was asked for. */
  readonly value?: string | number | undefined;
}

/** What a question may use while it is open. */
export interface Turn {
  /** Lets scenario time go by, watched for alerts and limits. Rejects once the drill is over. */
  readonly pass: (ms: Ms) => Promise<void>;
  /** Aborted when the drill ends, whatever the reason: nobody waits for an answer any more. */
  readonly signal: AbortSignal;
}

/** What people say unasked. */
export type Remark =
  | { readonly kind: "note"; readonly who: Person; readonly text: string }
  /** Ends the drill, which then takes back what it did. The incident lead's alone. */
  | { readonly kind: "end"; readonly who: Person; readonly text: string };

/** Resolves when the remark is in the journal, or with why it was not taken. */
export type Hear = (remark: Remark) => Promise<string | undefined>;

/** Whoever answers for the people: a model of them, a terminal, a browser, or nobody (`--auto`: yes to everything, at once). */
export interface Responder {
  /** Resolves with an answer; rejects with the signal's reason when the drill ends first. */
  readonly ask: (question: Question, turn: Turn) => Promise<Answer>;
  /** Called once, before the first question. */
  readonly listen?: (hear: Hear) => void;
}

/** Longest note or attested text, in characters. */
export const saidCharactersMax = 4_000;

/** Why somebody may not answer a question; undefined: they may. */
export function mayAnswer(
  { role, notBy }: Pick<Question, "role" | "notBy">,
  { name, seat }: Person,
): string | undefined {
  if (seat === "observer") return "an observer reads and takes notes";
  if (role === "incident-lead" && seat !== "incident-lead") return "this is for the incident lead";
  return notBy.includes(name) ? `${name} asked for it; somebody else has to answer` : undefined;
}

/** Why an answer cannot be taken, whoever gives it; undefined: it can. */
export function answerProblem(
  { wants }: Pick<Question, "wants">,
  { yes, value, note, who }: Answer,
): string | undefined {
  if ([note, value].some((said) => typeof said === "string" && said.length > saidCharactersMax)) {
    return `the answer has more than ${saidCharactersMax} characters`;
  }
  if (!yes || wants === "nothing" || who.isModel === true) return undefined;
  if (wants === "number")
    return typeof value === "number" && Number.isFinite(value) ? undefined : "the answer needs a number";
  return typeof value === "string" && value.trim() !== "" ? undefined : "the answer needs a text";
}

/** Why a remark is not taken; undefined: it is. */
export function remarkProblem({ kind, who, text }: Remark): string | undefined {
  if (kind === "end" && who.seat !== "incident-lead") return "only the incident lead ends a drill";
  if (text.trim() === "") return "the remark says nothing";
  return text.length > saidCharactersMax ? `the remark has more than ${saidCharactersMax} characters` : undefined;
}
