/**
 * Executes a runbook against a world, and leaves a journal.
 *
 *     phases ─▶ steps ─▶ world (look, act)       watch: alerts, users, limits, all the time
 *        │                 │                        │
 *        └── branches      └─▶ done ─▶ undo ◀───────┴── a failed step, a broken limit, an interruption, the end of a drill
 *
 * A step is verified before the next one begins. After a crash the same runbook is executed again with the journal's entries:
 * steps that were verified are not repeated, decisions stay as they were made, and what was begun and not verified is done anew, which
 * is why worlds carry out an action that is already in force without doing it twice.
 */
import type { Ms } from "../../core/time.ts";
import { formatDuration } from "../../core/time.ts";
import { describeAction } from "./actions.ts";
import type { Condition } from "./conditions.ts";
import { type Evidence, holdMs, look, waitsForAlert } from "./evidence.ts";
import { hiddenFrom } from "./hidden.ts";
import type { EntryKind, Journal, Note } from "./journal.ts";
import type { ActionStep, CommandStep, CommandTool, Phase, PhaseName, Runbook, Step } from "./runbook.ts";
import { titled } from "./titles.ts";
import { type Done, inForce, undoAll } from "./undo.ts";
import { DrillStopped, Watch } from "./watch.ts";
import type { Question, Responder, World } from "./world.ts";

export interface DrillOptions {
  readonly runbook: Runbook;
  readonly world: World;
  readonly responder: Responder;
  readonly journal: Journal;
  /** `tabletop`: nothing is done, everything is talked through. */
  readonly mode: "drill" | "tabletop";
  /** Commands outside of Squall that the person allowed, by tool: the first words that one may begin with. */
  readonly allowed: ReadonlyMap<CommandTool, readonly string[]>;
  readonly signal: AbortSignal;
}

export interface DrillResult {
  readonly status: "completed" | "failed" | "aborted" | "interrupted";
  /** Why it did not complete; empty when it did. */
  readonly why: string;
  /** What could not be taken back, in words. */
  readonly notRestored: readonly string[];
}

/** A phase visited more often than this goes round in circles. */
const visitsMax = 10;

/** Executes it to its end, whatever the end is; the world is restored as far as it can be. */
export async function executeRunbook(options: DrillOptions): Promise<DrillResult> {
  return await new Execution(options).run();
}

