/** The way from the gateway to providers: links, and routes that may change while a run lasts. */
import type { Provider, ProviderAsk, ProviderDecision } from "../behavior/provider.ts";
import type { Ms } from "../core/time.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Checkers } from "./checkers.ts";
import { Link } from "./link.ts";
import type { Deployment } from "./deployments.ts";
import { type Routes, routesOf } from "./routes.ts";

export interface UpstreamsOptions {
  readonly scenario: Pick<Scenario, "platform" | "events">;
  readonly apiKeys: ReadonlyMap<string, string>;
  readonly isControlled?: boolean;
  /** A request goes past a provider that is full. */
  readonly onOverflow: () => void;
  /** What the gateway remembers of a provider's model; undefined: nothing. */
  readonly deploymentOf?: ((provider: string, model: string) => Deployment) | undefined;
}

/** What a health check asks a model: a word for a word. */
const probeAsk: Omit<ProviderAsk, "apiKey" | "requestKey" | "model"> = {
  attempt: 1,
  inputTokens: 8,
  cachedTokens: 0,
  promptCharacters: 32,
  maxOutputTokens: 1,
  outputTokens: 1,
  stream: false,
};

export class Upstreams {
  /** By provider; only where something lies between, or may come to. */
  readonly links: ReadonlyMap<string, Link>;
  readonly #options: UpstreamsOptions;
  readonly #providers: readonly Provider[];
  readonly #models: Map<string, readonly string[]>;
  /** By provider: calls in flight at which it is full. */
  readonly #full: ReadonlyMap<string, number>;
  #routes: Routes;
  #probes = 0;

  constructor(options: UpstreamsOptions, providers: readonly Provider[]) {
    this.#options = options;
    this.links = linksOf(options, providers);
    this.#providers = providers.map((provider) => this.links.get(provider.name) ?? provider);
    const { overflows = [] } = options.scenario.platform;
    this.#full = new Map(overflows.map(({ provider, inFlightMax }) => [provider, inFlightMax]));
    this.#models = new Map(options.scenario.platform.routes.map((route) => [route.model, route.providers]));
    this.#routes = this.#made();
  }

  /** Who serves a model, at present: those that are full come after the first that is not. */
  routes: Routes = (model) => {
    const route = this.#routes(model);
    if (this.#full.size === 0) return route;
    const free = route.findIndex(
      ({ provider }) => provider.inFlight() < (this.#full.get(provider.name) ?? Number.POSITIVE_INFINITY),
    );
    if (free <= 0) return route;
    this.#options.onOverflow();
    return [...route.slice(free), ...route.slice(0, free)];
  };

  /** Sends the requests of a model elsewhere; answers where they went before. */
  reroute(model: string, providers: readonly string[]): readonly string[] {
    const before = this.#models.get(model) ?? [];
    this.#models.set(model, providers);
    this.#routes = this.#made();
    return before;
  }

  /** Asks the first provider of the first route; after how long its answer is there, undefined when none comes. */
  askModel(nowMs: Ms, checkers: Checkers): Ms | undefined {
    const [model = "", names = []] = [...this.#models][0] ?? [];
    this.#probes += 1;
    const decision = this.ask(nowMs, checkers, names[0] ?? "", model, `probe${this.#probes}`);
    return decision?.kind === "serve" ? decision.plan.totalMs : undefined;
  }

  /** Asks a provider for a word of a model, past the gateway; undefined when there is no such provider. */
  ask(nowMs: Ms, checkers: Checkers, name: string, model: string, requestKey: string): ProviderDecision | undefined {
    const provider = this.#providers.find((each) => each.name === name);
    if (provider === undefined) return undefined;
    const apiKey = this.#options.apiKeys.get(provider.name) ?? "";
    const decision = provider.begin(nowMs, { ...probeAsk, apiKey, requestKey, model });
    if (decision.kind !== "serve") {
      checkers.calledBeside(0, 0, 0);
      return decision;
    }
    const { outputTokens } = decision.plan;
    const cost = provider.finish(nowMs, decision.ticket, { outputTokens, wastedTokens: 0, completed: true });
    checkers.calledBeside(probeAsk.inputTokens, outputTokens, cost);
    return decision;
  }

  /** Who serves a model, by name, in order. */
  namesFor(model: string): readonly string[] {
    return this.#models.get(model) ?? [];
  }

  #made(): Routes {
    const routes = [...this.#models].map(([model, providers]) => ({ model, providers }));
    const { scenario, apiKeys, deploymentOf } = this.#options;
    return routesOf({ ...scenario.platform, routes }, this.#providers, apiKeys, deploymentOf);
  }
}

function linksOf(options: UpstreamsOptions, providers: readonly Provider[]): ReadonlyMap<string, Link> {
  const { platform, events } = options.scenario;
  const regions = platform.fleet?.regions ?? [];
  const mayChange = options.isControlled === true;
  return new Map(
    providers.flatMap((provider) => {
      const { name } = provider;
      const written = platform.links?.find((link) => link.provider === name);
      const isReached = regions.some(({ reachMs }) => name in reachMs);
      const slows = (events ?? []).some(({ action }) => action.kind === "link-slow" && action.provider === name);
      if (written === undefined && !isReached && !slows && !mayChange) return [];
      const byRegion = new Map(regions.map((region) => [region.name, region.reachMs[name] ?? 0]));
      const ownMs = written?.latencyMs ?? 0;
      const latencyMs = (origin: string): Ms => ownMs + (byRegion.get(origin) ?? 0);
      return [[name, new Link({ provider, latencyMs, bytesPerMs: written?.bytesPerMs })] as const];
    }),
  );
}
