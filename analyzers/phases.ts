/**
 * The parts of a run that analyzers look at. Only the phase `load` is judged; `baseline` is there to compare with, and
 * `warmup` is never looked at.
 */
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { PhaseSpan, Run } from "../core/run.ts";
import type { Ms } from "../core/time.ts";

interface Phases {
  /** Of the records that were looked through; a run that is still going on has more the next time. */
  readonly length: number;
  readonly records: Map<PhaseName, readonly RequestRecord[]>;
}

/** Kept as long as the records are: a run of a million requests is looked at by dozens of measures. */
const phasesOf = new WeakMap<readonly RequestRecord[], Phases>();

/** Records of one phase, in the order of the run; the same array as long as the run has no more of them. */
export function recordsOf({ records }: Run, phase: PhaseName): readonly RequestRecord[] {
  let phases = phasesOf.get(records);
  if (phases?.length !== records.length) {
    phases = { length: records.length, records: new Map() };
    phasesOf.set(records, phases);
  }
  let found = phases.records.get(phase);
  if (found === undefined) {
    found = records.filter((record) => record.phase === phase);
    phases.records.set(phase, found);
  }
  return found;
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
