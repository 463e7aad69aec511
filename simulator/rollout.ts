/**
 * Which replicas come and go, so that there are as many as wished for, all of one version.
 *
 * While others still run an old version, replicas are exchanged as Kubernetes' Deployment controller does it
 * (pkg/controller/deployment/rolling.go): as many new ones are started as `surge` allows above the wished number, and old
 * ones are taken away as long as `unavailable` fewer than wished for stay ready.
 *
 * Who goes first is Kubernetes' order of ranked deletion (pkg/controller/controller_utils.go, `ActivePodsWithRanks`): what
 * does not run before what runs, unready before ready, newer before older.
 */
import type { RolloutSpec } from "../core/scenario/event-spec.ts";
import { firstVersion, type ReplicaPhase } from "./replica.ts";

/** What runs from the start. */
export const plainRollout: RolloutSpec = {
  version: firstVersion,
  surge: 0,
  unavailable: 0,
  errorShare: 0,
  slowdown: 1,
};

/** A replica, simulated or live, as far as it matters here. */
export interface Exchanged {
  readonly id: number;
  readonly version: string;
  readonly phase: ReplicaPhase;
}

/** What is to be done now. */
export interface Exchange<Replica> {
  readonly start: number;
  readonly away: readonly Replica[];
}

/** `kept`: all that exist and do not drain. */
export function exchange<Replica extends Exchanged>(
  kept: readonly Replica[],
  wished: number,
  { version, surge, unavailable }: Pick<RolloutSpec, "version" | "surge" | "unavailable">,
): Exchange<Replica> {
  const old = kept.filter((replica) => replica.version !== version).toSorted(byDeletion);
  const current = kept.filter((replica) => replica.version === version);
  if (old.length === 0) {
    const over = kept.length - wished;
    return { start: Math.max(0, -over), away: over > 0 ? kept.toSorted(byDeletion).slice(0, over) : [] };
  }
  const start = Math.max(0, Math.min(wished - current.length, wished + surge - kept.length));
  const ready = kept.filter(({ phase }) => phase === "ready").length;
  let spare = ready - Math.max(0, wished - unavailable);
  const away = old.filter(({ phase }) => phase !== "ready" || spare-- > 0);
  return { start, away };
}

function byDeletion(left: Exchanged, right: Exchanged): number {
  return rank(left) - rank(right) || right.id - left.id;
}

function rank({ phase }: Exchanged): number {
  return phase === "starting" ? 0 : phase === "unready" ? 1 : 2;
}
