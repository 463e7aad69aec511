/** What the gateway of a live run is asked to do: a scenario's routes, retries and time limit, with the addresses of this run's mocks. */
import { providerKey } from "../../behavior/provider-accounts.ts";
import { environmentNotReady } from "../../core/errors.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { GatewayPolicy, UpstreamProvider } from "../../gateways/driver.ts";
import type { MockProcess } from "../mock-process.ts";
import { dealingOf } from "./dealing.ts";

export function upstreamOf(scenario: Scenario, mock: MockProcess, name: string): UpstreamProvider {
  const spec = scenario.providers.find((provider) => provider.name === name);
  const baseUrl = mock.baseUrl(name);
  if (spec === undefined || baseUrl === undefined) {
    throw environmentNotReady(`the mock does not serve provider "${name}"`, { code: "mock-not-ready" });
  }
  return { name, dialect: spec.dialect, baseUrl, apiKey: providerKey(spec) };
}

export function gatewayPolicy(scenario: Scenario, mock: MockProcess, timeScale: number): GatewayPolicy {
  const attemptMs = scenario.platform.resilience?.timeouts?.attemptMs;
  const upstream = (name: string): UpstreamProvider => upstreamOf(scenario, mock, name);
  const routes = scenario.platform.routes.map(({ model, providers }) => ({
    model,
    providers: providers.map(upstream),
  }));
  return {
    routes: dealingOf(scenario)?.routes(routes) ?? routes,
    retries: scenario.platform.retries.max,
    retryOn: scenario.platform.retries.on,
    requestTimeoutMs: attemptMs === undefined ? undefined : attemptMs / timeScale,
  };
}
