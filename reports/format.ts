/** How values of each unit are written for people, the same in terminal, Markdown and HTML. */
import type { FidelityRow } from "../analyzers/fidelity.ts";
import type { RepeatedRow } from "../analyzers/fidelity-repeats.ts";
import type { Finding, Judgement, Unit } from "../core/finding.ts";
import { assertNever } from "../core/invariant.ts";
import { formatMoney } from "../core/money.ts";
import { formatDuration } from "../core/time.ts";
import { formatCount, formatShare, formatWhole } from "../core/units.ts";

/** `812 ms`, `3.1 %`, `$0.42`, `12.4k`. */
export function formatValue(value: number, unit: Unit | undefined): string {
  switch (unit) {
    case "ms":
      return formatDuration(value);
    case "share":
      return formatShare(value);
    case "money":
      return formatMoney(value);
    case "tokens":
      return formatCount(value);
    case "count":
    case undefined:
      return Number.isInteger(value) ? formatWhole(value) : formatCount(value);
    default:
      return assertNever(unit);
  }
}

/** A relative change with its sign and one decimal, so that a column of them lines up: `+3.5 %`, `-0.2 %`, `0.0 %`. */
export function formatChange(fraction: number): string {
  const size = Math.abs(fraction * 100).toFixed(1);
  if (size === "0.0") return "0.0 %";
  return `${fraction > 0 ? "+" : "-"}${size} %`;
}

/** The error of a simulated figure, with its sign; a dash when there is none. A median of sizes has no sign. */
export function formatError({ metric, error, apart, unit }: FidelityRow): string {
  if (apart !== undefined) return formatValue(apart, unit);
  if (error === undefined) return "–";
  return metric.startsWith("paired.") ? formatChange(error).replace("+", "") : formatChange(error);
}

/** The interval of the mean error over repeats: `-0.8 % to +1.2 %`; empty where there is none. */
export function formatErrorInterval(row: FidelityRow | RepeatedRow): string {
  if (!("interval" in row) || row.interval === undefined) return "";
  const { error: _mean, apart, ...rest } = row;
  const ends = row.interval.map((end) =>
    formatError({ ...rest, ...(apart === undefined ? { error: end } : { apart: end }) }),
  );
  return ends.join(" to ");
}

/** What a finding measured; a dash when it measured nothing. */
export function formatMeasured(finding: Finding): string {
  if (finding.measured === undefined) return "–";
  return isChange(finding) ? formatChange(finding.measured) : formatValue(finding.measured, finding.unit);
}

/** The interval of a finding: `+1.9 % to +4.5 %`; undefined when it is known exactly. */
export function formatInterval(finding: Finding): string | undefined {
  if (finding.interval === undefined) return undefined;
  const write = (value: number): string => (isChange(finding) ? formatChange(value) : formatValue(value, finding.unit));
  return `${write(finding.interval[0])} to ${write(finding.interval[1])}`;
}

/** A share that says how much something changed, rather than what part it is of a whole. */
function isChange(finding: Finding): boolean {
  return finding.unit === "share" && (finding.id.startsWith("degradation.") || finding.analyzer === "fidelity");
}

/** Sign and word for a judgement. Never colour alone. */
export const judgementMarks: Readonly<Record<Judgement, { readonly sign: string; readonly word: string }>> = {
  pass: { sign: "✓", word: "pass" },
  fail: { sign: "✗", word: "fail" },
  inconclusive: { sign: "?", word: "inconclusive" },
};
