/** From what a planner asks for to candidates that can be simulated: files read, settings put in place, everything checked. */
import path from "node:path";
import { SquallError, usageError } from "../../core/errors.ts";
import { withSettings, type Setting } from "../../core/scenario/override.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { SearchSpec } from "../../core/scenario/search-schema.ts";
import { randomStream } from "../../core/random.ts";
import { combinationsOf, type Combination } from "../../simulator/sweep/candidates.ts";
import { withFilePrices } from "../price-files.ts";
import { readScaling, scalingFrom, type ScalingInput } from "../scaling-input.ts";
import { scenarioFrom, type ScenarioInput } from "../scenario-input.ts";

export interface Candidate {
  readonly name: string;
  readonly scenario: Scenario;
  /** The scenario file with every setting in place. */
  readonly scenarioText: string;
  readonly scaling: Pick<ScalingInput, "file" | "text"> | undefined;
  readonly settings: readonly Setting[];
}

export interface Candidates {
  readonly usable: readonly Candidate[];
  /** Combinations that make no sense, such as more replicas at first than at most, each with the reason. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
}

export interface Asked {
  readonly scenarioFile: string;
  readonly input: Pick<ScenarioInput, "scenario" | "text">;
  /** Scaling configs; none: the scenario as it is. */
  readonly files: readonly string[];
  readonly search: SearchSpec;
  /** File of prices, in place of the one that the scenario names. */
  readonly prices?: string | undefined;
}

/** A path that begins so is a field of the scaling config. */
const scalingPrefix = "scaling.";

/** Throws what is wrong with a file; a combination that is wrong is skipped, unless every one is. */
export async function readCandidates(asked: Asked): Promise<Candidates> {
  const { files, input, search } = asked;
  for (const { path: field } of search.vary) assertMayVary(field);
  const bases: readonly (string | undefined)[] = files.length === 0 ? [undefined] : files;
  const combinations = combinationsOf(bases.length, search, randomStream(input.scenario.seed));
  const several = search.vary.filter(({ values }) => "from" in values || values.length > 1);
  const named = several.length === 0 && files.length <= 1 ? search.vary : several;
  const shortNames = shortNamesOf(named.map((each) => each.path));
  const usable: Candidate[] = [];
  const skipped: { name: string; why: string }[] = [];
  let firstCause: unknown;
  for (const combination of combinations) {
    const file = bases[combination.base];
    const name = nameOf(file, combination, shortNames);
    try {
      usable.push(await candidateOf(asked, file, combination, name));
    } catch (cause) {
      if (!(cause instanceof SquallError) || combination.settings.length === 0 || cause.code === "setting-unknown")
        throw cause;
      firstCause ??= cause;
      skipped.push({
        name,
        why: [cause.message, ...cause.problems.map((problem) => `${problem.path} ${problem.message}`)].join("; "),
      });
    }
  }
  if (usable.length === 0) throw firstCause;
  return { usable, skipped };
}

async function candidateOf(
  { scenarioFile, input, prices }: Asked,
  file: string | undefined,
  { settings }: Combination,
  name: string,
): Promise<Candidate> {
  const isOfScaling = ({ path: field }: Setting): boolean => field.startsWith(scalingPrefix);
  const ofScenario = settings.filter((setting) => !isOfScaling(setting));
  const ofScaling = settings.filter(isOfScaling);
  const scenarioText = withSettings(input.text, path.basename(scenarioFile), ofScenario);
  const parsed =
    ofScenario.length === 0
      ? input.scenario
      : await withFilePrices(await scenarioFrom(scenarioText, scenarioFile), scenarioFile, prices);
  const scenario = { ...parsed, seed: input.scenario.seed };
  const scaling = await readScaling(scenarioFile, scenario.platform.scaling, file);
  if (scaling === undefined && ofScaling[0] !== undefined) throw nothingScales(ofScaling[0]);
  return {
    name,
    scenario,
    scenarioText,
    scaling: scaling === undefined ? undefined : withFields(scaling, ofScaling),
    settings,
  };
}

/** The config with its settings in place; loaded once here, so that what is wrong is said before anything runs. */
function withFields({ file, text }: ScalingInput, settings: readonly Setting[]): Pick<ScalingInput, "file" | "text"> {
  const inside = settings.map(({ path: field, value }) => ({ path: field.slice(scalingPrefix.length), value }));
  const changed = withSettings(text, file, inside);
  scalingFrom(changed, file);
  return { file, text: changed };
}

/** Its scaling config and what is different in it; what all candidates have in common names nobody. */
function nameOf(file: string | undefined, { settings }: Combination, shortNames: ReadonlyMap<string, string>): string {
  const parts = [
    ...(file === undefined ? [] : [path.basename(file)]),
    ...settings.flatMap((setting) => {
      const short = shortNames.get(setting.path);
      return short === undefined ? [] : [`${short}=${setting.value}`];
    }),
  ];
  return parts.length === 0 ? "as written" : parts.join(", ");
}

/** The shortest end of each path that no other one has: `replicas.max` beside `startup.max`, `max` by itself. */
function shortNamesOf(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    paths.map((long) => {
      const steps = long.split(".");
      const ends = steps.map((_, index) => steps.slice(index).join(".")).toReversed();
      const isOwn = (end: string): boolean =>
        !paths.some((other) => other !== long && (other === end || other.endsWith(`.${end}`)));
      return [long, ends.find(isOwn) ?? long];
    }),
  );
}

function assertMayVary(field: string): void {
  const [section] = field.split(".");
  if (section !== "objectives" && section !== "seed" && section !== "scenario") return;
  throw usageError(`"${field}" cannot be varied: candidates are compared under the same ${section}`, {
    code: "setting-unknown",
    hint: "vary traffic, providers, platform, timeline, or scaling.* for fields of the scaling config",
  });
}

function nothingScales({ path: field }: Setting): Error {
  return usageError(`"${field}" cannot be set: no scaling config is given`, {
    code: "setting-unknown",
    hint: "add --candidates FILE, or platform.scaling in the scenario",
  });
}
