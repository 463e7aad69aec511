/** How each of several ways of scaling fared: the figures of the load phase, in words, for the page, the terminal and Markdown. */
import { replicaCostOf } from "../../analyzers/cost.ts";
import { errorShare } from "../../analyzers/errors.ts";
import { flappingOf } from "../../analyzers/flapping.ts";
import { latencies } from "../../analyzers/latency.ts";
import { percentile } from "../../analyzers/percentile.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import { formatMoney } from "../../core/money.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare } from "../../core/units.ts";
import { formatValue } from "../format.ts";
import { textTable } from "../text-table.ts";

/** How one of them fared: what the table says, in any form. */
export interface StrategyRow {
  /** The scaling config's file, or that nobody scales. */
  readonly name: string;
  readonly failed: string;
  readonly firstTokenP95: string;
  readonly replicasMost: string;
  readonly tooFew: string;
  readonly refused: string;
  readonly cost: string;
}

/** Headings of the table, by field. */
export const strategyHeadings: Readonly<Record<keyof StrategyRow, string>> = {
  name: "Scaling",
  failed: "Failed",
  firstTokenP95: "p95 to first token",
  replicasMost: "Most replicas",
  tooFew: "Time with too few",
  refused: "Refused by providers",
  cost: "Replicas cost",
};

/** Aligned columns, for a terminal. */
export function renderStrategyTable(runs: readonly Run[], width: number): string {
  const rows = [strategyHeadings, ...runs.map(strategyRow)].map((row) => Object.values(row).map((text) => ({ text })));
  const columns = Object.keys(strategyHeadings).map((field) =>
    field === "name" ? ({ align: "left", shrinks: true } as const) : ({ align: "right" } as const),
  );
  return textTable(columns, rows, width).join("\n");
}

export function renderStrategyMarkdown(runs: readonly Run[]): string {
  const headings: readonly string[] = Object.values(strategyHeadings);
  const rows: readonly (readonly string[])[] = [
    headings,
    headings.map(() => "---"),
    ...runs.map((run) => Object.values(strategyRow(run))),
  ];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Over the load phase. */
export function strategyRow(run: Run): StrategyRow {
  const records = recordsOf(run, "load");
  const flapping = flappingOf(run);
  const p95 = percentile(latencies(records, "ttft"), 0.95);
  const refused = run.manifest.providers.reduce((sum, ledger) => sum + ledger.refused, 0);
  return {
    name: run.manifest.scaling?.file ?? "nobody scales",
    failed: formatShare(errorShare(records).share ?? 0),
    firstTokenP95: p95 === undefined ? "–" : formatDuration(p95),
    replicasMost: flapping === undefined ? "–" : String(flapping.readyMax),
    tooFew: flapping?.underShare === undefined ? "–" : formatShare(flapping.underShare),
    refused: formatValue(refused, "count"),
    cost: formatMoney(replicaCostOf(run)?.total ?? 0),
  };
}
