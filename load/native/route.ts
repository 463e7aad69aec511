/** Where requests go, worked out once per model or route of a model. */
import type { DealtRequest, LoadTarget } from "../engine.ts";

export interface Route {
  readonly origin: string;
  readonly path: string;
  /** Names and values in turn, as undici takes them without copying. */
  readonly headers: string[];
  /** What is asked for there. */
  readonly model: string;
  /** Header that names the conversation; undefined: none does. */
  readonly sessionHeader: string | undefined;
  /** Header that names the tenant; undefined: none does. */
  readonly tenantHeader: string | undefined;
}

/** Throws what the target throws, and TypeError when its URL is none. */
export function routesTo(target: LoadTarget): (request: DealtRequest) => Route {
  const routes = new Map<string, Route>();
  return (request) => {
    const model = target.routeOf?.(request) ?? request.model;
    const known = routes.get(model);
    if (known !== undefined) return known;
    const { url, headers, model: name = model, sessionHeader, tenantHeader } = target.call(model);
    const { origin, pathname, search } = new URL(url);
    const sent = { "content-type": "application/json", ...headers };
    const sentFlat = Object.entries(sent).flat();
    const route = { origin, path: pathname + search, headers: sentFlat, model: name, sessionHeader, tenantHeader };
    routes.set(model, route);
    return route;
  };
}
