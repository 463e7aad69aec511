/**
 * What of a scenario's platform is played with a real fleet, and what is not, in words.
 *
 * Live and simulated run stand beside each other: whatever this machine bounds is bounded in both.
 */
import { invariant } from "../../core/invariant.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { FleetSpec, PlatformSpec } from "../../core/scenario/platform-spec.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { HaproxyBalance } from "../../gateways/haproxy/config.ts";

/** Processes of a gateway on one machine: each takes some 100 MB, and they share its cores. */
export const liveReplicasMax = 16;

/** Gateways that Squall does not start: there is nothing to have several of. */
const notOurs: readonly string[] = ["direct", "url"];

/** Whether a scenario needs several processes of the gateway, something in front of them, or hands on them. */
export function wantsFleet({ platform, events }: Scenario): boolean {
  const { fleet, replicas, scaling } = platform;
  return fleet !== undefined || replicas > 1 || scaling !== undefined || (events ?? []).length > 0;
}

/** Whether its timeline breaks replicas on purpose, which they have to be started for. */
export function breaksReplicas({ events = [] }: Scenario): boolean {
  return events.some(({ action }) => action.kind === "broken" || (action.kind === "rollout" && action.errorShare > 0));
}

/** Why it is played with one process all the same, in words; undefined: it is not. */
export function whyNoFleet({ platform }: Scenario, driver: string): string | undefined {
  const { deployment } = platform.fleet ?? plainFleet;
  if (notOurs.includes(driver)) return "this gateway is none that Squall starts";
  if (deployment !== undefined) return `a live gateway is no ${deployment.kind}`;
  return undefined;
}

/** The scenario as it can be played on one machine; its simulation is given the same. */
export function onThisMachine(scenario: Scenario): Scenario {
  const { platform } = scenario;
  const fleet = platform.fleet ?? plainFleet;
  const { start } = fleet;
  return {
    ...scenario,
    platform: {
      ...platform,
      replicas: bounded(platform.replicas),
      fleet: {
        ...fleet,
        start: start === undefined ? undefined : bounded(start),
        minReplicas: bounded(fleet.minReplicas),
        maxReplicas: bounded(fleet.maxReplicas),
      },
    },
  };
}

/** From 1 on: a load balancer without a replica refuses what a simulated fleet would hold back. */
function bounded(replicas: number): number {
  return Math.min(liveReplicasMax, Math.max(1, replicas));
}

/** What is asked of the gateway itself: answers are kept in front of a fleet on this machine. */
export function leftToGateway(platform: PlatformSpec): PlatformSpec {
  const { resilience } = platform;
  if (resilience?.cache === undefined) return platform;
  const { cache: _, ...others } = resilience;
  return { ...platform, resilience: others };
}

/** What the platform asks for that a fleet on this machine does not do, in words. */
export function beyondFleet(platform: PlatformSpec): readonly string[] {
  const tooMany = (platform.fleet?.maxReplicas ?? 0) > liveReplicasMax;
  return [...beyondAnyFleet(platform), ...(tooMany ? [`more than ${liveReplicasMax} replicas on one machine`] : [])];
}

function beyondAnyFleet({ fleet, links, escalations, overflows }: PlatformSpec): readonly string[] {
  const asked: readonly (readonly [isAsked: boolean, inWords: string])[] = [
    [fleet?.regions !== undefined, "regions"],
    [fleet?.priorities !== undefined, "priorities among tenants that wait"],
    [fleet?.slowStart !== undefined, "slow start"],
    [fleet?.countsContexts === true, "counting of lost contexts"],
    [links !== undefined, "links to providers"],
    [escalations !== undefined, "escalation to a larger model"],
    [overflows !== undefined, "overflow to another provider"],
  ];
  return asked.filter(([isAsked]) => isAsked).map(([, inWords]) => inWords);
}

/** What the platform asks for that a fleet of pods does not do, in words: there it is the cluster's own affair. */
export function beyondCluster(platform: PlatformSpec): readonly string[] {
  const { fleet = plainFleet } = platform;
  const asked: readonly (readonly [isAsked: boolean, inWords: string])[] = [
    [fleet.balance !== plainFleet.balance, `balancing by ${fleet.balance}`],
    [fleet.concurrency !== undefined, "a bound on the requests of each replica"],
    [fleet.health !== undefined, "health checks of its own"],
    [fleet.graceMs !== undefined, "a grace of its own"],
  ];
  return [...asked.filter(([isAsked]) => isAsked).map(([, inWords]) => inWords), ...beyondAnyFleet(platform)];
}

/** Nearness means nothing on one machine: what is left of geographic balancing is its rule within a region. */
export function balanceOf({ balance, loadBound }: FleetSpec): HaproxyBalance {
  if (balance === "geographic") return { by: "least-connections" };
  invariant(loadBound === undefined || loadBound >= 1, "a load bound is checked when a scenario is read");
  return { by: balance, ...(loadBound === undefined ? {} : { loadBound }) };
}
