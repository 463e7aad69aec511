/**
 * What a scenario asks of a gateway beyond what it does by itself, put together. Where it asks for nothing, nothing of this
 * exists and nothing of it costs any time. Without a gateway (`direct`) nobody is there to do it.
 */
import { randomStream, type RandomStream } from "../core/random.ts";
import type { ResilienceSpec } from "../core/scenario/resilience-spec.ts";
import { type Deployment, Deployments } from "./deployments.ts";
import { FrontDoor } from "./front-door.ts";
import { GatewayLog } from "./gateway-log.ts";
import type { Routes } from "./routes.ts";
import type { SimulateOptions } from "./simulate.ts";

export interface GatewayPolicy {
  readonly resilience: ResilienceSpec | undefined;
  readonly door: FrontDoor | undefined;
  readonly deployments: Deployments | undefined;
  readonly deploymentOf: ((provider: string, model: string) => Deployment) | undefined;
  readonly random: RandomStream;
  readonly log: GatewayLog;
}

export function gatewayPolicyOf(
  options: Pick<SimulateOptions, "scenario" | "gateway" | "dearness" | "isControlled" | "timeScale">,
  routes: Routes,
): GatewayPolicy {
  const { seed, platform, providers, events } = options.scenario;
  const hasDoor = options.isControlled === true || FrontDoor.needed(platform, events);
  const random = randomStream(seed).split("gateway");
  const log = new GatewayLog();
  if (options.gateway.failover === undefined) {
    const nothing = { resilience: undefined, door: undefined, deployments: undefined, deploymentOf: undefined };
    return { ...nothing, random, log };
  }
  const { resilience } = platform;
  const cheaperModel = cheaperModels(
    platform.routes.map(({ model }) => model),
    options.dearness ?? new Map<string, number>(),
  );
  const { pause } = options.gateway.failover;
  const deployments = Deployments.needed(resilience, pause)
    ? new Deployments({ resilience, pause, timeScale: options.timeScale, providers: providers ?? [], random, log })
    : undefined;
  return {
    resilience,
    door: hasDoor ? new FrontDoor({ platform, routes, cheaperModel, random, log }) : undefined,
    deployments,
    deploymentOf: deployments === undefined ? undefined : (name, model) => deployments.deploymentOf(name, model),
    random,
    log,
  };
}

/** The cheapest of all models that have a route, for those that are dearer. */
function cheaperModels(
  models: readonly string[],
  dearness: ReadonlyMap<string, number>,
): (model: string) => string | undefined {
  const dear = (model: string): number => dearness.get(model) ?? Number.POSITIVE_INFINITY;
  const cheapest = models.reduce<string | undefined>(
    (least, model) => (least === undefined || dear(model) < dear(least) ? model : least),
    undefined,
  );
  return (model) => (cheapest !== undefined && dear(cheapest) < dear(model) ? cheapest : undefined);
}
