/** Which providers serve a model, in fallback order, each with the key that the gateway calls it with. */
import type { Provider } from "../behavior/provider.ts";
import { invariant, InvariantError } from "../core/invariant.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import type { Deployment } from "./deployments.ts";

export interface Upstream {
  readonly provider: Provider;
  readonly apiKey: string;
  /** What the gateway remembers of this provider's model; undefined: it does not care. */
  readonly deployment: Deployment | undefined;
}

/** Throws an `InvariantError` for a model without a route. */
export type Routes = (model: string) => readonly Upstream[];

export function routesOf(
  platform: Pick<PlatformSpec, "routes">,
  providers: readonly Provider[],
  apiKeys: ReadonlyMap<string, string>,
  deploymentOf: (provider: string, model: string) => Deployment | undefined = () => undefined,
): Routes {
  const upstreamOf = (name: string, model: string): Upstream => {
    const provider = providers.find((candidate) => candidate.name === name);
    const apiKey = apiKeys.get(name);
    invariant(provider !== undefined && apiKey !== undefined, `provider "${name}" has a behavior and a key`);
    return { provider, apiKey, deployment: deploymentOf(name, model) };
  };
  const byModel = new Map(
    platform.routes.map((route) => {
      const upstreams = route.providers.map((name) => upstreamOf(name, route.model));
      invariant(upstreams.length > 0, `the route of model "${route.model}" names a provider`);
      return [route.model, upstreams];
    }),
  );
  return (model) => {
    const route = byModel.get(model);
    if (route === undefined) throw new InvariantError(`model "${model}" has no route`);
    return route;
  };
}
