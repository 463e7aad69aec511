/**
 * A scenario simulated several times, each with a seed of its own: how sure are the figures?
 *
 * Replications come in batches of a fixed size, and only after a whole batch is it asked whether they suffice. So how many there
 * are depends on the scenario and its seed, and not on how many threads there happened to be.
 */
import { estimate, findingsOverReplications, relativeHalfWidth } from "../../analyzers/replications.ts";
import type { Finding } from "../../core/finding.ts";
import { invariant } from "../../core/invariant.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { formatShare } from "../../core/units.ts";
import type { SweepPool } from "../../simulator/sweep/pool.ts";
import type { ScalingInput } from "../scaling-input.ts";
import type { ScenarioInput } from "../scenario-input.ts";
import { openPool } from "./play-plan.ts";
import type { SimulationJob } from "./simulation-worker.ts";

export interface ReplicationChoices {
  /** How many; with `precision`, at most. */
  readonly replications: number;
  /** Half of every interval, as a fraction of its mean, or of the whole for shares. Undefined: all replications are played. */
  readonly precision: number | undefined;
  readonly gateway: string | undefined;
  readonly scaling: ScalingInput | undefined;
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

/** Enough for an interval that means something, few enough not to overshoot by much. */
const batchSize = 5;

/** Beside the objectives, what everybody looks at. */
const headlines: ReadonlySet<string> = new Set(["ttft.p95", "e2e.p95", "cost.per-hour"]);

/** Findings with intervals. Stopped early, they are those of the replications that were finished, at least one. */
export async function findingsOfReplications(
  input: ScenarioInput,
  first: readonly Finding[],
  choices: ReplicationChoices,
): Promise<readonly Finding[]> {
  const { gateway, scaling, workers, signal, replications, precision, onProgress } = choices;
  const { scenario, text, trace, windowMs } = input;
  const candidates = [{ scenario, scenarioText: text, scaling }];
  const pool = openPool<readonly Finding[]>("findings", { gateway, trace, windowMs }, candidates, workers, signal);
  try {
    const played: (readonly Finding[])[] = [first];
    while (played.length < replications && !signal.aborted && !isPrecise(played, scenario, precision)) {
      const upTo = precision === undefined ? replications : Math.min(replications, nextBatch(played.length));
      played.push(...(await playUpTo(pool, played.length, upTo, onProgress)));
    }
    return [...findingsOverReplications(played, scenario), about(played, scenario, precision)];
  } finally {
    await pool.close();
  }
}

function nextBatch(played: number): number {
  return (Math.floor(played / batchSize) + 1) * batchSize;
}

async function playUpTo(
  pool: SweepPool<SimulationJob, readonly Finding[]>,
  from: number,
  to: number,
  onProgress: (done: number) => void,
): Promise<readonly (readonly Finding[])[]> {
  let done = from;
  const played = await Promise.all(
    Array.from({ length: to - from }, async (_, index) => {
      const findings = await pool.run({ candidate: 0, replication: from + index, load: 1 });
      if (findings !== undefined) onProgress(++done);
      return findings;
    }),
  );
  return played.flatMap((findings) => (findings === undefined ? [] : [findings]));
}

function isPrecise(
  played: readonly (readonly Finding[])[],
  scenario: Pick<Scenario, "objectives">,
  precision: number | undefined,
): boolean {
  return precision !== undefined && played.length >= batchSize && widest(played, scenario).width <= precision;
}

/** The headline figure that is known least, and how well. */
function widest(
  played: readonly (readonly Finding[])[],
  { objectives }: Pick<Scenario, "objectives">,
): { readonly id: string; readonly width: number } {
  const asked = new Set([...objectives.map(({ metric }) => metric), ...headlines]);
  const [first] = played;
  invariant(first !== undefined, "there is always a first replication");
  const widths = first
    .filter(({ id, measured }) => asked.has(id) && measured !== undefined)
    .map(({ id, analyzer, unit }) => {
      const values = played.flatMap((findings) =>
        findings.flatMap((finding) =>
          finding.id === id && finding.analyzer === analyzer ? (finding.measured ?? []) : [],
        ),
      );
      const estimated = estimate(values);
      if (estimated === undefined) return { id, width: Number.POSITIVE_INFINITY };
      const { mean, interval } = estimated;
      return { id, width: unit === "share" ? interval[1] - mean : relativeHalfWidth(estimated) };
    });
  return widths.reduce((most, each) => (each.width > most.width ? each : most), { id: "", width: 0 });
}

function about(
  played: readonly (readonly Finding[])[],
  scenario: Pick<Scenario, "objectives">,
  precision: number | undefined,
): Finding {
  const { id, width } = widest(played, scenario);
  const known = id === "" ? "" : `the figure that is known least, ${id}, is known to within ${formatShare(width)}`;
  const missed = precision !== undefined && width > precision ? `; ${formatShare(precision)} was asked for` : "";
  return {
    analyzer: "replications",
    id: "replications",
    title: "Replications",
    measured: played.length,
    unit: "count",
    detail: `${known}${missed}`,
  };
}
