/**
 * The parts of a run that analyzers look at. Only the phase `load` is judged; `baseline` is there to compare with, and
 * `warmup` is never looked at.
 */
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { PhaseSpan, Run } from "../core/run.ts";
import type { Ms } from "../core/time.ts";

/** Records of one phase, in the order of the run. */
export function recordsOf(run: Run, phase: PhaseName): readonly RequestRecord[] {
  return run.records.filter((record) => record.phase === phase);
}

/** When a phase was played, and by how many; undefined when it was not. */
export function phaseSpan({ manifest }: Run, phase: PhaseName): PhaseSpan | undefined {
  return manifest.phases.find((span) => span.name === phase);
}

/** How long a phase lasted; 0 when it was not played. */
export function phaseLengthMs(run: Run, phase: PhaseName): Ms {
  const span = phaseSpan(run, phase);
  return span === undefined ? 0 : span.endMs - span.startMs;
}
