/**
 * What a gateway remembers of each model of each provider, and whom it therefore asks: the strategy that picks the first of a
 * route, and the breakers and cooldowns that leave somebody out.
 *
 * Assumed: all replicas of the gateway know what one of them has seen (LiteLLM with Redis). Without a shared store each
 * replica learns for itself, and a provider's trouble costs that many times the failures.
 */
import type { Failover } from "../behavior/gateway-profile.ts";
import type { PlannedRequest } from "../behavior/workload.ts";
import { CircuitBreaker } from "../behavior/routing/circuit-breaker.ts";
import { Cooldown } from "../behavior/routing/cooldown.ts";
import { dealtPlace } from "../behavior/routing/deal.ts";
import { assertNever } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { ResilienceSpec, RoutingSpec } from "../core/scenario/resilience-spec.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import type { GatewayLog } from "./gateway-log.ts";
import type { Journey } from "./journey.ts";
import type { Upstream } from "./routes.ts";

/** One model of one provider. */
export interface Deployment {
  readonly name: string;
  readonly model: string;
  readonly region: string | undefined;
  /** Whether its capacity is paid for in advance. */
  readonly reserved: boolean;
  readonly breaker: CircuitBreaker | undefined;
  readonly cooldown: Cooldown | undefined;
  /** The gateway's own, after statuses that it does not bear. */
  readonly pause: Cooldown | undefined;
  inFlight: number;
  /** Waits for first tokens, the newer ones counting more; 0 before the first. */
  firstTokenMs: Ms;
}

export interface DeploymentsOptions {
  readonly resilience: ResilienceSpec | undefined;
  /** What the gateway does by itself, and how much faster than life the scenario plays. */
  readonly pause: Failover["pause"];
  readonly timeScale: number;
  /** Those of the scenario, as far as known. */
  readonly providers: readonly ProviderSpec[];
  readonly random: RandomStream;
  readonly log: GatewayLog;
}

/** Weight of the newest wait in the running mean: one in ten, as LiteLLM's lowest-latency routing keeps the last ten. */
const newestWeight = 0.1;

export class Deployments {
  readonly #options: DeploymentsOptions;
  readonly #routing: RoutingSpec;
  readonly #weights: RandomStream;
  readonly #known = new Map<string, Deployment>();
  /** By route: the same providers, each of them first once. */
  readonly #firsts = new Map<readonly Upstream[], readonly (readonly Upstream[])[]>();

  /** Whether a scenario asks for anything that has to be remembered, or the gateway remembers by itself. */
  static needed(resilience: ResilienceSpec | undefined, pause: Failover["pause"]): boolean {
    const asked = [resilience?.breaker, resilience?.cooldown, resilience?.routing, pause];
    return asked.some((part) => part !== undefined);
  }

  constructor(options: DeploymentsOptions) {
    this.#options = options;
    this.#routing = options.resilience?.routing ?? { by: "order" };
    this.#weights = options.random.split("routing");
  }

  /** The same one whenever routes are made anew. */
  deploymentOf(provider: string, model: string): Deployment {
    const name = `${provider} ${model}`;
    const deployment = this.#known.get(name) ?? this.#newDeployment(provider, model);
    this.#known.set(name, deployment);
    return deployment;
  }

