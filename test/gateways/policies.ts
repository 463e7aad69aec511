/** Policies for tests: one model, any number of providers. */
import type { GatewayPolicy, GatewayStart, UpstreamProvider } from "../../gateways/driver.ts";

export const testModel = "gpt-4o-mini";

export function testProvider(name: string, baseUrl = `http://127.0.0.1:9100/${name}/v1`): UpstreamProvider {
  return { name, dialect: "openai", baseUrl, apiKey: `key-${name}` };
}

export function testPolicy(
  providers: readonly UpstreamProvider[],
  changes: Partial<GatewayPolicy> = {},
): GatewayPolicy {
  const routes = [{ model: testModel, providers }];
  return { routes, retries: 0, retryOn: [429, 500, 503], requestTimeoutMs: undefined, ...changes };
}

export function testStart(policy: GatewayPolicy, changes: Partial<GatewayStart> = {}): GatewayStart {
  return {
    policy,
    port: 0,
    cacheDir: "/nowhere",
    readyTimeoutMs: 20_000,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...changes,
  };
}
