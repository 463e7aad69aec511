/**
 * `squall run --dry-run`: what a scenario would do to a cluster, command by command, checked by the cluster's API server and not
 * done. Nothing is sent to the gateway.
 */
import { type ExitCode, exitCodes, invalidInput, SquallError, usageError } from "../core/errors.ts";
import { assertNever } from "../core/invariant.ts";
import type { PlatformAction, TimedAction } from "../core/scenario/event-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { formatDuration } from "../core/time.ts";
import { plural } from "../core/units.ts";
import type { GatewayDriver, Refusals } from "../gateways/driver.ts";
import type { ReplicaHands } from "../gateways/fleet/live-fleet.ts";
import { FleetLog } from "../simulator/fleet-log.ts";
import { ClusterHands, joinDeployment } from "./live/cluster.ts";

export interface Rehearsal {
  readonly scenario: Scenario;
  readonly driver: Pick<GatewayDriver, "deployment" | "refusals">;
  /** Told each line. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A Deployment answers within this, or kubectl gives up. */
const readyTimeoutMs = 20_000;

/** Answers how to exit: as the first change that cannot be made says. Throws a usage error for a gateway that is in no cluster. */
export async function rehearse({ scenario, driver, tell, signal }: Rehearsal): Promise<ExitCode> {
  if (driver.deployment === undefined) {
    throw usageError("--dry-run shows what is done to a cluster, and this gateway is in none", {
      code: "no-cluster",
      hint: "give --gateway FILE with `kubernetes` in it: docs/fleet.md",
    });
  }
  const { replicas: start, fleet: spec } = scenario.platform;
  const clock = { nowMs: () => 0, timeScale: 1 };
  const joined = await joinDeployment(driver, {
    gateway: { description: "the gateway", call: () => ({ url: "", headers: {} }) },
    start: spec?.start ?? start,
    readyTimeoutMs,
    clock,
    watcher: { happened: () => undefined, changed: () => undefined },
    onCommand: (text) => tell(`  $ ${text}`),
    onTrouble: tell,
    isRehearsal: true,
    signal,
  });
  try {
    const { fleet } = joined;
    tell(
      `${fleet.description}: ${plural(fleet.replicas().length, "pod")} of ${fleet.firstImage}; rollouts: ${fleet.pace}`,
    );
    const hands = new ClusterHands({ ...joined, clock, log: new FleetLog(), start });
    return await rehearseEvents(scenario.events ?? [], driver.refusals ?? {}, hands, tell);
  } finally {
    await joined.fleet.stop();
  }
}

async function rehearseEvents(
  events: readonly TimedAction[],
  refusals: Refusals,
  hands: ReplicaHands,
  tell: (line: string) => void,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.pass;
  for (const { atMs, action } of events) {
    tell(`at ${formatDuration(atMs)}: ${action.kind}`);
    try {
      const refusal = refusals[action.kind];
      if (refusal !== undefined) throw invalidInput(refusal, { code: "not-done-live" });
      tell(`  ${await done(action, hands)}`);
    } catch (cause) {
      if (!(cause instanceof SquallError)) throw cause;
      tell(`  no: ${cause.message}`);
      if (code === exitCodes.pass) code = cause.exitCode;
    }
  }
  return code;
}

/** Only these are done to a cluster; the others to providers. */
async function done(action: PlatformAction, hands: ReplicaHands): Promise<string> {
  switch (action.kind) {
    case "scale":
      await hands.scaleTo(action.replicas);
      return "can be done";
    case "rollout":
      return `can be done: ${await hands.rollOut(action)}`;
    case "rollback":
      return "cannot be checked ahead: the version before is known once something is rolled out";
    case "drain":
      return `can be done to ${await hands.drain(action.replicas)}`;
    case "node-loss":
      return `can be done to ${await hands.lose(action.replicas, action.replacedAfterMs)}`;
    case "broken":
    case "cache-loss":
    case "link-down":
    case "link-slow":
    case "route":
    case "rotate-key":
    case "metrics-loss":
    case "admit":
    case "cap-tenant":
    case "switch-model":
    case "pause-scaling":
      return "does nothing to the cluster";
    default:
      return assertNever(action);
  }
}
