/** How far a drill is, read off its journal: which phase, which step, and what came of those before. */
import type { Entry, GameDay, PhaseCard } from "./game-day.ts";

export type StepState = "waiting" | "now" | "held" | "failed";

export interface Progress {
  /** Name of the phase that is played; undefined before the first and after the last. */
  readonly phase: string | undefined;
  /** Every phase by name: begun, over, or still to come. */
  readonly phases: ReadonlyMap<string, "waiting" | "now" | "over">;
  /** Every step by its id; of a step that was played twice, the last time. */
  readonly steps: ReadonlyMap<string, StepState>;
}

export function progressOf(entries: readonly Entry[], phases: readonly PhaseCard[]): Progress {
  const phaseStates = new Map<string, "waiting" | "now" | "over">(phases.map(({ name }) => [name, "waiting"]));
  const steps = new Map<string, StepState>(
    phases.flatMap((phase) => phase.steps.map(({ id }) => [id, "waiting"] as const)),
  );
  let current: string | undefined;
  for (const { kind, phase, step } of entries) {
    if (kind === "phase-begins" && phase !== undefined) {
      current = phase;
      phaseStates.set(phase, "now");
    }
    if (kind === "phase-ends" && phase !== undefined) {
      phaseStates.set(phase, "over");
      if (current === phase) current = undefined;
    }
    if (step === undefined || !steps.has(step)) continue;
    if (kind === "step-begins") steps.set(step, "now");
    if (kind === "step-holds") steps.set(step, "held");
    if (kind === "step-fails") steps.set(step, "failed");
  }
  return { phase: current, phases: phaseStates, steps };
}

/** The phase to show: the one that is played, or else the last one that was, or the first. */
export function phaseShown({ entries }: Pick<GameDay, "entries">, phases: readonly PhaseCard[]): PhaseCard | undefined {
  const { phase } = progressOf(entries, phases);
  const last = phase ?? entries.findLast(({ kind }) => kind === "phase-ends")?.phase;
  return phases.find(({ name }) => name === last) ?? phases[0];
}
