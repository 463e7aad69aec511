/** Phases and steps in their order, by the branches that are taken, each verified before the next and none of them twice. */
import { plural } from "../../core/units.ts";
import { act } from "./acting.ts";
import type { EntryKind, JournalEntry } from "./journal.ts";
import { filledText, outputInWords } from "./outputs.ts";
import type { Answer } from "./responder.ts";
import type { AfterFailure, Phase, PhaseName, Step } from "./runbook.ts";
import { run } from "./running.ts";
import { type Outcome, type Place, seenOf, type Stage, write } from "./stage.ts";
import { StepFailed } from "./step-failed.ts";
import { titled } from "./titles.ts";
import { undoOne } from "./undo.ts";
import { check, pollMs, waitFor } from "./waiting.ts";

/** A phase visited more often than this goes round in circles. */
const visitsMax = 10;

/** How attempts at a step ended before a crash. */
interface Failures {
  readonly count: number;
  readonly last: AfterFailure["next"] | "retry";
}

export class Performance {
  readonly #stage: Stage;
  readonly #phases: readonly Phase[];
  /** Verified before a crash, by step and visit, with what a decision chose. */
  readonly #held: ReadonlyMap<string, unknown>;
  readonly #failed: ReadonlyMap<string, Failures>;

  constructor(stage: Stage, phases: readonly Phase[], earlier: readonly JournalEntry[]) {
    this.#stage = stage;
    this.#phases = phases;
    const holds = earlier.filter(({ kind }) => kind === "step-holds");
    this.#held = new Map(holds.map(({ data = {} }) => [String(data["visit"]), data["chosen"]]));
    this.#failed = failuresIn(earlier);
  }

  async play(): Promise<void> {
    const visits = new Map<PhaseName, number>();
    let index = 0;
    while (index < this.#phases.length) {
      const phase = this.#phases[index];
      if (phase === undefined) return;
      const visit = (visits.get(phase.name) ?? 0) + 1;
      if (visit > visitsMax) {
        throw new StepFailed(`${titled(phase.name)} was begun ${visitsMax} times: the decisions go round in circles`);
      }
      visits.set(phase.name, visit);
      const to = await this.#playPhase(phase, visit);
      index = to === undefined ? index + 1 : this.#phases.findIndex(({ name }) => name === to);
    }
  }

