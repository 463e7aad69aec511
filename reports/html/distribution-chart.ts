/** Share of requests answered within a time: this run, the simulation beside it, and its own baseline. */
import { type LatencyKind, latencies, latencyNames } from "../../analyzers/latency.ts";
import { percentile } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import { type Chart, chartWidths, type LineLook, lineLooks } from "./chart.ts";
import { latencyUnit } from "./latency-chart.ts";
import { distribution } from "./series.ts";

interface Sample extends LineLook {
  readonly values: readonly number[];
}

/** The chart of one latency; nothing when no run has it. */
export function distributionChart(run: Run, kind: LatencyKind, simulated: Run | undefined): Chart | undefined {
  const samples = samplesOf(run, kind, simulated);
  if (samples.length === 0) return undefined;
  const looks = lineLooks("sample", samples);
  const unit = latencyUnit(Math.max(...samples.map(({ values }) => percentile(values, 0.99) ?? 0)));
  const described = samples.map(({ name, values }) => {
    const [p50 = 0, p95 = 0] = [percentile(values, 0.5), percentile(values, 0.95)];
    return `${name}: half within ${formatDuration(p50)}, 95 of 100 within ${formatDuration(p95)}.`;
  });
  return {
    id: `${kind}-distribution`,
    title: latencyNames[kind],
    description: described.join(" "),
    caption: `${samples.map(({ name, values }) => `${name} ${plural(values.length, "request")}`).join(", ")}.`,
    spec: {
      width: chartWidths.half,
      height: 260,
      data: {
        values: samples.flatMap(({ name, values }) =>
          distribution(values).map((point) => ({ sample: name, value: point.ms / unit.ms, share: point.share })),
        ),
      },
      mark: { type: "line", strokeWidth: 2 },
      encoding: {
        x: { field: "value", type: "quantitative", axis: { title: unit.title, tickCount: 6 }, scale: { zero: true } },
        y: {
          field: "share",
          type: "quantitative",
          axis: {
            title: "Share of requests within it",
            labelExpr: "round(datum.value * 100) + ' %'",
            values: [0, 0.25, 0.5, 0.75, 0.95],
            tickCount: 5,
          },
          scale: { domain: [0, 1] },
        },
        ...looks.encoding,
      },
    },
  };
}

function samplesOf(run: Run, kind: LatencyKind, simulated: Run | undefined): readonly Sample[] {
  const own = run.manifest.kind;
  const samples: readonly Sample[] = [
    { name: own, color: `var(--${own})`, dash: [1, 0], values: latencies(recordsOf(run, "load"), kind) },
    {
      name: "simulated",
      color: "var(--simulated)",
      dash: [7, 4],
      values: simulated === undefined ? [] : latencies(recordsOf(simulated, "load"), kind),
    },
    { name: "baseline", color: "var(--baseline)", dash: [2, 2], values: latencies(recordsOf(run, "baseline"), kind) },
  ];
  return samples.filter(({ values }) => values.length > 0);
}
