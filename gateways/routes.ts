/**
 * Finding a model's route in a policy.
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
