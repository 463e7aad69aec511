/**
 * All analyzers, in the order in which people read: can the run be judged, did it hold, what did it look like, what did it cost.
 *
 * An analyzer is a function from a run to findings. Adding one is writing the function and naming it here.
 */
import type { Finding } from "../core/finding.ts";
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { alertFindings } from "./alerts/alert-findings.ts";
import { capFindings } from "./caps.ts";
import { causeFindings } from "./causes.ts";
import { conservationFindings } from "./conservation.ts";
import { costFindings } from "./cost.ts";
import { errorFindings } from "./errors.ts";
import { flappingFindings } from "./flapping.ts";
import { generatorFindings, whyUntrusted } from "./generator.ts";
import { latencyFindings } from "./latency.ts";
import { objectiveFindings } from "./objectives.ts";
import { quotaFindings } from "./quota.ts";
import { errorBudgetFindings } from "./slo/error-budget.ts";

export type Analyzer = (run: Run, scenario: Scenario) => readonly Finding[];

const analyzers: readonly Analyzer[] = [
  generatorFindings,
  objectiveFindings,
  errorBudgetFindings,
  alertFindings,
  latencyFindings,
  errorFindings,
  costFindings,
  quotaFindings,
  causeFindings,
  capFindings,
  flappingFindings,
  conservationFindings,
];

/**
 * What there is to say about a run. In a run that cannot be judged (interrupted, failed, or the generator was the bottleneck)
 * every judgement becomes inconclusive: a miss may be the generator's, and a hit may be luck.
 */
export function analyze(run: Run, scenario: Scenario): readonly Finding[] {
  const findings = analyzers.flatMap((analyzer) => analyzer(run, scenario));
  return whyUntrusted(run) === undefined ? findings : findings.map(withoutJudgement);
}

function withoutJudgement(finding: Finding): Finding {
  if (finding.judgement === undefined || finding.judgement === "inconclusive") return finding;
  const detail = ["not judged, since this run cannot be", finding.detail]
    .filter((text) => text !== undefined)
    .join("; ");
  return { ...finding, judgement: "inconclusive", detail };
}
