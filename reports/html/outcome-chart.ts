/** Requests by how they ended, stacked over time. */
import { outcomeCounts } from "../../analyzers/errors.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import { type Outcome, outcomes } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { formatWhole } from "../../core/units.ts";
import { type Chart, chartWidths } from "./chart.ts";
import { binWidthMs, loadSpan, outcomeBins } from "./series.ts";
import { timeEncoding } from "./time-axis.ts";

/** One colour for each outcome: Okabe and Ito's for failures, a quiet blue for answers, grey for what is nobody's failure. */
const outcomeColors: Readonly<Record<Outcome, string>> = {
  ok: "var(--ok)",
  "rate-limited": "#e69f00",
  rejected: "#cc79a7",
  "server-error": "#d55e00",
  timeout: "#7a4fa3",
  connection: "var(--ink)",
  "cut-stream": "#a6611a",
  malformed: "#c9b400",
  aborted: "#8a8f98",
  unfinished: "#b3b9c1",
};

/** The chart; nothing when the load phase has no request. */
export function outcomesOverTime(run: Run): Chart | undefined {
  const span = loadSpan(run);
  const records = recordsOf(run, "load");
  const bins = outcomeBins(records, span);
  if (bins.length === 0) return undefined;
  const counts = outcomeCounts(records);
  const present = outcomes.filter((outcome) => (counts.get(outcome) ?? 0) > 0);
  const told = present.map((outcome) => `${outcome} ${formatWhole(counts.get(outcome) ?? 0)}`).join(", ");
  const width = formatDuration(binWidthMs(records.length, span));
  return {
    id: "outcomes-over-time",
    title: "Requests by outcome",
    description: `Requests over time, by how they ended: ${told}.`,
    caption: `Requests by when they were due, in bins of ${width}: ${told}.`,
    spec: {
      width: chartWidths.full,
      height: 190,
      data: { values: [...bins] },
      mark: { type: "rect", stroke: "var(--paper)", strokeWidth: 1 },
      encoding: {
        x: { field: "fromS", ...timeEncoding(span) },
        x2: { field: "toS" },
        y: { field: "low", type: "quantitative", axis: { title: `Requests in ${width}`, tickMinStep: 1 } },
        y2: { field: "high" },
        color: {
          field: "outcome",
          type: "nominal",
          sort: null,
          scale: { domain: present, range: present.map((outcome) => outcomeColors[outcome]) },
          legend: { symbolType: "square", symbolSize: 110 },
        },
      },
    },
  };
}
