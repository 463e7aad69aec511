/**
 * What stands behind one run's figures: whether it was bound by the providers or by the gateway's own copies, who repeated its
 * requests, what its tail waited for, and whether it was steady (Little's law).
 */
import type { TimePart } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { type Amplification, amplificationOf } from "./caps.ts";
import { slowestWaitedFor } from "./causes.ts";
import { type Flow, flowOf } from "./littles-law.ts";
import { recordsOf } from "./phases.ts";
import { scarcitiesOf, type Scarcity } from "./scarcity.ts";

export interface RunAnalysis {
  readonly scenario: string;
  readonly bound: Bound;
  /** Worst first. */
  readonly scarcities: readonly Scarcity[];
  readonly amplification: Amplification | null;
  readonly slowest: NonNullable<ReturnType<typeof slowestWaitedFor>> | null;
  readonly flow: Flow | null;
}

/**
 * `provider`: calls were refused or failed there. `instance`: requests waited for a copy with room, or there were fewer copies than
 * the load kept busy. The scarcer of both counts.
 */
export interface Bound {
  readonly by: "provider" | "instance" | "neither";
  /** Where the time of all requests went, largest part first; empty where nobody knows. */
  readonly time: readonly { readonly at: TimePlace; readonly share: number }[];
}

export type TimePlace = "providers" | "copies of the gateway" | "clients" | "network";

/** Waiting for a copy is what bound a run from this share of all time on: our judgement. */
const waitNoticeable = 0.1;

export function analyzeRun(run: Run): RunAnalysis {
  const scarcities = scarcitiesOf(run);
  return {
    scenario: run.manifest.scenario,
    bound: boundOf(run, scarcities),
    scarcities,
    amplification: amplificationOf(run) ?? null,
    slowest: slowestWaitedFor(run) ?? null,
    flow: flowOf(run) ?? null,
  };
}

const places: Readonly<Record<TimePart, TimePlace>> = {
  "client-tries": "clients",
  "client-waits": "clients",
  instance: "copies of the gateway",
  gateway: "copies of the gateway",
  "budget-queue": "copies of the gateway",
  "back-off": "providers",
  "failed-calls": "providers",
  "first-token": "providers",
  generation: "providers",
  network: "network",
};

function boundOf(run: Run, [worst]: readonly Scarcity[]): Bound {
  const totals = new Map<TimePlace, number>();
  for (const { spent } of recordsOf(run, "load")) {
    for (const [part, place] of Object.entries(places)) {
      const ms = spent?.[part as TimePart] ?? 0;
      if (ms > 0) totals.set(place, (totals.get(place) ?? 0) + ms);
    }
  }
  const all = [...totals.values()].reduce((sum, ms) => sum + ms, 0);
  const time = [...totals]
    .map(([at, ms]) => ({ at, share: ms / all }))
    .toSorted((left, right) => right.share - left.share);
  const waited = time.find(({ at }) => at === "copies of the gateway")?.share ?? 0;
  if (waited >= waitNoticeable && waited > (worst?.share ?? 0)) return { by: "instance", time };
  if (worst === undefined) return { by: "neither", time };
  return { by: worst.kind === "replicas" ? "instance" : "provider", time };
}
