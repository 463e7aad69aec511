/**
 * What a played case left behind, one line of JSON each, written as soon as it is known: whatever ends the measurement, what
 * was measured stays.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Fidelity, FidelityRow } from "../../analyzers/fidelity.ts";
import type { GeneratorHealth, MachineUse, PhaseSpan } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";

export interface Result {
  /** Name of the case (cases.ts). */
  readonly name: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly at: string;
  /** `portkey 1.15.2`. */
  readonly gateway: string;
  /** Length of the load. */
  readonly loadMs: Ms;
  readonly rows: readonly FidelityRow[];
  /** Why the load generator cannot be believed; empty where it can. */
  readonly overload: string;
  readonly machine?: MachineUse;
}

/** What is read of the document that `squall run --json` prints. */
export interface RunDocument {
  readonly run: {
    readonly gateway: string;
    readonly generator?: GeneratorHealth;
    readonly machine?: MachineUse;
    readonly phases: readonly PhaseSpan[];
    readonly startedAt?: string;
  };
  readonly fidelity?: Fidelity;
}

/** Undefined where nothing stands beside the run, since it broke off. */
export function resultOf(name: string, seed: number, { run, fidelity }: RunDocument): Result | undefined {
  const load = run.phases.find((phase) => phase.name === "load");
  if (fidelity === undefined || load === undefined) return undefined;
  return {
    name,
    seed,
    at: run.startedAt ?? "",
    gateway: run.gateway,
    loadMs: load.endMs - load.startMs,
    rows: fidelity.rows,
    overload: run.generator?.overload ?? "",
    ...(run.machine === undefined ? {} : { machine: run.machine }),
  };
}

export function readResults(file: string): readonly Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Result); // nobody else writes it
}

export function keepResult(file: string, result: Result): void {
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

export function forgetResults(file: string): void {
  rmSync(file, { force: true });
}

/** A figure of a result; undefined where it has none. */
export function figure({ rows }: Result, metric: string): FidelityRow | undefined {
  return rows.find((row) => row.metric === metric);
}
