/** What the steps of one drill share while it is played. */
import type { Condition } from "./conditions.ts";
import type { Allowed } from "./commands.ts";
import { type Evidence, look } from "./evidence.ts";
import type { Journal, Note } from "./journal.ts";
import type { Outputs, StepOutputs } from "./outputs.ts";
import type { People } from "./people.ts";
import type { PhaseName } from "./runbook.ts";
import { StepFailed } from "./step-failed.ts";
import type { Done } from "./undo.ts";
import type { Watch } from "./watch.ts";
import type { World } from "./world.ts";

export interface Stage {
  readonly world: World;
  readonly journal: Journal;
  readonly watch: Watch;
  readonly people: People;
  readonly outputs: Outputs;
  readonly mode: "drill" | "tabletop";
  /** Aborted when the drill is over, whatever the reason. */
  readonly signal: AbortSignal;
  readonly allowed: Allowed;
  /** Of the runbook and of this drill of it; idempotency keys begin with it. */
  readonly key: string;
  /** What is to be taken back at the end, in the order in which it was done. */
  readonly done: Done[];
}

/** Where in a drill something happens. */
export interface Place {
  readonly step: string;
  readonly phase: PhaseName;
  /** `fail-over#2`: the step and how often its phase was begun. */
  readonly visit: string;
  /** From 1 on: a step that failed may be tried again. */
  readonly attempt: number;
}

/** What came of a step. */
export interface Outcome {
  /** What was seen, in words. */
  readonly seen: string;
  /** For later steps. */
  readonly outputs?: StepOutputs;
  /** Where a decision leads. */
  readonly chosen?: string;
}

/** The same for the same attempt at the same step of the same drill, and for nothing else. */
export function idempotencyKey({ key }: Pick<Stage, "key">, { visit, attempt }: Place): string {
  return `${key}/${visit}.${attempt}`;
}

export async function write(
  { journal }: Stage,
  { phase, step }: Place,
  note: Omit<Note, "phase" | "step">,
): Promise<void> {
  await journal.write({ phase, step, ...note });
}

export async function seenOf(condition: Condition, { world, outputs }: Stage): Promise<Evidence> {
  return await look(condition, world, outputs);
}

/** A condition that does not hold fails its step; at a tabletop nothing was done that could make it hold. */
export function missed({ mode }: Stage, why: string, evidence: Evidence): Outcome {
  if (mode === "tabletop") return { seen: `${why} (nothing was done)`, ...outputsOf(evidence) };
  throw new StepFailed(why);
}

/** What was measured is what a step gives. */
export function outputsOf({ output }: Evidence): Pick<Outcome, "outputs"> {
  return output === undefined ? {} : { outputs: { output } };
}
