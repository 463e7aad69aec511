/** Where clients and replicas are, and how long it takes from one region to another. */
import type { Geography } from "../behavior/balancing/balancer.ts";
import { hashOfText } from "../behavior/balancing/consistent-hash.ts";
import { invariant } from "../core/invariant.ts";
import type { RegionSpec } from "../core/scenario/deployment-spec.ts";
import type { Ms } from "../core/time.ts";
import type { Replica } from "./replica.ts";

const hashRange = 2 ** 32;

/** Regions of a scenario that has some. A conversation is where its name falls, in proportion to the clients of each region. */
export class Regions implements Geography {
  readonly #regions: readonly RegionSpec[];

  constructor(regions: readonly RegionSpec[]) {
    invariant(regions.length > 0, "there are regions");
    this.#regions = regions;
  }

  regionOf = (session: string): string => {
    let rest = hashOfText(session) / hashRange;
    for (const { name, clients } of this.#regions) {
      if (rest < clients) return name;
      rest -= clients;
    }
    return this.#regions.at(-1)?.name ?? "";
  };

  /** Written at either end; 0 within a region and where nothing is said. */
  roundTripMs = (from: string, to: string): Ms => {
    if (from === to) return 0;
    return this.#reach(from, to) ?? this.#reach(to, from) ?? 0;
  };

  /** Where the next replica goes: to the region that is furthest below its share, of equals the first. */
  next(existing: readonly Replica[]): string {
    let best = "";
    let most = Number.NEGATIVE_INFINITY;
    for (const { name, replicas } of this.#regions) {
      const missing = replicas * (existing.length + 1) - existing.filter(({ region }) => region === name).length;
      if (missing > most + 1e-9) {
        best = name;
        most = missing;
      }
    }
    return best;
  }

  #reach(from: string, to: string): Ms | undefined {
    return this.#regions.find(({ name }) => name === from)?.reachMs[to];
  }
}
