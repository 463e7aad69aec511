/**
 * Shares by version, as in a canary or an A/B test: smooth weighted round robin (nginx, `ngx_http_upstream_round_robin.c`). Each
 * version gains its weight with every request; the one that has gained most serves, and pays the sum of the weights. Of
 * 90 % and 10 %, one request in ten goes to the second, never two in a row. Within a version, in turn.
 *
 * A version without a weight gets none, and neither does one of which nobody has room: its share goes to the others.
 */
import { roundRobin } from "./round-robin.ts";
import type { Balancer, Target } from "./balancer.ts";

interface Group<T> {
  readonly version: string;
  readonly targets: readonly T[];
}

export function weighted<T extends Target>(roomMax: number, weights: Readonly<Record<string, number>>): Balancer<T> {
  const gained = new Map<string, number>();
  const inTurn = new Map<string, Balancer<T>>();
  let groupsOf: readonly T[] = [];
  let groups: readonly Group<T>[] = [];

  const chosen = (): Group<T> | undefined => {
    let best: Group<T> | undefined;
    let sum = 0;
    for (const group of groups) {
      if (!group.targets.some(({ inFlight }) => inFlight < roomMax)) continue;
      const weight = weights[group.version] ?? 0;
      const own = (gained.get(group.version) ?? 0) + weight;
      gained.set(group.version, own);
      sum += weight;
      if (best === undefined || own > (gained.get(best.version) ?? 0)) best = group;
    }
    if (best !== undefined) gained.set(best.version, (gained.get(best.version) ?? 0) - sum);
    return best;
  };

  return (targets, request) => {
    if (targets !== groupsOf) {
      groupsOf = targets;
      groups = byVersion(targets.filter(({ version }) => (weights[version] ?? 0) > 0));
    }
    const group = chosen();
    if (group === undefined) return undefined;
    const turn = inTurn.get(group.version) ?? roundRobin<T>(roomMax);
    inTurn.set(group.version, turn);
    return turn(group.targets, request);
  };
}

function byVersion<T extends Target>(targets: readonly T[]): readonly Group<T>[] {
  const versions = [...new Set(targets.map(({ version }) => version))];
  return versions.map((version) => ({ version, targets: targets.filter((target) => target.version === version) }));
}
