/**
 * What a report is made from: a run with its findings, and beside it the simulation of the same scenario where there is one.
 * Terminal, Markdown and HTML are three functions of this one value.
 */
import type { Fidelity } from "../analyzers/fidelity.ts";
import type { Finding } from "../core/finding.ts";
import type { Run } from "../core/run.ts";

export interface ReportInput {
  readonly run: Run;
  readonly findings: readonly Finding[];
  readonly compared?: ComparedRun;
}

/** The simulation that a live run is compared with. */
export interface ComparedRun {
  readonly run: Run;
  readonly findings: readonly Finding[];
  readonly fidelity: Fidelity;
}
