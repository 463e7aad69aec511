/** To the region nearest to the client that has anybody with room, and there to whoever has the fewest in flight. */
import { leastConnections } from "./least-connections.ts";
import type { Balancer, Geography, Target } from "./balancer.ts";

export function geographic<T extends Target>(roomMax: number, { regionOf, roundTripMs }: Geography): Balancer<T> {
  const within = leastConnections<T>(roomMax);
  let orderOf: readonly T[] = [];
  /** By region of the client: the targets of each region, the nearest region first. */
  let nearest = new Map<string, readonly (readonly T[])[]>();

  const nearestTo = (from: string, targets: readonly T[]): readonly (readonly T[])[] => {
    const known = nearest.get(from);
    if (known !== undefined) return known;
    const regions = [...new Set(targets.map(({ region }) => region))];
    regions.sort((left, right) => roundTripMs(from, left) - roundTripMs(from, right));
    const ordered = regions.map((region) => targets.filter((target) => target.region === region));
    nearest.set(from, ordered);
    return ordered;
  };

  return (targets, request) => {
    if (targets !== orderOf) {
      orderOf = targets;
      nearest = new Map();
    }
    for (const region of nearestTo(regionOf(request.session), targets)) {
      const target = within(region, request);
      if (target !== undefined) return target;
    }
    return undefined;
  };
}
