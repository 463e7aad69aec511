/**
 * A model's routes in a policy: how they are named, and finding one.
 */
import { invalidInput } from "../core/errors.ts";
import type { UpstreamProvider, UpstreamRoute } from "./driver.ts";

/** Renders every route once, so that a route that cannot be rendered is told before anything starts; then looks up by model. */
export function routeTable<Rendered>(
  routes: readonly UpstreamRoute[],
  render: (route: UpstreamRoute) => Rendered,
): (model: string) => Rendered {
  const rendered = new Map(routes.map((route) => [route.model, render(route)]));
  return (model) => {
    const found = rendered.get(model);
    if (found !== undefined) return found;
    throw invalidInput(`no route for model "${model}"; routes: ${[...rendered.keys()].join(", ") || "none"}`, {
      code: "no-route",
      hint: "add the model to platform.routes",
    });
  };
}

/**
 * The route of a model by which a provider comes first, where several share its traffic by weight. The first keeps the model's
 * name, so that whoever deals nothing out has a route.
 */
export function routeName(model: string, place: number): string {
  return place === 0 ? model : `${model}~${place + 1}`;
}

/** The model that a route of any name is for. */
export function modelOfRoute(name: string): string {
  return name.replace(/~\d+$/, "");
}

/** The provider asked first. */
export function firstProvider(route: UpstreamRoute): UpstreamProvider {
  const [first] = route.providers;
  if (first !== undefined) return first;
  throw invalidInput(`the route of model "${route.model}" names no provider`, { code: "empty-route" });
}

/** The chat completions endpoint under what the OpenAI SDK takes as base URL. */
export function chatCompletionsUrl(baseUrl: string): string {
  return `${baseUrl.replace(/\/+$/, "")}/chat/completions`;
}
