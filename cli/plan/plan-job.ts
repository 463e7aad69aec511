/** From a command line to a plan that can be played: everything read and checked, nothing simulated yet. */
import { createHash } from "node:crypto";
import { type BreakPointChoice, planFormatVersion } from "../../analyzers/plan.ts";
import { usageError } from "../../core/errors.ts";
import { metricUnit } from "../../core/scenario/metrics.ts";
import type { Dimension } from "../../core/scenario/search-schema.ts";
import type { Ms } from "../../core/time.ts";
import type { Shard } from "../../simulator/sweep/shard.ts";
import { readScenarioInput } from "../scenario-input.ts";
import { squallVersion } from "../version.ts";
import { type Candidates, readCandidates } from "./candidate.ts";
import type { PlanJob } from "./play-plan.ts";
import { readSearch } from "./search-input.ts";

export interface PlanChoices {
  readonly candidates?: readonly string[];
  readonly set?: readonly Dimension[];
  readonly search?: string;
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly gateway?: string;
  /** File of prices, in place of the one that the scenario names. */
  readonly prices?: string;
  readonly replications: number;
  readonly breakPoint: BreakPointChoice;
  readonly shard?: Shard | undefined;
}

export async function planJobOf(
  scenarioFile: string,
  choices: PlanChoices,
  signal: AbortSignal,
): Promise<Pick<PlanJob, "plan" | "candidates" | "setup">> {
  const input = await readScenarioInput(scenarioFile, choices, signal);
  const search = await readSearch(choices.search, choices.set ?? []);
  if (search.method === "halving" && choices.shard !== undefined) throw cannotBeSplit();
  const { prices } = choices;
  const found = await readCandidates({ scenarioFile, input, files: choices.candidates ?? [], search, prices });
  const { scenario, trace, windowMs } = input;
  const { load } = scenario.traffic;
  return {
    plan: {
      formatVersion: planFormatVersion,
      scenario: scenario.name,
      seed: scenario.seed,
      squallVersion: squallVersion(),
      trace: trace?.name ?? null,
      asked: digestOf(found, choices, trace?.rows.atMs),
      method: search.method,
      replications: choices.replications,
      size: found.usable.length,
      shard: choices.shard ?? null,
      breakPoints: choices.breakPoint,
      users: load.kind === "closed" ? load.users : null,
      objectives: scenario.objectives.map((objective) => ({
        ...objective,
        unit: metricUnit(objective.metric) ?? "count",
      })),
      skipped: found.skipped,
    },
    candidates: found.usable,
    setup: { gateway: choices.gateway, trace, windowMs },
  };
}

/** Two shards belong together when this is the same: same files, same candidates, same choices. */
function digestOf(
  { usable, skipped }: Candidates,
  { replications, breakPoint, window, gateway, seed }: PlanChoices,
  arrivals: Float64Array | undefined,
): string {
  const asked = usable.map(({ name, scenario, scenarioText, scaling }) => ({
    name,
    scenarioText,
    scaling,
    // From a file beside the scenario, perhaps.
    prices: scenario.providers.map(({ models }) => models.map(({ price }) => price)),
  }));
  const hash = createHash("sha256").update(
    JSON.stringify([squallVersion(), asked, skipped, replications, breakPoint, window, gateway, seed]),
  );
  if (arrivals !== undefined) hash.update(arrivals);
  return hash.digest("hex");
}

function cannotBeSplit(): Error {
  return usageError(
    "a search by halving cannot be split into shards: who goes on is decided by comparing all of them",
    {
      code: "usage",
      hint: "use search: grid or search: random with --shard",
    },
  );
}
