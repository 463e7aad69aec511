/** Where a live gateway sends requests, and with which keys: what routes, switches and changes of keys alter. */
import { invalidInput } from "../core/errors.ts";
import type { GatewayPolicy, UpstreamProvider, UpstreamRoute } from "../gateways/driver.ts";

export class LiveRoutes {
  readonly #start: GatewayPolicy;
  /** Of every provider of the scenario, whoever is routed to at present. */
  readonly #upstream: (provider: string) => UpstreamProvider;
  /** By model, where somebody has said otherwise: names of providers, in order. */
  readonly #rerouted = new Map<string, readonly string[]>();
  /** By model: who answers in its place. */
  readonly #switched = new Map<string, string>();
  /** By provider, where it was changed. */
  readonly #keys = new Map<string, string>();

  constructor(start: GatewayPolicy, upstream: (provider: string) => UpstreamProvider) {
    this.#start = start;
    this.#upstream = upstream;
  }

  /** As it is now. */
  policy(): GatewayPolicy {
    const routes = this.#start.routes.map(({ model }): UpstreamRoute => {
      const answers = this.#switched.get(model) ?? model;
      const providers = this.providersOf(answers).map((name): UpstreamProvider => {
        const upstream = this.#upstream(name);
        const called = answers === model ? {} : { model: answers };
        return { ...upstream, ...called, apiKey: this.#keys.get(name) ?? upstream.apiKey };
      });
      return { model, providers };
    });
    return { ...this.#start, routes };
  }

  /** In order of fallback. */
  providersOf(model: string): readonly string[] {
    const rerouted = this.#rerouted.get(model);
    if (rerouted !== undefined) return rerouted;
    const route = this.#start.routes.find((each) => each.model === model);
    if (route !== undefined) return route.providers.map(({ name }) => name);
    throw invalidInput(`no route for model "${model}"`, {
      code: "no-route",
      hint: `models with a route: ${this.#start.routes.map((each) => each.model).join(", ")}`,
    });
  }

  answersFor(model: string): string {
    return this.#switched.get(model) ?? model;
  }

  keyOf(provider: string): string {
    return this.#keys.get(provider) ?? this.#upstream(provider).apiKey;
  }

  reroute(model: string, providers: readonly string[]): void {
    this.providersOf(model); // throws for a model that nobody serves
    for (const name of providers) this.#upstream(name);
    this.#rerouted.set(model, providers);
  }

  /** null: it answers for itself. */
  switchModel(model: string, to: string | null): void {
    this.providersOf(model);
    if (to !== null) this.providersOf(to);
    if (to === null) this.#switched.delete(model);
    else this.#switched.set(model, to);
  }

  changeKey(provider: string, key: string): void {
    this.#keys.set(provider, key);
  }
}
