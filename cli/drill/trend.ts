/** Several drills of one runbook beside each other: how many, the median and the range of each measure; never a mean of few. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { invalidInput } from "../../core/errors.ts";
import type { MetricUnit } from "../../core/scenario/metrics.ts";
import { amountInWords } from "../../runbooks/engine/conditions.ts";
import { type Trend, trendOf } from "../../runbooks/engine/measures.ts";
import { type Column, textTable } from "../../reports/text-table.ts";
import { unreadable } from "../input-file.ts";
import { drillFiles } from "./drill-folder.ts";

export interface TrendRow {
  readonly runbook: string;
  readonly measure: string;
  readonly unit: MetricUnit;
  /** Drills, those without this measure included. */
  readonly drills: number;
  /** Undefined when none of them has it. */
  readonly trend: Trend | undefined;
}

const resultSchema = z.object({
  runbook: z.string(),
  targets: z.array(z.object({ name: z.string(), valueMs: z.number().optional() })),
  /** A tabletop has none. */
  measures: z
    .object({
      waitedForPeopleMs: z.number().optional(),
      total: z
        .object({
          failed: z.number(),
          cost: z.number(),
          costOfFailed: z.number().optional(),
          errorBudget: z.number().optional(),
        })
        .optional(),
    })
    .optional(),
});

type Result = z.output<typeof resultSchema>;

interface Measure {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly of: (result: Result) => number | undefined;
}

/** What a drill cost, besides how long it took. */
const losses: readonly Measure[] = [
  { name: "Waiting for people", unit: "ms", of: ({ measures }) => measures?.waitedForPeopleMs },
  { name: "Requests lost", unit: "count", of: ({ measures }) => measures?.total?.failed },
  { name: "Error budget used", unit: "share", of: ({ measures }) => measures?.total?.errorBudget },
  { name: "Cost", unit: "money", of: ({ measures }) => measures?.total?.cost },
  { name: "Paid for lost requests", unit: "money", of: ({ measures }) => measures?.total?.costOfFailed },
];

function timesIn(results: readonly Result[]): readonly Measure[] {
  const names = new Set(results.flatMap(({ targets }) => targets.map(({ name }) => name)));
  return [...names].map((name) => ({
    name,
    unit: "ms",
    of: ({ targets }) => targets.find((target) => target.name === name)?.valueMs,
  }));
}

/** Reads the results of drill folders; tabletops are left out. Errors: `file-unreadable`, `drill-malformed`. */
export async function readTrend(folders: readonly string[]): Promise<readonly TrendRow[]> {
  const results = (await Promise.all(folders.map(readResult))).filter(({ measures }) => measures !== undefined);
  const runbooks = [...new Set(results.map(({ runbook }) => runbook))];
  return runbooks.flatMap((runbook) => {
    const drills = results.filter((result) => result.runbook === runbook);
    return [...timesIn(drills), ...losses].map(({ name, unit, of }) => ({
      runbook,
      measure: name,
      unit,
      drills: drills.length,
      trend: trendOf(drills.map(of)),
    }));
  });
}

async function readResult(folder: string): Promise<Result> {
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
  const lines = rows.map(({ runbook, measure, unit, drills, trend }) => [
    runbook,
    measure,
    `${trend?.count ?? 0} of ${drills}`,
    trend === undefined ? "–" : amountInWords(trend.median, unit),
    trend === undefined ? "" : `${amountInWords(trend.least, unit)} to ${amountInWords(trend.most, unit)}`,
  ]);
  const head = ["Runbook", "Measure", "Drills", "Median", "Range"];
  return textTable(
    columns,
    [head, ...lines].map((row) => row.map((text) => ({ text }))),
    width,
  ).join("\n");
}
