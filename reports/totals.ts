/** The totals of a run in a terminal: what came of its requests, their latencies, tokens and money. */
import pico from "picocolors";
import type { RunTotals } from "../analyzers/run-totals.ts";
import { formatMoney } from "../core/money.ts";
import { outcomes } from "../core/record.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import { formatShare, formatWhole, plural } from "../core/units.ts";
import { formatValue } from "./format.ts";
import type { TerminalStyle } from "./terminal-style.ts";
import { textTable } from "./text-table.ts";

/** Without a line break at the end. */
export function renderTotals(scenario: string, durationMs: Ms, totals: RunTotals, style: TerminalStyle): string {
  const paint = pico.createColors(style.colour);
  const width = Math.max(60, style.width) - 2;
  const { requests, latency } = totals;
  const head = ["Latency", "mean", "p50", "p95", "p99", "max"].map((text) => ({ text, paint: paint.dim }));
  const rows = Object.entries(latency).map(([kind, { meanMs, p50Ms, p95Ms, p99Ms, maxMs }]) => [
    { text: kind },
    ...[meanMs, p50Ms, p95Ms, p99Ms, maxMs].map((value) => ({ text: value === null ? "-" : formatValue(value, "ms") })),
  ]);
  const ended = outcomes.flatMap((outcome) => {
    const count = totals.outcomes[outcome] ?? 0;
    return count === 0
      ? []
      : [[{ text: outcome }, { text: formatWhole(count) }, { text: formatShare(count / requests) }]];
  });
  const lines = [
    paint.bold(`${scenario}: ${plural(requests, "request")} in ${formatDuration(durationMs)}`),
    paint.dim("totals only: no records were kept, and objectives are not judged"),
    "",
    ...textTable([{ align: "left" }, { align: "right" }, { align: "right" }], ended, width),
    "",
    ...textTable(
      [{ align: "left" }, ...head.slice(1).map(() => ({ align: "right" as const }))],
      [head, ...rows],
      width,
    ),
    "",
    `${formatWhole(totals.inputTokens)} tokens in, ${formatWhole(totals.outputTokens)} out, ${formatWhole(totals.wastedTokens)} wasted; ` +
      `${plural(totals.upstreamCalls, "call")} to providers; ${formatMoney(totals.cost)}`,
  ];
  return [...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n");
}
