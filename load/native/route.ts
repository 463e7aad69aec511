/** Where requests go, worked out once per model. */
import type { LoadTarget } from "../engine.ts";

export interface Route {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn, as undici takes them without copying. */
  readonly headers: string[];
}

/** Throws what the target throws, and TypeError when its URL is none. */
export function routesTo(target: LoadTarget): (model: string) => Route {
  const routes = new Map<string, Route>();
  return (model) => {
    const known = routes.get(model);
    if (known !== undefined) return known;
    const { url, headers } = target.call(model);
    const { origin, pathname, search } = new URL(url);
    const sent = { "content-type": "application/json", ...headers };
    const route = { origin, path: pathname + search, headers: Object.entries(sent).flat() };
    routes.set(model, route);
    return route;
  };
}