  /** Resolves with the phase that a branch leads to; undefined: the next one. */
  async #playPhase(phase: Phase, visit: number): Promise<PhaseName | undefined> {
    const { name, entry, exit } = phase;
    const mark = `${name}#${visit}`;
    await this.#once(`${mark} begins`, "phase-begins", name);
    const at = (what: string): Place => ({
      step: `${name}.${what}`,
      phase: name,
      visit: `${mark} ${what}`,
      attempt: 1,
    });
    if (entry !== undefined && !this.#held.has(`${mark} entry`)) {
      await this.#verify(at("entry"), "stop", () => check(entry, this.#stage));
    }
    let to: PhaseName | undefined;
    for (const step of phase.steps) {
      to = await this.#playStep(step, name, visit);
      if (to !== undefined) break;
    }
    if (exit !== undefined && to === undefined && !this.#held.has(`${mark} exit`)) {
      const { condition, withinMs } = exit;
      await this.#verify(at("exit"), "stop", () => waitFor(condition, this.#stage, { withinMs }));
    }
    await this.#once(`${mark} ends`, "phase-ends", name);
    return to;
  }

  /** Writes a mark of a phase with the account at that instant, unless it was written before a crash. */
  async #once(mark: string, kind: EntryKind, phase: PhaseName): Promise<void> {
    const { journal, world } = this.#stage;
    if (journal.entries().some((entry) => entry.kind === kind && entry.data?.["mark"] === mark)) return;
    const data = { mark, account: await world.account() };
    await journal.write({ kind, phase, text: titled(phase), who: "squall", data });
  }

  /** Resolves with the phase that it leads to. Rejects with `StepFailed` where its failure stops the drill. */
  async #playStep(step: Step, phase: PhaseName, count: number): Promise<PhaseName | undefined> {
    const { retries, after } = step.onFailure;
    const visit = `${step.id}#${count}`;
    if (this.#held.has(visit)) return phaseOr(this.#held.get(visit));
    const before = this.#failed.get(visit);
    if (before !== undefined && before.last !== "retry") return await this.#afterFailure(step, after);
    for (let attempt = 1 + (before?.count ?? 0); ; attempt++) {
      const isLast = attempt > retries;
      try {
        const place: Place = { step: step.id, phase, visit, attempt };
        return phaseOr(
          await this.#verify(place, isLast ? after.next : "retry", () => this.#carryOut(step, place, count)),
        );
      } catch (cause) {
        if (!(cause instanceof StepFailed) || (isLast && after.next === "stop")) throw cause;
        if (isLast) return await this.#afterFailure(step, after);
        await this.#stage.watch.passTo(this.#stage.world.nowMs() + pollMs);
      }
    }
  }

  async #afterFailure({ id }: Step, after: AfterFailure): Promise<PhaseName | undefined> {
    const { done, world, journal } = this.#stage;
    const index = done.findIndex(({ step }) => step === id);
    const mine = done[index];
    if (after.next === "undo" && mine !== undefined && (await undoOne(mine, world, journal)) === undefined) {
      done.splice(index, 1);
    }
    return after.next === "phase" ? after.to : undefined;
  }

  /** Between its beginning and its end in the journal; `next` is what follows if it fails. Resolves with what a decision chose. */
  async #verify(place: Place, next: Failures["last"], work: () => Promise<Outcome>): Promise<string | undefined> {
    const { step, visit, attempt } = place;
    const about = { who: "squall", data: { visit, attempt } } as const;
    await write(this.#stage, place, { ...about, kind: "step-begins", text: step });
    try {
      const { seen, chosen, outputs } = await work();
      if (outputs !== undefined) this.#stage.outputs.keep(step, outputs);
      const more = { ...(chosen === undefined ? {} : { chosen }), ...(outputs === undefined ? {} : { outputs }) };
      await write(this.#stage, place, { ...about, kind: "step-holds", text: seen, data: { ...about.data, ...more } });
      return chosen;
    } catch (cause) {
      if (!(cause instanceof StepFailed)) throw cause;
      const { outputs, message } = cause;
      if (outputs !== undefined) this.#stage.outputs.keep(step, outputs);
      const data = { ...about.data, next, ...(outputs === undefined ? {} : { outputs }) };
      await write(this.#stage, place, { ...about, kind: "step-fails", text: message, data });
      throw cause;
    }
  }

  async #carryOut(step: Step, place: Place, count: number): Promise<Outcome> {
    const stage = this.#stage;
    if (step.when !== undefined) {
      const { holds, seen } = await seenOf(step.when, stage);
      if (!holds) return { seen: `left out: ${seen}` };
    }
    switch (step.kind) {
      case "check":
        return await check(step.condition, stage);
      case "wait":
        return await waitFor(step.condition, stage, { withinMs: step.withinMs, everyMs: step.pollMs });
      case "action":
        return await act(step, place, stage);
      case "decide":
        return await this.#decide(step, place);
      case "approve":
        return await this.#approve(step, place);
      case "manual":
        return await this.#manual(step, place);
      case "note":
        return { seen: filledText(step.text, stage.outputs) };
      case "measure":
        return { seen: step.measures.join(", ") };
      case "command":
        return await run(step, place, stage);
      case "parallel":
        return await this.#together(step.steps, place, count);
    }
  }

  /** All of them come to their end, whatever becomes of the others: nothing goes on behind the drill's back. */
  async #together(steps: readonly Step[], { phase }: Place, count: number): Promise<Outcome> {
    const ends = await Promise.allSettled(steps.map((each) => this.#playStep(each, phase, count)));
    const causes = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    // What ends the whole drill goes before what fails a step.
    const [cause] = [...causes.filter((each) => !(each instanceof StepFailed)), ...causes];
    if (cause !== undefined) throw cause;
    return { seen: plural(steps.length, "step") };
  }

  async #decide(step: Extract<Step, { readonly kind: "decide" }>, place: Place): Promise<Outcome> {
    const { condition, yes, no } = step;
    const evidence = await seenOf(condition, this.#stage);
    const { holds, seen } = evidence;
    const [suggested, other] = holds ? [yes, no] : [no, yes];
    const answer = await this.#stage.people.ask(
      {
        ...place,
        id: `${place.visit}.${place.attempt}/decide`,
        kind: "decide",
        role: "responder",
        text: `${seen}. Go ${suggested}?`,
        choices: { yes: `Go ${suggested}`, no: `Go ${other}` },
        wants: "nothing",
      },
      // Evidence decides; a person who sees it otherwise takes the other way, and the journal says so.
      (given) => ({ text: given.note ?? seen, data: { evidence: holds, taken: given.yes === holds } }),
    );
    const isYes = answer.yes === holds;
    const outputs = { output: { value: isYes ? "yes" : "no" }, who: { value: answer.who.name } };
    return { seen, chosen: isYes ? yes : no, outputs };
  }

  async #approve(
    { role, text, byAnother }: Extract<Step, { readonly kind: "approve" }>,
    place: Place,
  ): Promise<Outcome> {
    const { yes, who } = await this.#stage.people.ask(
      {
        ...place,
        id: `${place.visit}.${place.attempt}/approve`,
        kind: "approve",
        role,
        text: filledText(text, this.#stage.outputs),
        choices: { yes: "Approve", no: "Refuse" },
        wants: "nothing",
        byAnother,
      },
      said,
    );
    if (!yes) throw new StepFailed(`${who.name} does not approve`);
    return { seen: `approved by ${who.name}`, outputs: { output: { value: "yes" }, who: { value: who.name } } };
  }

  async #manual({ role, text, attest }: Extract<Step, { readonly kind: "manual" }>, place: Place): Promise<Outcome> {
    const { yes, who, value } = await this.#stage.people.ask(
      {
        ...place,
        id: `${place.visit}.${place.attempt}/manual`,
        kind: "manual",
        role,
        text: filledText(text, this.#stage.outputs),
        choices: { yes: "Done", no: "Not done" },
        wants: attest,
      },
      said,
    );
    if (!yes) throw new StepFailed(`${who.name} did not do it`);
    const attested = value === undefined ? "" : `: ${outputInWords({ value })}`;
    const given = value ?? (attest === "nothing" ? "done" : undefined);
    const output = given === undefined ? {} : { output: { value: given } };
    return { seen: `done by ${who.name}${attested}`, outputs: { ...output, who: { value: who.name } } };
  }
}

function said({ note, yes }: Answer): { readonly text: string } {
  return { text: note ?? (yes ? "yes" : "no") };
}

function failuresIn(entries: readonly JournalEntry[]): ReadonlyMap<string, Failures> {
  const failures = new Map<string, Failures>();
  for (const { kind, data = {} } of entries) {
    if (kind !== "step-fails") continue;
    const visit = String(data["visit"]);
    const count = 1 + (failures.get(visit)?.count ?? 0);
    failures.set(visit, { count, last: data["next"] as Failures["last"] });
  }
  return failures;
}

function phaseOr(chosen: unknown): PhaseName | undefined {
  return typeof chosen === "string" && chosen !== "next" ? (chosen as PhaseName) : undefined;
}
