/** Several drills of one runbook beside each other: how many, the median and the range of each measure; never a mean of few. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { invalidInput } from "../../core/errors.ts";
import { formatDuration } from "../../core/time.ts";
import { type Trend, trendOf } from "../../runbooks/engine/measures.ts";
import { type Column, textTable } from "../../reports/text-table.ts";
import { unreadable } from "../input-file.ts";
import { drillFiles } from "./drill-folder.ts";

export interface TrendRow {
  readonly runbook: string;
  readonly measure: string;
  /** Drills, those without this measure included. */
  readonly drills: number;
  /** Undefined when none of them has it. */
  readonly trend: Trend | undefined;
}

const resultSchema = z.object({
  runbook: z.string(),
  targets: z.array(z.object({ name: z.string(), valueMs: z.number().optional() })),
});

/** Reads the results of drill folders. Errors: `file-unreadable`, `drill-malformed`. */
export async function readTrend(folders: readonly string[]): Promise<readonly TrendRow[]> {
  const results = await Promise.all(folders.map(readResult));
  const runbooks = [...new Set(results.map(({ runbook }) => runbook))];
  return runbooks.flatMap((runbook) => {
    const drills = results.filter((result) => result.runbook === runbook);
    const measures = [...new Set(drills.flatMap(({ targets }) => targets.map(({ name }) => name)))];
    return measures.map((measure) => ({
      runbook,
      measure,
      drills: drills.length,
      trend: trendOf(drills.map(({ targets }) => targets.find(({ name }) => name === measure)?.valueMs)),
    }));
  });
}

async function readResult(folder: string): Promise<z.output<typeof resultSchema>> {
  const file = path.join(folder, drillFiles.result);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const result = resultSchema.safeParse(parsed(text));
  if (result.success) return result.data;
  throw invalidInput(`${file} is not what squall drill writes`, {
    code: "drill-malformed",
    hint: "give folders of drills",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const columns: readonly Column[] = [
  { align: "left" },
  { align: "left" },
  { align: "right" },
  { align: "right" },
  { align: "right" },
];

export function renderTrend(rows: readonly TrendRow[], width: number): string {
  const lines = rows.map(({ runbook, measure, drills, trend }) => [
    runbook,
    measure,
    `${trend?.count ?? 0} of ${drills}`,
    trend === undefined ? "–" : formatDuration(trend.medianMs),
    trend === undefined ? "" : `${formatDuration(trend.leastMs)} to ${formatDuration(trend.mostMs)}`,
  ]);
  const head = ["Runbook", "Measure", "Drills", "Median", "Range"];
  return textTable(
    columns,
    [head, ...lines].map((row) => row.map((text) => ({ text }))),
    width,
  ).join("\n");
}