  #newDeployment(provider: string, model: string): Deployment {
    const { resilience, pause, timeScale } = this.#options;
    const { breaker, cooldown } = resilience ?? {};
    const spec = this.#options.providers.find(({ name }) => name === provider);
    return {
      name: `${provider} ${model}`,
      model,
      region: spec?.region,
      reserved: spec?.models.some((each) => each.model === model && each.provisionedUnits !== undefined) ?? false,
      breaker: breaker === undefined ? undefined : new CircuitBreaker(breaker),
      cooldown: cooldown === undefined ? undefined : new Cooldown(cooldown),
      pause: pause === undefined ? undefined : new Cooldown({ allowedFails: 0, cooldownMs: pause.forMs * timeScale }),
      inFlight: 0,
      firstTokenMs: 0,
    };
  }

  /** The route in the order in which this request is to go along it. */
  order(nowMs: Ms, route: readonly Upstream[], planned: PlannedRequest): readonly Upstream[] {
    const routing = this.#routing;
    switch (routing.by) {
      case "order":
        return route;
      case "weighted":
        return this.#startingWith(
          route,
          dealtPlace(
            route.map(({ provider }) => routing.weights[provider.name] ?? 0),
            this.#weights,
            routing.affinity === "none" ? planned.key : planned.session,
          ),
        );
      case "least-busy":
        return this.#startingWith(route, leastOf(route, busyness));
      case "lowest-latency":
        return this.#startingWith(route, leastOf(route, slowness));
      case "usage":
        return this.#startingWith(
          route,
          leastOf(route, (upstream) => usedShare(upstream, nowMs)),
        );
      case "reserved": {
        const large = planned.inputTokens >= routing.largeTokens;
        return this.#startingWith(
          route,
          leastOf(route, ({ deployment }) => (deployment?.reserved === large ? 0 : 1)),
        );
      }
      case "near":
        return this.#startingWith(
          route,
          leastOf(route, ({ deployment }) => (deployment?.region === routing.region ? 0 : 1)),
        );
      default:
        return assertNever(routing);
    }
  }

  /** Moves a journey on to the next of its route that may be called; false when nobody may. */
  findOpen(nowMs: Ms, journey: Journey): boolean {
    for (; journey.hop < journey.route.length; journey.hop++) {
      if (isOpen(nowMs, journey.upstream)) return true;
      journey.attempts = 0;
    }
    journey.hop = journey.route.length - 1;
    return false;
  }

  /** How long until somebody of the route may be called again. */
  reopensAfterMs(nowMs: Ms, route: readonly Upstream[]): Ms {
    const atMs = route.map(({ deployment }) =>
      Math.max(
        deployment?.breaker?.reopensMs() ?? 0,
        deployment?.cooldown?.untilMs() ?? 0,
        deployment?.pause?.untilMs() ?? 0,
      ),
    );
    return Math.max(0, Math.min(...atMs) - nowMs);
  }

  /** A call begins. Answers whether it is a breaker's probe. */
  begins(nowMs: Ms, { deployment }: Upstream): boolean {
    if (deployment === undefined) return false;
    deployment.inFlight += 1;
    return deployment.breaker?.begins(nowMs) ?? false;
  }

  /** A call has been answered; `firstTokenMs` after it began. */
  succeeds(nowMs: Ms, { deployment }: Upstream, probe: boolean, firstTokenMs: Ms): void {
    if (deployment === undefined) return;
    deployment.inFlight -= 1;
    const beforeMs = deployment.firstTokenMs;
    deployment.firstTokenMs = beforeMs === 0 ? firstTokenMs : beforeMs + newestWeight * (firstTokenMs - beforeMs);
    if (deployment.breaker?.ends(nowMs, false, probe) === "closed") {
      this.#options.log.happened(nowMs, "breaker-closed", deployment.name, "answers again: the breaker closes");
    }
  }

  /** A call has failed in a way that is the provider's. */
  fails(nowMs: Ms, { deployment }: Upstream, probe: boolean, retryAfterMs: Ms | undefined): void {
    if (deployment === undefined) return;
    const { breaker, cooldown, name } = deployment;
    deployment.inFlight -= 1;
    const { log } = this.#options;
    if (breaker?.ends(nowMs, true, probe) === "open") {
      const forMs = formatDuration(breaker.reopensMs() - nowMs);
      log.happened(
        nowMs,
        "breaker-open",
        name,
        `${probe ? "failed its probe" : "failed too often"}: no calls for ${forMs}`,
      );
    }
    if (cooldown?.fails(nowMs, retryAfterMs) === true) {
      log.happened(
        nowMs,
        "cooldown",
        name,
        `failed too often: left out for ${formatDuration(cooldown.untilMs() - nowMs)}`,
      );
    }
  }

  /** A call was refused, which says nothing about the provider; some gateways leave it alone for a while all the same. */
  refused(nowMs: Ms, upstream: Upstream, probe: boolean, status: number): void {
    this.takenBack(upstream, probe);
    const { pause, name } = upstream.deployment ?? {};
    if (pause === undefined || this.#options.pause?.statuses.includes(status) !== true) return;
    if (!pause.fails(nowMs, undefined)) return;
    const forMs = formatDuration(pause.untilMs() - nowMs);
    this.#options.log.happened(nowMs, "cooldown", name ?? "", `answered ${status}: left out for ${forMs}`);
  }

  /** A call ended without saying anything about its provider. */
  takenBack({ deployment }: Upstream, probe: boolean): void {
    if (deployment === undefined) return;
    deployment.inFlight -= 1;
    deployment.breaker?.takenBack(probe);
  }

  #startingWith(route: readonly Upstream[], first: number): readonly Upstream[] {
    let firsts = this.#firsts.get(route);
    if (firsts === undefined) {
      firsts = route.map((upstream, place) => [upstream, ...route.toSpliced(place, 1)]);
      this.#firsts.set(route, firsts);
    }
    return firsts[first] ?? route;
  }
}

export function isOpen(nowMs: Ms, { deployment }: Upstream): boolean {
  if (deployment === undefined) return true;
  const { breaker, cooldown, pause } = deployment;
  return (breaker?.allows(nowMs) ?? true) && (cooldown?.allows(nowMs) ?? true) && (pause?.allows(nowMs) ?? true);
}

function busyness({ deployment }: Upstream): number {
  return deployment?.inFlight ?? 0;
}

function slowness({ deployment }: Upstream): number {
  return deployment?.firstTokenMs ?? 0;
}

/** Of the tokens per minute that its headers speak of. */
function usedShare({ provider, apiKey, deployment }: Upstream, nowMs: Ms): number {
  const tokens = provider.snapshot(nowMs, apiKey, deployment?.model ?? "").tokens;
  return tokens === undefined ? 0 : 1 - tokens.remaining / tokens.limit;
}

/** Of equals, the first. */
function leastOf(route: readonly Upstream[], measure: (upstream: Upstream) => number): number {
  let least = 0;
  let leastMeasure = Number.POSITIVE_INFINITY;
  for (const [place, upstream] of route.entries()) {
    const measured = measure(upstream);
    if (measured >= leastMeasure) continue;
    least = place;
    leastMeasure = measured;
  }
  return least;
}
