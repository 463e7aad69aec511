/** A judged run for programs: what `--json` prints. */
import { verdictOf } from "../core/finding.ts";
import type { ReportInput } from "./report-input.ts";

/** One document: what ran, the verdict, every finding, and the comparison where there is one. */
export function outcomeJson({ run, findings, compared }: ReportInput): object {
  const { scenarioText: _scenarioText, ...manifest } = run.manifest;
  return {
    verdict: verdictOf(findings),
    findings,
    run: manifest,
    events: run.events,
    ...(compared === undefined
      ? {}
      : {
          simulated: { verdict: verdictOf(compared.findings), findings: compared.findings },
          fidelity: compared.fidelity,
        }),
  };
}
