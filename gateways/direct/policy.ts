/**
 * A policy without a gateway: each model's calls go to the first provider of its route. Nobody retries or falls back.
 */
import { invalidInput } from "../../core/errors.ts";
import type { GatewayCall, GatewayPolicy, UpstreamRoute } from "../driver.ts";
import { chatCompletionsUrl, firstProvider } from "../routes.ts";

export function directCall(route: UpstreamRoute): GatewayCall {
  const provider = firstProvider(route);
  if (provider.dialect !== "openai") {
    throw invalidInput(
      `direct: provider "${provider.name}" speaks dialect "${provider.dialect}"; clients speak openai`,
      {
        code: "dialect-not-routed",
        hint: "simulate it, or give the model a provider of dialect openai first",
      },
    );
  }
  const renamed = provider.model === undefined ? {} : { model: provider.model };
  return {
    url: chatCompletionsUrl(provider.baseUrl),
    headers: { authorization: `Bearer ${provider.apiKey}` },
    ...renamed,
  };
}

/** Parts of the policy that nobody carries out, in words; empty when there are none. */
export function unservedPolicy(policy: GatewayPolicy): readonly string[] {
  const fallbacks = policy.routes.some((route) => route.providers.length > 1);
  return [
    ...(policy.retries > 0 ? [`retries (${policy.retries})`] : []),
    ...(fallbacks ? ["fallbacks"] : []),
    ...(policy.requestTimeoutMs === undefined ? [] : ["the gateway's request timeout"]),
  ];
}
