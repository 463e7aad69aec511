/**
 * The candidates of a sweep: every base (a scaling config, or the scenario as it is) with every combination of settings that a
 * search asks for.
 *
 * A random search is a Latin hypercube (McKay, Beckman and Conover, Technometrics 21(2), 1979): with n samples each
 * range is cut into n strata, each stratum is used once, and the strata of different fields are shuffled apart. So each field is
 * covered evenly, however few samples there are. The draws hang under `"search" / path`: a field that is added moves
 * no other.
 */
import type { RandomStream } from "../../core/random.ts";
import type { Setting } from "../../core/scenario/override.ts";
import {
  candidatesMax,
  type Dimension,
  type FieldValue,
  type SearchSpec,
  valueInRange,
} from "../../core/scenario/search-schema.ts";
import { usageError } from "../../core/errors.ts";
import { formatWhole } from "../../core/units.ts";

/** One combination, by the position of its base. */
export interface Combination {
  readonly base: number;
  /** Every field that the search sets, in its order. */
  readonly settings: readonly Setting[];
}

/** In a fixed order, none twice. Throws `search-too-large` beyond `candidatesMax`. */
export function combinationsOf(bases: number, search: SearchSpec, random: RandomStream): readonly Combination[] {
  const combinations =
    search.samples === undefined ? grid(bases, search.vary) : sampled(bases, search.vary, search.samples, random);
  return distinct(combinations);
}

function grid(bases: number, dimensions: readonly Dimension[]): readonly Combination[] {
  const points = dimensions.map(pointsOf);
  const size = points.reduce((product, { length }) => product * length, bases);
  if (size > candidatesMax) {
    throw usageError(`the search has ${formatWhole(size)} combinations; allowed are ${formatWhole(candidatesMax)}`, {
      code: "search-too-large",
      hint: "vary less, or sample it: search: random, samples: 200",
    });
  }
  let settings: readonly (readonly Setting[])[] = [[]];
  for (const [index, { path }] of dimensions.entries()) {
    const values = points[index] ?? [];
    settings = settings.flatMap((before) => values.map((value) => [...before, { path, value }]));
  }
  return Array.from({ length: bases }, (_, base) => settings.map((each) => ({ base, settings: each }))).flat();
}

function pointsOf({ values }: Dimension): readonly FieldValue[] {
  if (!("from" in values)) return values;
  return Array.from({ length: values.steps }, (_, step) => valueInRange(values, step / (values.steps - 1)));
}

function sampled(
  bases: number,
  dimensions: readonly Dimension[],
  samples: number,
  random: RandomStream,
): readonly Combination[] {
  const ofBase = strata(samples, random.split("search").split("base"));
  const ofField = dimensions.map(({ path }) => strata(samples, random.split("search").split("field").split(path)));
  return Array.from({ length: samples }, (_, sample) => ({
    base: Math.floor((ofBase[sample] ?? 0) * bases),
    settings: dimensions.map(({ path, values }, field) => {
      const share = ofField[field]?.[sample] ?? 0;
      const value = "from" in values ? valueInRange(values, share) : values[Math.floor(share * values.length)];
      return { path, value: value ?? "" };
    }),
  }));
}

/** One draw from each of n equal parts of [0, 1), in a random order (Fisher and Yates). */
function strata(samples: number, random: RandomStream): readonly number[] {
  const draws = Array.from({ length: samples }, (_, stratum) => (stratum + random.uniform()) / samples);
  for (let last = samples - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    const moved = draws[last] ?? 0;
    draws[last] = draws[other] ?? 0;
    draws[other] = moved;
  }
  return draws;
}

/** Whole numbers and short lists may be drawn twice. */
function distinct(combinations: readonly Combination[]): readonly Combination[] {
  return [...new Map(combinations.map((each) => [JSON.stringify(each), each])).values()];
}
