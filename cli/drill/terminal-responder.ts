/**
 * A person at the terminal, who sits in every seat: `y`, `n`, Enter for yes, and whatever is typed after it as a note.
 *
 * Where another pair of eyes is wanted, that person types their name first: `bob: y`. And at any question, `note: TEXT` goes into the
 * journal and `end: TEXT` ends the drill.
 */
import type { Ms } from "../../core/time.ts";
import type { Answer, Hear, Person, Question, Remark, Responder, Turn } from "../../runbooks/engine/responder.ts";

/** Shows a line and resolves with what was typed. Rejects with the signal's reason when it is aborted. */
export type Prompt = (text: string, signal: AbortSignal) => Promise<string>;

export interface TerminalResponderOptions {
  readonly prompt: Prompt;
  readonly who: string;
  /** Wall clock. */
  readonly nowMs: () => Ms;
  /** Simulated: scenario time passes as long as the person takes. Live: it passes by itself, and is watched meanwhile. */
  readonly time: "simulated" | "live";
}

/** How often a live world is looked at while a person thinks. */
const lookEveryMs: Ms = 1_000;

export function terminalResponder(options: TerminalResponderOptions): Responder {
  let hear: Hear | undefined;
  // One keyboard: questions of steps that run at the same time wait for each other.
  let turn: Promise<unknown> = Promise.resolve();
  return {
    listen: (given) => {
      hear = given;
    },
    ask: async (question, asked) => {
      const answered = turn.then(() => askAtKeyboard(question, asked, options, (remark) => hear?.(remark)));
      turn = answered.catch(() => undefined);
      return await answered;
    },
  };
}

type Tell = (remark: Remark) => Promise<string | undefined> | undefined;

async function askAtKeyboard(
  question: Question,
  { pass, signal }: Turn,
  { prompt, who, nowMs, time }: TerminalResponderOptions,
  tell: Tell,
): Promise<Answer> {
  const me: Person = { name: who, seat: "incident-lead" };
  let line = questionLine(question, who);
  for (;;) {
    const startedMs = nowMs();
    const typed = prompt(`${line} `, signal);
    if (time === "live") await watchUntil(typed, pass);
    const text = await typed;
    if (time === "simulated") await pass(Math.round(nowMs() - startedMs));
    const remark = remarkFrom(text, me);
    if (remark !== undefined) {
      const refused = await tell(remark);
      line = refused === undefined ? questionLine(question, who) : `${refused}: `;
      continue;
    }
    const answer = answerFrom(text, me, question);
    if (typeof answer !== "string") return answer;
    line = answer;
  }
}

async function watchUntil(typed: Promise<string>, pass: (ms: Ms) => Promise<void>): Promise<void> {
  let isAnswered = false;
  const answered = typed.then(
    () => void (isAnswered = true),
    () => void (isAnswered = true),
  );
  while (!isAnswered) await Promise.race([answered, pass(lookEveryMs)]);
}

const verbs: Readonly<Record<Question["kind"], string>> = {
  acknowledge: "ALERT",
  approve: "APPROVE",
  manual: "DO",
  decide: "DECIDE",
  command: "RUN",
};

const forms: Readonly<Record<Question["wants"], string>> = {
  nothing: "Y/n",
  text: "a text, or n",
  number: "a number, or n",
};

function questionLine({ kind, role, text, step, wants, notBy }: Question, who: string): string {
  const form = notBy.includes(who) ? `somebody other than ${who}; NAME: ${forms[wants]}` : forms[wants];
  return `${verbs[kind]} [${role}, ${step}] ${text} [${form}]`;
}

function remarkFrom(typed: string, who: Person): Remark | undefined {
  const [, kind, text = ""] = /^\s*(note|end):\s*(.+)$/i.exec(typed) ?? [];
  if (kind === undefined) return undefined;
  return { kind: kind.toLowerCase() === "end" ? "end" : "note", who, text: text.trim() };
}

/** The answer, or what to ask next. */
function answerFrom(typed: string, me: Person, question: Question): Answer | string {
  const [, name, rest = ""] = /^\s*(?:([^\s:]+):\s*)?(.*)$/.exec(typed) ?? [];
  const isOther = name !== undefined && question.notBy.includes(me.name);
  const who = isOther ? { ...me, name } : me;
  if (question.notBy.includes(who.name))
    return `${who.name} asked for it: somebody else types their name, as in bob: y `;
  return question.wants === "nothing"
    ? yesOrNo(isOther ? rest : typed, who)
    : attested(isOther ? rest : typed, who, question);
}

function yesOrNo(typed: string, who: Person): Answer | string {
  const [, word, rest = ""] = /^\s*(?:(y|yes|n|no)\b[\s,:.]*)?(.*)$/i.exec(typed) ?? [];
  const note = rest.trim();
  if (word === undefined && note !== "") return "please y or n, and a note if you like:";
  return { yes: word === undefined || /^y/i.test(word), who, note: note === "" ? undefined : note };
}

function attested(typed: string, who: Person, { wants }: Question): Answer | string {
  const text = typed.trim();
  const [isNo, note = ""] = /^no?\b[\s,:.]*(.*)$/i.exec(text) ?? [];
  if (isNo !== undefined) return { yes: false, who, note: note === "" ? undefined : note };
  const value = wants === "number" ? Number(text) : text;
  if (text === "" || Number.isNaN(value)) return `please ${forms[wants]}:`;
  return { yes: true, who, note: undefined, value };
}
