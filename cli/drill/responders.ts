/**
 * Who answers in a drill: a model of a person, nobody (`--auto`), or a person at the terminal.
 */
import { assertNever } from "../../core/invariant.ts";
import { distribution } from "../../core/distributions.ts";
import { randomStream } from "../../core/random.ts";
import type { Ms } from "../../core/time.ts";
import { usualReactions } from "../../runbooks/engine/front-matter.ts";
import type { ReactionTimes } from "../../runbooks/engine/runbook.ts";
import type { Person, Question, Responder } from "../../runbooks/engine/responder.ts";
import type { Asked } from "./drill-folder.ts";
import type { DrillInput } from "./drill-input.ts";
import { terminalResponder, type TerminalResponderOptions } from "./terminal-responder.ts";

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
  ask: async (question) => ({ yes: true, who: standIn("auto", question), note: undefined }),
};

/** Somebody who may answer, where there is nobody: one for each role, and a second where the first one asked. */
function standIn(kind: "auto" | "modelled", { role, notBy }: Question): Person {
  const name = `${kind} ${role}`;
  const seat = role === "responder" ? "responder" : "incident-lead";
  return { name: notBy.includes(name) ? `second ${name}` : name, seat, isModel: true };
}

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
    ask: async (question, { pass }) => {
      const { kind, step } = question;
      const name = `${step}/${kind}`;
      const count = (asked.get(name) ?? 0) + 1;
      asked.set(name, count);
      const median = medianOf(kind, times);
      const stream = random.split(name).split(count);
      await pass(Math.round(distribution({ kind: "lognormal", median, sigma }).draw(stream)));
      return { yes: true, who: standIn("modelled", question), note: undefined };
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
