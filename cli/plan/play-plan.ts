/**
 * Plays a plan: every candidate of this shard under the same replications, then the loads at which the chosen ones break. The
 * result is put together by position, so it does not depend on how many threads there were or which of them was first.
 */
import { findBreak } from "../../simulator/sweep/break-search.ts";
import { holdsEverything, whatBroke } from "../../analyzers/break-point.ts";
import { assess, type BreakPoint, type Plan, type PlanCandidate } from "../../analyzers/plan.ts";
import type { RunSummary } from "../../analyzers/run-summary.ts";
import { SquallError } from "../../core/errors.ts";
import { type HalvingRound, halvingRounds } from "../../simulator/sweep/halving.ts";
import { usersAtLoad } from "../../simulator/sweep/load-factor.ts";
import { type SweepPool, sweepPool } from "../../simulator/sweep/pool.ts";
import { isInShard } from "../../simulator/sweep/shard.ts";
import { inSharedMemory } from "../../simulator/sweep/shared-trace.ts";
import type { Candidate } from "./candidate.ts";
import type { SimulationJob, SweepSetup } from "./simulation-worker.ts";

export interface PlanJob {
  /** Everything but what is found out. */
  readonly plan: Omit<Plan, "candidates" | "status">;
  readonly candidates: readonly Candidate[];
  readonly setup: Omit<SweepSetup, "candidates">;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

export async function playPlan(job: PlanJob): Promise<Plan> {
  const { plan, candidates, workers, signal } = job;
  const pool = openPool<RunSummary>("summary", job.setup, candidates, workers, signal);
  try {
    const played = await playCandidates(job, pool);
    const withBreaks = await findBreaks(job, pool, played);
    return { ...plan, status: signal.aborted ? "interrupted" : "complete", candidates: withBreaks };
  } finally {
    await pool.close();
  }
}

/** Threads that have the candidates, and the trace in memory that they share. `play` is a function of the worker. */
export function openPool<Result>(
  play: "summary" | "findings",
  { gateway, trace, windowMs }: Omit<SweepSetup, "candidates">,
  candidates: SweepSetup["candidates"],
  workers: number,
  signal: AbortSignal,
): SweepPool<SimulationJob, Result> {
  const setup: SweepSetup = {
    candidates: candidates.map(({ scenario, scenarioText, scaling }) => ({
      scenario,
      scenarioText,
      // The text only: what was loaded from it holds functions, which no thread can be given.
      scaling: scaling === undefined ? undefined : { file: scaling.file, text: scaling.text },
    })),
    gateway,
    trace: trace === undefined ? undefined : { ...trace, rows: inSharedMemory(trace.rows) },
    windowMs,
  };
  return sweepPool({ worker: workerModule, play, workers, setup, signal });
}

const workerModule = new URL(
  import.meta.url.endsWith(".ts") ? "./simulation-worker.ts" : "./simulation-worker.js",
  import.meta.url,
);

type Pool = SweepPool<SimulationJob, RunSummary>;

/** Candidates with all of their replications, by position. */
async function playCandidates(job: PlanJob, pool: Pool): Promise<readonly PlanCandidate[]> {
  const { plan, candidates } = job;
  const everyone = candidates.flatMap((_, position) =>
    isInShard(position, plan.shard ?? undefined) ? [position] : [],
  );
  const rounds: readonly HalvingRound[] =
    plan.method === "halving"
      ? halvingRounds(everyone.length, plan.replications)
      : [{ candidates: everyone.length, replications: plan.replications }];
  const runs = new Map<number, readonly RunSummary[]>();
  const total = jobsOf(rounds);
  let done = 0;
  let left: readonly number[] = everyone;
  for (const round of rounds) {
    left = best(left, round.candidates, candidatesFrom(job, runs), plan);
    await Promise.all(
      left.map(async (position) => {
        const before = runs.get(position) ?? [];
        const more = await Promise.all(
          range(before.length, round.replications).map(async (replication) => {
            const summary = await pool.run({ candidate: position, replication, load: 1 });
            if (summary !== undefined) job.onProgress("candidates", ++done, total);
            return summary;
          }),
        );
        if (more.every((summary) => summary !== undefined)) runs.set(position, [...before, ...more]);
      }),
    );
  }
  return candidatesFrom(job, runs);
}

/** Those who go on; in the first round nobody has been looked at, and everybody does. */
function best(
  positions: readonly number[],
  count: number,
  played: readonly PlanCandidate[],
  plan: Pick<Plan, "objectives">,
): readonly number[] {
  if (count >= positions.length) return positions;
  const stillIn = new Set(positions);
  return assess({ ...plan, candidates: played })
    .ranking.map(({ position }) => position)
    .filter((position) => stillIn.has(position))
    .slice(0, count)
    .toSorted((left, right) => left - right);
}

function candidatesFrom(
  { candidates }: Pick<PlanJob, "candidates">,
  runs: ReadonlyMap<number, readonly RunSummary[]>,
): readonly PlanCandidate[] {
  return candidates.flatMap(({ name, scaling, settings }, position): PlanCandidate[] => {
    const played = runs.get(position);
    return played === undefined
      ? []
      : [{ position, name, scaling: scaling?.file ?? null, settings, runs: played, breakPoint: null }];
  });
}

async function findBreaks(
  job: PlanJob,
  pool: Pool,
  candidates: readonly PlanCandidate[],
): Promise<readonly PlanCandidate[]> {
  const { plan, signal } = job;
  const wanted = new Set(
    plan.breakPoints === "none" || plan.objectives.length === 0
      ? []
      : plan.breakPoints === "all"
        ? candidates.map(({ position }) => position)
        : assess({ ...plan, candidates }).frontier,
  );
  let done = 0;
  return Promise.all(
    candidates.map(async (candidate) => {
      if (!wanted.has(candidate.position)) return candidate;
      const breakPoint = await breakPointOf(plan, pool, candidate);
      if (signal.aborted) return candidate; // a search that was cut short has found nothing
      job.onProgress("break points", ++done, wanted.size);
      return { ...candidate, breakPoint };
    }),
  );
}

async function breakPointOf(
  { objectives, users, replications }: PlanJob["plan"],
  pool: Pool,
  { position, runs: atOnce }: PlanCandidate,
): Promise<BreakPoint> {
  let simulations = 0;
  const runsAt = new Map<number, readonly RunSummary[]>([[1, atOnce]]);
  const play = async (load: number, from: number, to: number): Promise<readonly RunSummary[] | undefined> => {
    const played = await Promise.all(
      range(from, to).map((replication) => pool.run({ candidate: position, replication, load }).catch(tooLarge)),
    );
    simulations += played.length;
    return played.every((run) => run !== undefined) ? played : undefined;
  };
  const { heldAt, missedAt } = await findBreak({
    holds: async (load) => {
      const runs = runsAt.get(load) ?? (await play(load, 0, replications));
      if (runs === undefined) return undefined;
      runsAt.set(load, runs);
      return holdsEverything(runs, objectives);
    },
    isAdjacent: (held, missed) => users !== null && usersAtLoad(users, missed) - usersAtLoad(users, held) <= 1,
  });
  const confirmed = await Promise.all(
    [heldAt, missedAt].map(async (load, index) => {
      if (load === null) return true;
      const runs = await play(load, replications, replications + Math.max(2, replications));
      return runs !== undefined && holdsEverything(runs, objectives) === (index === 0);
    }),
  );
  const usersAt = (load: number | null): number | null =>
    load === null || users === null ? null : usersAtLoad(users, load);
  return {
    heldAt,
    missedAt,
    users: users === null ? null : { heldAt: usersAt(heldAt), missedAt: usersAt(missedAt) },
    isConfirmed: confirmed.every((agrees) => agrees),
    ...whatBroke(missedAt === null ? [] : (runsAt.get(missedAt) ?? []), objectives),
    simulations,
  };
}

/** A load that is too large to be played ends the search upwards; any other failure is one. */
function tooLarge(cause: unknown): undefined {
  if (cause instanceof SquallError && cause.code === "simulation-too-large") return undefined;
  throw cause;
}

function jobsOf(rounds: readonly HalvingRound[]): number {
  return rounds.reduce((sum, round, index) => {
    const before = rounds[index - 1]?.replications ?? 0;
    return sum + round.candidates * (round.replications - before);
  }, 0);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}
