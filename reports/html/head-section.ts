/** The top of the page: what ran, the verdict in words, the figures people ask for first, and the objectives one by one. */
import { costOf } from "../../analyzers/cost.ts";
import { errorShare } from "../../analyzers/errors.ts";
import { latencies, type LatencyKind } from "../../analyzers/latency.ts";
import { percentile } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import type { Finding } from "../../core/finding.ts";
import { formatMoney } from "../../core/money.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { formatInterval, formatMeasured, formatValue, judgementMarks } from "../format.ts";
import type { ReportInput } from "../report-input.ts";
import { describeRun, judgedOf, verdictInWords } from "../verdict.ts";
import { html, type Markup, type Part } from "./markup.ts";
import { dataTable, detailMarkup, judgementMarkup, tableColumns } from "./table.ts";

/** Name, verdict and headline figures: the first thing on the page and on paper. */
export function headSection({ run, findings }: ReportInput): Markup {
  const { judgement, why } = verdictInWords(findings);
  const { sign, word } = judgementMarks[judgement];
  return html`<header>
      <p class="label">Squall report</p>
      <h1>${run.manifest.scenario}</h1>
      <p class="subtitle">${describeRun(run)}${startedOn(run)}</p>
    </header>
    <section class="verdict ${judgement}" aria-label="Verdict">
      <p class="word"><span aria-hidden="true">${sign}</span> ${word.toUpperCase()}</p>
      <p class="why">${why}</p>
    </section>
    <dl class="tiles">
      ${headlines(run).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>`;
}

/** The objectives, and whatever else was judged. */
export function objectivesSection({ findings }: ReportInput): Markup {
  const judged = judgedOf(findings);
  const lead =
    judged.length === 0
      ? "The scenario sets none."
      : "What the scenario asks for, measured in the load phase. Intervals are 95 % bootstrap intervals.";
  const columns = tableColumns(["Objective", "Measured", "Limit", "Sample", "Verdict"], ["Verdict"]);
  return html`<section aria-label="Objectives">
    <h2>Objectives</h2>
    <p class="lead">${lead}</p>
    ${judged.length === 0 ? undefined : dataTable(columns, judged.map(objectiveRow))}
  </section>`;
}

function objectiveRow(finding: Finding): readonly Part[] {
  return [
    [finding.title, detailMarkup(finding.detail)],
    [formatMeasured(finding), detailMarkup(formatInterval(finding))],
    finding.limit ?? "",
    finding.samples === undefined ? "" : formatValue(finding.samples, "count"),
    judgementMarkup(finding.judgement ?? "inconclusive"),
  ];
}

/** The figures people ask for first, of the load phase, each by its name. */
export function headlines(run: Run): readonly (readonly [name: string, value: string])[] {
  const records = recordsOf(run, "load");
  const failed = errorShare(records).share;
  const cost = costOf(run);
  const p95 = (kind: LatencyKind): number | undefined => percentile(latencies(records, kind), 0.95);
  const figures: readonly (readonly [string, number | undefined, (value: number) => string])[] = [
    ["Requests", records.length, (count) => formatValue(count, "count")],
    ["Failed", failed, formatShare],
    ["First token, p95", p95("ttft"), formatDuration],
    ["End to end, p95", p95("e2e"), formatDuration],
    ["Cost", cost?.total, formatMoney],
    ["Cost per hour", cost?.perHour, formatMoney],
  ];
  return figures.flatMap(([name, value, format]) => (value === undefined ? [] : [[name, format(value)] as const]));
}

function startedOn(run: Run): string {
  const { startedAt } = run.manifest;
  return startedAt === undefined ? "" : ` · ${startedAt.slice(0, 16).replace("T", " ")} UTC`;
}
