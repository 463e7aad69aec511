/** What `squall import latency` says of a fit to a person. */
import type { Goodness } from "../behavior/latency/fit/goodness.ts";
import type { LatencyFit } from "../behavior/latency/fit/fit-profile.ts";
import type { LatencyLog } from "../behavior/latency/fit/sample.ts";
import { formatShare, formatWhole, plural } from "../core/units.ts";
import { textTable, wrap } from "../reports/text-table.ts";

export function latencyFitText(name: string, log: LatencyLog, fit: LatencyFit, width: number): string {
  const { profile, ttft, perToken, families } = fit;
  const leftOut = log.leftOut.map(({ reason, calls }) => `  left out: ${formatWhole(calls)} ${reason}`);
  const models = log.models.map(({ model, calls }) => `${model} (${formatWhole(calls)})`).join(", ");
  const [best, next] = families;
  return [
    `${name}: ${plural(fit.calls, "call")} fitted`,
    ...leftOut,
    ...(log.models.length > 1 ? [`  models: ${models}; --model picks one`] : []),
    "",
    `time to first token, less ${profile.ttft.uncachedMsPer1k} ms per 1,000 uncached prompt tokens above ${profile.ttft.referencePromptTokens}`,
    ...goodnessLines(ttft, width),
    `  family: ${best?.family ?? ""}${next === undefined || best === undefined ? "" : `, BIC better by ${Math.round(next.bic - best.bic)} than ${next.family}`}`,
    "",
    ...(perToken === undefined ? [] : ["time per token after the first event", ...goodnessLines(perToken, width), ""]),
    ...fit.notes.flatMap((note) => wrap(`note: ${note}`, width)),
  ].join("\n");
}

const barWidth = 24;

/** Quantiles side by side, with a bar for how far the fit is off, and the Kolmogorov distance. */
function goodnessLines({ quantiles, ks, p }: Goodness, width: number): readonly string[] {
  const header = ["", "observed", "fitted", "off", `-25 %${" ".repeat(barWidth - 9)}+25 %`].map((text) => ({ text }));
  const rows = quantiles.map(({ share, observed, fitted }) =>
    [
      `p${Number((share * 100).toFixed(1))}`,
      `${ms(observed)} ms`,
      `${ms(fitted)} ms`,
      off(fitted / observed - 1),
      bar(fitted / observed - 1),
    ].map((text) => ({ text })),
  );
  const columns = ["left", "right", "right", "right", "left"] as const;
  return [
    ...textTable(
      columns.map((align) => ({ align })),
      [header, ...rows],
      width - 2,
    ).map((line) => `  ${line}`),
    `  Kolmogorov distance ${formatShare(ks)}, p ${p < 0.001 ? "< 0.001" : p.toFixed(3)} (too large by nature: the fit has seen these calls)`,
  ];
}

function ms(value: number): string {
  return value < 100 ? value.toFixed(1) : formatWhole(Math.round(value));
}

function off(error: number): string {
  return `${error < 0 ? "-" : "+"}${Math.abs(error * 100).toFixed(1)} %`;
}

function bar(error: number): string {
  const middle = barWidth / 2;
  const at = Math.round(middle + (Math.max(-0.25, Math.min(0.25, error)) / 0.25) * middle);
  return Array.from({ length: barWidth + 1 }, (_, index) => (index === at ? "●" : index === middle ? "│" : "·")).join(
    "",
  );
}
