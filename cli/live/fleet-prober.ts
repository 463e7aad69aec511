/**
 * Health checks of a live fleet: the plain one asks the process, the AI-aware one asks a model through it.
 *
 * A plain check finds a dead process, and calls a gateway well that answers every question with an error. One that asks a
 * model finds that too, at the price of tokens; when a provider is down it finds everybody sick at once, which the fleet does
 * not take for its own illness. Counts in a row as in a simulation.
 */
import type { HealthSpec } from "../../core/scenario/deployment-spec.ts";
import type { FleetClock, LiveFleet, LiveReplica } from "../../gateways/fleet/live-fleet.ts";
import type { FleetLog } from "../../simulator/fleet-log.ts";
import type { Tally } from "../../simulator/tally.ts";

export interface LiveProberOptions {
  readonly spec: HealthSpec;
  readonly fleet: LiveFleet;
  readonly clock: FleetClock;
  readonly log: FleetLog;
  readonly tally: Tally;
}

/** Probes until it is told to stop; answers how to. */
export function startProber(options: LiveProberOptions): () => void {
  const { spec, fleet, clock, tally } = options;
  const contrary = new Map<number, number>();
  let isOver = false;
  const look = async (replica: LiveReplica): Promise<void> => {
    const succeeds = await fleet.probe(replica.id, spec.probe, spec.timeoutMs / clock.timeScale).catch(() => false);
    if (isOver || replica.phase !== "ready") return;
    tally.count("probes");
    if (!succeeds) tally.count("probesFailed");
    judge(options, contrary, replica, succeeds);
  };
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return; // a round that takes long is one round
    isLooking = true;
    const ready = fleet.replicas().filter(({ phase }) => phase === "ready");
    void Promise.all(ready.map(look)).finally(() => {
      isLooking = false;
    });
  }, spec.everyMs / clock.timeScale);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** So many in a row that speak against what is thought of a replica turn it. */
function judge(
  { spec, fleet, clock, log, tally }: LiveProberOptions,
  contrary: Map<number, number>,
  { id, name, isWell }: LiveReplica,
  succeeds: boolean,
): void {
  const inARow = succeeds === isWell ? 0 : (contrary.get(id) ?? 0) + 1;
  const needed = isWell ? spec.unhealthy : spec.healthy;
  contrary.set(id, inARow >= needed ? 0 : inARow);
  if (inARow < needed) return;
  fleet.judge(id, succeeds);
  if (!succeeds) tally.count("ejected");
  const text = succeeds ? "passes its health check again" : `has failed ${needed} health checks in a row`;
  log.happened(clock.nowMs(), succeeds ? "replica-well" : "replica-sick", name, text);
}
