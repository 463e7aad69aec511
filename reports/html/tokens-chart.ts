/** Tokens that a provider charged in the minute before, against its limit, with a triangle wherever it refused calls. */
import { minuteLimit, useByMinute } from "../../analyzers/quota.ts";
import type { ProviderLedger, Run, UsageBin } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import { formatCount, plural } from "../../core/units.ts";
import { type Chart, type ChartLayer, chartWidths } from "./chart.ts";
import { loadSpan, thinned, type Span } from "./series.ts";
import { timeEncoding } from "./time-axis.ts";

/** How a time is marked in which calls were refused. */
export const refusalMark: {
  readonly mark: Exclude<Extract<ChartLayer, { readonly mark: unknown }>["mark"], string>;
} = { mark: { type: "point", shape: "triangle-down", filled: true, size: 45, color: "var(--fail)", opacity: 1 } };

/** One chart for each provider that counted anything in the load phase. */
export function tokensCharts(run: Run): readonly Chart[] {
  return run.manifest.providers.flatMap((ledger, index) => tokensChart(run, ledger, `tokens-${index}`) ?? []);
}

function tokensChart(run: Run, ledger: ProviderLedger, id: string): Chart | undefined {
  const span = loadSpan(run);
  const widthMs = Math.max(0, ...ledger.usage.map((bin) => bin.widthMs));
  const use = useByMinute(ledger.usage).filter(
    ({ endMs }) => endMs > span.startMs && endMs < span.startMs + span.lengthMs + widthMs,
  );
  if (use.length === 0) return undefined;
  const limit = minuteLimit(ledger).tokens;
  const peak = Math.max(...use.map((minute) => minute.tokens));
  const refusals = refusalsWithin(ledger, span);
  const points = use.map(({ endMs, tokens }) => ({ atS: onAxis(endMs, span), tokens }));
  const time = timeEncoding(span);
  return {
    id,
    title: `Tokens per minute at ${ledger.provider}`,
    description: `The peak is ${formatCount(peak)} tokens in a minute; ${againstLimit(limit)}.`,
    caption: captionOf(limit, peak, refusals),
    spec: {
      width: chartWidths.full,
      height: 200,
      layer: [
        {
          data: { values: thinned(points, (point) => point.tokens) },
          mark: {
            type: "area",
            color: "var(--live)",
            fillOpacity: 0.14,
            line: { color: "var(--live)", strokeWidth: 2 },
          },
          encoding: {
            x: { field: "atS", ...time },
            y: {
              field: "tokens",
              type: "quantitative",
              axis: { title: "Tokens in a minute", labelExpr: "datum.value == 0 ? '0' : format(datum.value, '~s')" },
              scale: { domain: [0, Math.max(1, peak, limit ?? 0) * 1.15], nice: false },
            },
          },
        },
        ...(limit === undefined ? [] : limitLayers(limit)),
        {
          data: { values: marksOf(refusals, span) },
          ...refusalMark,
          encoding: { x: { field: "atS", ...time }, y: { value: 4 } },
        },
      ],
    },
  };
}

/** A dashed line across, and its name at the left on a halo of paper, so that the data may run behind it. */
function limitLayers(limit: number): readonly ChartLayer[] {
  const data = { values: [{ tokens: limit, label: `limit ${formatCount(limit)} tokens/min` }] };
  const y = { field: "tokens", type: "quantitative" } as const;
  const label = { type: "text", align: "left", baseline: "bottom", dx: 6, dy: -4, fontSize: 12 } as const;
  const place = { x: { value: 0 }, y, text: { field: "label" } } as const;
  return [
    { data, mark: { type: "rule", color: "var(--fail)", strokeDash: [6, 3], strokeWidth: 1.5 }, encoding: { y } },
    { data, mark: { ...label, color: "var(--paper)", stroke: "var(--paper)", strokeWidth: 4 }, encoding: place },
    { data, mark: { ...label, color: "var(--fail)" }, encoding: place },
  ];
}

function captionOf(limit: number | undefined, peak: number, refusals: readonly UsageBin[]): string {
  const refused = refusals.reduce((sum, bin) => sum + bin.refused, 0);
  return [
    `Tokens charged against the quota in the minute before; ${againstLimit(limit)}.`,
    limit !== undefined && peak > limit
      ? "A quota that refills continuously admits more than its limit in a minute that began with a full bucket."
      : "",
    refused === 0
      ? "No call was refused."
      : `A triangle marks a time in which calls were refused (429): ${plural(refused, "call")} in all.`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

function againstLimit(limit: number | undefined): string {
  return limit === undefined ? "no limit is in force" : `the limit is ${formatCount(limit)}`;
}

/** At most one mark for each hundredth of the axis. */
export function marksOf(refusals: readonly UsageBin[], span: Span): { readonly atS: number }[] {
  const slotS = span.lengthMs / 1_000 / 100;
  const slots = new Set(refusals.map((bin) => Math.floor(onAxis(bin.startMs + bin.widthMs / 2, span) / slotS)));
  return [...slots].map((slot) => ({ atS: Math.min(span.lengthMs / 1_000, (slot + 0.5) * slotS) }));
}

/** The times within a span at which a provider refused calls. */
export function refusalsWithin(ledger: ProviderLedger, span: Span): readonly UsageBin[] {
  const endMs = span.startMs + span.lengthMs;
  return ledger.usage.filter((bin) => bin.refused > 0 && bin.startMs >= span.startMs && bin.startMs < endMs);
}

/** Seconds on the time axis, held within it. */
function onAxis(atMs: Ms, span: Span): number {
  return Math.min(span.lengthMs, Math.max(0, atMs - span.startMs)) / 1_000;
}
