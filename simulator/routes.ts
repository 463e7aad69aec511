/** Which providers serve a model, in fallback order, each with the key that the gateway calls it with. */
import type { Provider } from "../behavior/provider.ts";
import { invariant } from "../core/invariant.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";

export interface Upstream {
  readonly provider: Provider;
  readonly apiKey: string;
}

export type Routes = (model: string) => readonly Upstream[];

export function routesOf(
  platform: Pick<PlatformSpec, "routes">,
  providers: readonly Provider[],
  apiKeys: ReadonlyMap<string, string>,
): Routes {
  const upstreamOf = (name: string): Upstream => {
    const provider = providers.find((candidate) => candidate.name === name);
    const apiKey = apiKeys.get(name);
    invariant(provider !== undefined && apiKey !== undefined, `provider "${name}" has a behavior and a key`);
    return { provider, apiKey };
  };
  const byModel = new Map(
    platform.routes.map((route) => {
      const upstreams = route.providers.map(upstreamOf);
      invariant(upstreams.length > 0, `the route of model "${route.model}" names a provider`);
      return [route.model, upstreams];
    }),
  );
  return (model) => {
    const route = byModel.get(model);
    invariant(route !== undefined, `model "${model}" has a route`);
    return route;
  };
}
