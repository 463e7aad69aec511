/** Where a live gateway sends requests, and with which keys: what routes, switches and changes of keys alter. */
import { invalidInput } from "../../core/errors.ts";
import type { GatewayPolicy, UpstreamProvider, UpstreamRoute } from "../../gateways/driver.ts";
import { modelOfRoute } from "../../gateways/routes.ts";

export interface SwitchedModel {
  readonly to: string;
  /** Of the conversations, 0..1. */
  readonly share: number;
}

export class LiveRoutes {
  readonly #start: GatewayPolicy;
  /** Of every provider of the scenario, whoever is routed to at present. */
  readonly #upstream: (provider: string) => UpstreamProvider;
  /** By model, where somebody has said otherwise: names of providers, in order. */
  readonly #rerouted = new Map<string, readonly string[]>();
  /** By model: who answers in its place, in all or some of the conversations. */
  readonly #switched = new Map<string, SwitchedModel>();
  /** By provider, where it was changed. */
  readonly #keys = new Map<string, string>();

  constructor(start: GatewayPolicy, upstream: (provider: string) => UpstreamProvider) {
    this.#start = start;
    this.#upstream = upstream;
  }

  /** As it is now; a model of which only part is switched answers for itself here. */
  policy(): GatewayPolicy {
    return this.#policyBy((model) => {
      const switched = this.#switched.get(model);
      return switched?.share === 1 ? switched.to : model;
    });
  }

  /** Models of which part is switched, and the policy that holds for that part. */
  switchedInPart(): { readonly shares: ReadonlyMap<string, number>; readonly policy: GatewayPolicy } {
    const inPart = [...this.#switched].filter(([, { share }]) => share < 1);
    return {
      shares: new Map(inPart.map(([model, { share }]) => [model, share])),
      policy: this.#policyBy((model) => this.#switched.get(model)?.to ?? model),
    };
  }

  /** In order of fallback. */
  providersOf(model: string): readonly string[] {
    const rerouted = this.#rerouted.get(modelOfRoute(model));
    if (rerouted !== undefined) return rerouted;
    const route = this.#start.routes.find((each) => each.model === model);
    if (route !== undefined) return route.providers.map(({ name }) => name);
    throw invalidInput(`no route for model "${model}"`, {
      code: "no-route",
      hint: `models with a route: ${this.#start.routes.map((each) => each.model).join(", ")}`,
    });
  }

  /** null: itself. */
  switchOf(model: string): SwitchedModel | null {
    return this.#switched.get(model) ?? null;
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
  switchModel(model: string, switched: SwitchedModel | null): void {
    this.providersOf(model);
    if (switched !== null) this.providersOf(switched.to);
    if (switched === null) this.#switched.delete(model);
    else this.#switched.set(model, switched);
  }

  changeKey(provider: string, key: string): void {
    this.#keys.set(provider, key);
  }

  #policyBy(answersFor: (model: string) => string): GatewayPolicy {
    const routes = this.#start.routes.map(({ model }): UpstreamRoute => {
      const own = modelOfRoute(model);
      const answers = answersFor(own);
      const providers = this.providersOf(answers === own ? model : answers).map((name): UpstreamProvider => {
        const upstream = this.#upstream(name);
        const called = answers === model ? {} : { model: answers };
        return { ...upstream, ...called, apiKey: this.#keys.get(name) ?? upstream.apiKey };
      });
      return { model, providers };
    });
    return { ...this.#start, routes };
  }
}