/** A step that did not hold. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
}

class Execution {
  readonly #options: DrillOptions;
  readonly #watch: Watch;
  /** Verified before a crash, by step and visit, with what a decision chose. */
  readonly #held: ReadonlyMap<string, unknown>;
  readonly #done: Done[];
  #acknowledged: boolean;

  constructor(options: DrillOptions) {
    this.#options = options;
    const { world, journal, runbook, signal } = options;
    this.#watch = new Watch(world, journal, runbook.limits, signal);
    const entries = journal.entries();
    const holds = entries.filter(({ kind }) => kind === "step-holds");
    this.#held = new Map(holds.map(({ data = {} }) => [String(data["visit"]), data["chosen"]]));
    this.#done = [...inForce(entries)];
    this.#acknowledged = entries.some(({ kind }) => kind === "acknowledged");
  }

  async run(): Promise<DrillResult> {
    const end = await this.#respond().then(
      () => ({ status: "completed", why: "" }) as const,
      (cause: unknown) => endOf(cause, this.#options.signal),
    );
    if (end.status === "interrupted") await this.#write("interrupted", { who: "squall", text: end.why });
    const notRestored = await undoAll(this.#done, this.#options.world, this.#options.journal);
    const account = await this.#options.world.account();
    await this.#write("drill-ends", {
      who: "squall",
      text: end.why === "" ? end.status : `${end.status}: ${end.why}`,
      data: { status: end.status, account, notRestored },
    });
    if ("bug" in end) throw end.bug;
    return { ...end, notRestored };
  }

  async #respond(): Promise<void> {
    const { runbook, world, journal, mode } = this.#options;
    const isNew = journal.entries().length === 0;
    if (isNew) {
      const { id, version, severity, owner, targets, limits } = runbook;
      await this.#write("drill-begins", {
        who: "squall",
        text: `${runbook.title} (${id}, version ${version}, ${severity})`,
        data: {
          id,
          version,
          severity,
          owner,
          targets,
          limits,
          mode,
          alerts: world.alertNames,
          account: await world.account(),
        },
      });
      await this.#breakThings();
    } else {
      await this.#write("resumed", { who: "squall", text: `from entry ${journal.entries().length}` });
    }
    await this.#watch.begin(journal.entries());
    await this.#playPhases();
  }

  /** The hidden half of a drill. Instants in the runbook count from the start of the drill. */
  async #breakThings(): Promise<void> {
    const { runbook, world } = this.#options;
    if (runbook.drill === undefined) return;
    const { faults, events, said } = hiddenFrom(runbook.drill, world.nowMs());
    await world.plan(faults, events);
    for (const each of said) {
      await this.#write("fault-planned", {
        who: "squall",
        text: `${each.what} (hidden until the review)`,
        data: { ...each },
      });
    }
  }

  async #playPhases(): Promise<void> {
    const { phases } = this.#options.runbook;
    const visits = new Map<PhaseName, number>();
    let index = 0;
    while (index < phases.length) {
      const phase = phases[index];
      if (phase === undefined) return;
      const visit = (visits.get(phase.name) ?? 0) + 1;
      if (visit > visitsMax)
        throw new StepFailed(`${titled(phase.name)} was begun ${visitsMax} times: the decisions go round in circles`);
      visits.set(phase.name, visit);
      const to = await this.#playPhase(phase, visit);
      index = to === undefined ? index + 1 : phases.findIndex(({ name }) => name === to);
    }
  }

  /** Resolves with the phase that a branch leads to; undefined: the next one. */
  async #playPhase(phase: Phase, visit: number): Promise<PhaseName | undefined> {
    const mark = `${phase.name}#${visit}`;
    await this.#once(`${mark} begins`, "phase-begins", { phase: phase.name, text: titled(phase.name) });
    if (phase.entry !== undefined && !this.#held.has(`${mark} entry`)) {
      await this.#verify(`${phase.name}.entry`, `${mark} entry`, phase.name, () =>
        this.#check(phase.entry as Condition),
      );
    }
    let to: PhaseName | undefined;
    for (const step of phase.steps) {
      to = await this.#playStep(step, phase.name, visit);
      if (to !== undefined) break;
    }
    const { exit } = phase;
    if (exit !== undefined && to === undefined && !this.#held.has(`${mark} exit`)) {
      await this.#verify(`${phase.name}.exit`, `${mark} exit`, phase.name, () =>
        this.#waitFor(exit.condition, exit.withinMs),
      );
    }
    await this.#once(`${mark} ends`, "phase-ends", { phase: phase.name, text: titled(phase.name) });
    return to;
  }

  /** Writes a mark of a phase with the account at that instant, unless it was written before a crash. */
  async #once(mark: string, kind: EntryKind, note: Pick<Note, "phase" | "text">): Promise<void> {
    const { journal, world } = this.#options;
    if (journal.entries().some((entry) => entry.kind === kind && entry.data?.["mark"] === mark)) return;
    await this.#write(kind, { ...note, who: "squall", data: { mark, account: await world.account() } });
  }

  async #playStep(step: Step, phase: PhaseName, visit: number): Promise<PhaseName | undefined> {
    const mark = `${step.id}#${visit}`;
    if (this.#held.has(mark)) return phaseOr(this.#held.get(mark));
    try {
      return phaseOr(await this.#verify(step.id, mark, phase, () => this.#carryOut(step, phase, visit)));
    } catch (cause) {
      if (!(cause instanceof StepFailed) || step.onFailure.next === "stop") throw cause;
      return step.onFailure.next === "phase" ? step.onFailure.to : undefined;
    }
  }

  /** Between its beginning and its end in the journal. Resolves with what a decision chose. */
  async #verify(step: string, visit: string, phase: string, work: () => Promise<Outcome>): Promise<string | undefined> {
    await this.#write("step-begins", { phase, step, who: "squall", text: step });
    try {
      const { seen, chosen } = await work();
      await this.#write("step-holds", {
        phase,
        step,
        who: "squall",
        text: seen,
        data: { visit, ...(chosen === undefined ? {} : { chosen }) },
      });
      return chosen;
    } catch (cause) {
      if (cause instanceof StepFailed)
        await this.#write("step-fails", { phase, step, who: "squall", text: cause.message });
      throw cause;
    }
  }

  async #carryOut(step: Step, phase: PhaseName, visit: number): Promise<Outcome> {
    if (step.when !== undefined) {
      const { holds, seen } = await this.#look(step.when);
      if (!holds) return { seen: `left out: ${seen}` };
    }
    switch (step.kind) {
      case "check":
        return await this.#check(step.condition);
      case "wait":
        return await this.#waitFor(step.condition, step.withinMs, step.pollMs);
      case "action":
        return await this.#act(step);
      case "decide":
        return await this.#decide(step);
      case "approve":
      case "manual":
        return await this.#askFor(step.kind, step.role, step.text, step.id);
      case "note":
        return { seen: step.text };
      case "measure":
        return { seen: step.measures.join(", ") };
      case "command":
        return await this.#command(step);
      case "parallel":
        await Promise.all(step.steps.map((each) => this.#playStep(each, phase, visit)));
        return { seen: `${step.steps.length} steps` };
    }
  }

  /** Holds now and, where it is to hold for some time, all that time. */
  async #check(condition: Condition): Promise<Outcome> {
    const untilMs = this.#options.world.nowMs() + holdMs(condition);
    for (;;) {
      const { holds, seen } = await this.#look(condition);
      if (!holds) return this.#missed(`does not hold: ${seen}`);
      if (this.#options.world.nowMs() >= untilMs) return { seen };
      await this.#watch.passTo(Math.min(untilMs, this.#options.world.nowMs() + pollMs));
    }
  }

  async #waitFor(condition: Condition, withinMs: Ms, everyMs: Ms = pollMs): Promise<Outcome> {
    const { world } = this.#options;
    const endMs = world.nowMs() + withinMs;
    let sinceMs: Ms | undefined;
    for (;;) {
      const { holds, seen } = await this.#look(condition);
      sinceMs = holds ? (sinceMs ?? world.nowMs()) : undefined;
      if (sinceMs !== undefined && world.nowMs() - sinceMs >= holdMs(condition)) {
        if (waitsForAlert(condition)) await this.#acknowledge();
        return { seen };
      }
      if (world.nowMs() >= endMs)
        return this.#missed(`did not come to hold within ${formatDuration(withinMs)}: ${seen}`);
      await this.#watch.passTo(Math.min(endMs, world.nowMs() + everyMs));
    }
  }

  /** A condition that does not hold fails its step; at a tabletop nothing was done that could make it hold. */
  #missed(why: string): Outcome {
    if (this.#options.mode === "tabletop") return { seen: `${why} (nothing was done)` };
    throw new StepFailed(why);
  }

  async #look(condition: Condition): Promise<Evidence> {
    return await look(condition, this.#options.world);
  }

  async #acknowledge(): Promise<void> {
    if (this.#acknowledged) return;
    this.#acknowledged = true;
    const text = "Somebody is paged. Do you look into it?";
    const { who } = await this.#ask({ kind: "acknowledge", role: "responder", text, step: "acknowledge" });
    await this.#write("acknowledged", { who, text: "looks into it" });
  }

  async #decide({ condition, yes, no, id }: Extract<Step, { readonly kind: "decide" }>): Promise<Outcome> {
    const { holds, seen } = await this.#look(condition);
    const text = `${seen}. Go ${holds ? yes : no}?`;
    const answer = await this.#ask({ kind: "decide", role: "responder", text, step: id });
    // Evidence decides; a person who sees it otherwise takes the other way, and the journal says so.
    const taken = answer.yes ? holds : !holds;
    await this.#write("answer", {
      step: id,
      who: answer.who,
      text: answer.note ?? seen,
      data: { evidence: holds, taken },
    });
    return { seen, chosen: taken ? yes : no };
  }

  async #askFor(kind: "approve" | "manual", role: string, text: string, step: string): Promise<Outcome> {
    const answer = await this.#ask({ kind, role, text, step });
    await this.#write("answer", {
      step,
      who: answer.who,
      text: answer.note ?? (answer.yes ? "yes" : "no"),
      data: { yes: answer.yes },
    });
    if (!answer.yes)
      throw new StepFailed(kind === "approve" ? `${answer.who} does not approve` : `${answer.who} did not do it`);
    return { seen: kind === "approve" ? `approved by ${answer.who}` : `done by ${answer.who}` };
  }

  async #ask(question: Question): Promise<Awaited<ReturnType<Responder["ask"]>>> {
    const { responder, world } = this.#options;
    return await responder.ask(question, (ms) => this.#watch.passTo(world.nowMs() + ms));
  }

  async #act(step: ActionStep & Pick<Step, "id">): Promise<Outcome> {
    const { world, mode } = this.#options;
    const { action, undo, proof } = step;
    const text = describeAction(action);
    if (mode === "tabletop") return { seen: `would ${text}` };
    const before = await world.stateOf(undo.kind === "action" ? undo.action : action);
    await this.#write("action-begins", { step: step.id, who: "squall", text, data: { action, undo, before } });
    const known = this.#done.findIndex((each) => each.step === step.id);
    if (known === -1) this.#done.push({ step: step.id, action, undo, before });
    await world.act(action).catch((cause: unknown) => {
      throw new StepFailed(`${text}: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
    const state = await world.stateOf(action);
    await this.#write("action-done", { step: step.id, who: "squall", text, data: { state } });
    if (proof === undefined) return { seen: state };
    const { seen } = await this.#waitFor(proof, step.withinMs);
    return { seen };
  }

  async #command(step: CommandStep & Pick<Step, "id">): Promise<Outcome> {
    const { allowed, world, mode } = this.#options;
    const text = `${step.tool}: ${step.words.join(" ")}`;
    if (mode === "tabletop") return { seen: `would run ${text}` };
    const beginnings = allowed.get(step.tool);
    if (beginnings === undefined) throw new StepFailed(`${text} is off; allow it with --allow-${step.tool}`);
    if (!beginnings.includes(step.words[0] ?? "")) {
      throw new StepFailed(`${text} is not on the list of allowed ones: ${beginnings.join(", ")}`);
    }
    await this.#askFor("approve", "responder", `Run ${text}`, step.id);
    const said = await world.command(step.tool, step.words, step.withinMs).catch((cause: unknown) => {
      throw new StepFailed(`${text}: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
    return { seen: said };
  }

  async #write(kind: EntryKind, note: Omit<Note, "kind">): Promise<void> {
    await this.#options.journal.write({ kind, ...note });
  }
}

/** How often a condition is looked at, unless a step says so. */
const pollMs: Ms = 5_000;

interface Outcome {
  /** What was seen, in words. */
  readonly seen: string;
  /** Where a decision leads. */
  readonly chosen?: string;
}

function phaseOr(chosen: unknown): PhaseName | undefined {
  return typeof chosen === "string" && chosen !== "next" ? (chosen as PhaseName) : undefined;
}

type End = Pick<DrillResult, "status" | "why"> & { readonly bug?: unknown };

function endOf(cause: unknown, signal: AbortSignal): End {
  // A question that was open when the drill was stopped ends with the signal's reason.
  if (signal.aborted && cause === signal.reason) return { status: "interrupted", why: "interrupted" };
  if (cause instanceof DrillStopped) return { status: cause.status, why: cause.message };
  if (cause instanceof StepFailed) return { status: "failed", why: cause.message };
  // Ours, or the world's: what was done is still taken back before it is told.
  return { status: "failed", why: cause instanceof Error ? cause.message : String(cause), bug: cause };
}
