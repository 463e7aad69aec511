/**
 * The objectives of a scenario, judged by the summary of a k6 that played it: for those who keep that and no log. A summary has
 * figures and no requests, so what k6 does not measure by itself stays open.
 */
import { judgeInterval } from "../../analyzers/objectives.ts";
import type { Finding } from "../../core/finding.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import type { K6Summary, SummaryMetric } from "../../load/k6/summary.ts";
import { k6Figure } from "../../load/k6/thresholds.ts";

/** One for each objective, and one for each threshold that k6 judged itself. */
export function summaryFindings(summary: K6Summary, objectives: readonly Objective[]): readonly Finding[] {
  return [...objectives.map((objective) => judged(summary, objective)), ...summary.metrics.flatMap(thresholdFindings)];
}

function judged({ metrics }: K6Summary, objective: Objective): Finding {
  const { metric: id, text: limit, line } = objective;
  const about = { analyzer: "objectives", id, title: id, limit, line } as const;
  const open = (detail: string): Finding => ({ ...about, judgement: "inconclusive", detail });
  const figure = k6Figure(id);
  if (figure === undefined) return open("k6 does not measure it: squall import k6 does, from its log");
  const metric = metrics.find(({ name }) => name === figure.metric);
  if (metric === undefined) return open(`the summary has no ${figure.metric}: was it a program of squall export k6?`);
  const measured = valueOf(metric, figure.aggregation);
  if (measured === undefined) {
    return open(`the summary has no ${figure.aggregation}: add --summary-trend-stats "avg,max,${figure.aggregation}"`);
  }
  const unit = figure.aggregation === "rate" ? "share" : "ms";
  return { ...about, judgement: judgeInterval([measured, measured], objective), measured, unit };
}

/** The summary that `--summary-export` writes calls a rate `value`, and every summary the median `med`. */
function valueOf({ values }: SummaryMetric, aggregation: string): number | undefined {
  if (aggregation === "rate") return values["rate"] ?? values["value"];
  return values[aggregation] ?? (aggregation === "p(50)" ? values["med"] : undefined);
}

function thresholdFindings({ name, thresholds }: SummaryMetric): readonly Finding[] {
  return thresholds.map(({ condition, held }) => ({
    analyzer: "k6",
    id: `${name}: ${condition}`,
    title: `k6: ${name}`,
    limit: condition,
    judgement: held ? "pass" : "fail",
  }));
}
