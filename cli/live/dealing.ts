/**
 * Providers that share a model's traffic by weight, live: for each provider that may come first the gateway is given a route of its
 * own, under another name, and every request asks for the one that it is dealt. The draw is the simulator's, so a conversation
 * goes to the same provider in both.
 */
import { dealtPlace } from "../../behavior/routing/deal.ts";
import { randomStream } from "../../core/random.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { RunningGateway, UpstreamRoute } from "../../gateways/driver.ts";
import { routeName } from "../../gateways/routes.ts";
import type { DealtRequest, LoadTarget } from "../../load/engine.ts";
import type { EngineName } from "../load-engine.ts";

export interface Dealing {
  /** With a route for each provider that may come first. */
  readonly routes: (routes: readonly UpstreamRoute[]) => readonly UpstreamRoute[];
  /** Name of the route that a request goes by. */
  readonly routeOf: (request: DealtRequest) => string;
}

/** undefined where the first of each route is always asked first. */
export function dealingOf({ seed, platform }: Scenario): Dealing | undefined {
  const { routing } = platform.resilience ?? {};
  if (routing?.by !== "weighted") return undefined;
  const stream = randomStream(seed).split("gateway").split("routing");
  const weightsOf = new Map(
    platform.routes
      .filter(({ providers }) => providers.length > 1)
      .map(({ model, providers }) => [model, providers.map((name) => routing.weights[name] ?? 0)]),
  );
  return {
    routes: (routes) =>
      routes.flatMap((route) => {
        if (!weightsOf.has(route.model)) return [route];
        return route.providers.map((first, place) => ({
          model: routeName(route.model, place),
          providers: [first, ...route.providers.filter((_, other) => other !== place)].map((provider) => ({
            ...provider,
            model: provider.model ?? route.model,
          })),
        }));
      }),
    routeOf: ({ model, session, key }) => {
      const weights = weightsOf.get(model);
      if (weights === undefined) return model;
      return routeName(model, dealtPlace(weights, stream, routing.affinity === "none" ? key : session));
    },
  };
}

/** Where the requests of a scenario go: the gateway, by the route that each is dealt, with the headers that clients send. */
export function targetOf(scenario: Scenario, gateway: Pick<RunningGateway, "call">): LoadTarget {
  const dealing = dealingOf(scenario);
  const { headers } = scenario.platform.live ?? {};
  return {
    call: (name) => {
      const call = gateway.call(name);
      return {
        ...call,
        headers: { ...headers, ...call.headers },
        ...(dealing === undefined ? {} : { model: call.model ?? name }),
      };
    },
    ...(dealing === undefined ? {} : { routeOf: dealing.routeOf }),
  };
}

/** What a scenario asks for and a load engine does not do, in words. */
export function beyondEngine(engine: EngineName, scenario: Scenario): readonly string[] {
  const isDealt = scenario.platform.resilience?.routing?.by === "weighted";
  return engine === "k6" && isDealt ? ["shares of providers, which k6 does not deal out"] : [];
}
