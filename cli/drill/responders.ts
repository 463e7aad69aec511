/**
 * Who answers in a drill: a model of a person, nobody (`--auto`), or a person at the terminal.
 */
import { assertNever } from "../../core/invariant.ts";
import { distribution } from "../../core/distributions.ts";
import { randomStream } from "../../core/random.ts";
import type { Ms } from "../../core/time.ts";
import { usualReactions } from "../../runbooks/engine/front-matter.ts";
import type { ReactionTimes } from "../../runbooks/engine/runbook.ts";
import type { Answer, Question, Responder } from "../../runbooks/engine/world.ts";
import type { Asked } from "./drill-folder.ts";
import type { DrillInput } from "./drill-input.ts";

/** The one that was asked for. */
export function responderFor(
  { responder }: Pick<Asked, "responder">,
  { runbook, input }: Pick<DrillInput, "runbook" | "input">,
  terminal: TerminalResponderOptions,
): Responder {
  switch (responder) {
    case "auto":
      return autoResponder;
    case "person":
      return terminalResponder(terminal);
    case "modelled":
      return modelledResponder(runbook.drill?.responder ?? usualReactions, input.scenario.seed);
    default:
      return assertNever(responder);
  }
}

/** Says yes at once. */
const autoResponder: Responder = {
  ask: async () => ({ yes: true, who: "auto", note: undefined }),
};

/**
 * How much people differ from themselves: 95 of 100 reactions take at most e to the 1.65 * 0.5, 2.3 times the median. Assumed;
 * reaction times are log-normal or nearly so (Luce, "Response Times", 1986).
 */
const sigma = 0.5;

/** A person as a log-normal reaction time; each question draws from a stream of its own. */
export function modelledResponder(times: ReactionTimes, seed: number): Responder {
  const random = randomStream(seed).split("responder");
  const asked = new Map<string, number>();
  return {
    ask: async ({ kind, step, role }, pass) => {
      const name = `${step}/${kind}`;
      const count = (asked.get(name) ?? 0) + 1;
      asked.set(name, count);
      const median = medianOf(kind, times);
      const stream = random.split(name).split(count);
      await pass(Math.round(distribution({ kind: "lognormal", median, sigma }).draw(stream)));
      return { yes: true, who: `modelled ${role}`, note: undefined };
    },
  };
}

function medianOf(kind: Question["kind"], times: ReactionTimes): Ms {
  switch (kind) {
    case "acknowledge":
      return times.acknowledgeMs;
    case "manual":
      return times.actMs;
    case "approve":
    case "decide":
    case "command":
      return times.decideMs;
  }
}

/** Shows a line and resolves with what was typed. Rejects with the signal's reason when it is aborted. */
export type Prompt = (text: string, signal: AbortSignal) => Promise<string>;

export interface TerminalResponderOptions {
  readonly prompt: Prompt;
  readonly who: string;
  readonly signal: AbortSignal;
  /** Wall clock. */
  readonly nowMs: () => Ms;
  /** Simulated: scenario time passes as long as the person takes. Live: it passes by itself, and is watched meanwhile. */
  readonly time: "simulated" | "live";
}

/** How often a live world is looked at while a person thinks. */
const lookEveryMs: Ms = 1_000;

/** A person: `y`, `n`, Enter for yes, and whatever is typed after it as a note. */
export function terminalResponder(options: TerminalResponderOptions): Responder {
  const { prompt, signal, nowMs, time, who } = options;
  return {
    ask: async (question, pass) => {
      const startedMs = nowMs();
      const typed = prompt(`${questionLine(question)} `, signal);
      if (time === "live") await watchUntil(typed, pass);
      let answer = answerFrom(await typed, who);
      while (answer === undefined)
        answer = answerFrom(await prompt("please y or n, and a note if you like: ", signal), who);
      if (time === "simulated") await pass(Math.round(nowMs() - startedMs));
      return answer;
    },
  };
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

function questionLine({ kind, role, text, step }: Question): string {
  return `${verbs[kind]} [${role}, ${step}] ${text} [Y/n]`;
}

function answerFrom(typed: string, who: string): Answer | undefined {
  const match = /^\s*(?:(y|yes|n|no)\b[\s,:.]*)?(.*)$/i.exec(typed);
  const [, word, rest = ""] = match ?? [];
  if (word === undefined && rest.trim() !== "") return undefined;
  const note = rest.trim();
  return { yes: word === undefined || /^y/i.test(word), who, note: note === "" ? undefined : note };
}
