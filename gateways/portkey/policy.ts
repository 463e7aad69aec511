/**
 * A policy as Portkey takes it: Portkey keeps no configuration, every request brings its route in the header
 * `x-portkey-config`.
 *
 * What Portkey makes of it (source of 1.15.2, build/start-server.js; confirmed by test/gateways/portkey):
 * - `retry` and `request_timeout` at the top apply to every target. Retries wait exactly 1, 2, 4, … s and ignore Retry-After.
 * - A connection that fails counts as worth a retry whatever `on_status_codes` says, and as status 500 for the fallback.
 * - The next target is tried when the status is in `on_status_codes`, after the retries of the one before.
 * - `request_timeout` ends at the provider's headers and answers 408; a stream that stalls later is not cut.
 */
import { invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import type { GatewayPolicy, UpstreamProvider, UpstreamRoute } from "../driver.ts";
import type { ProbeAnswer } from "../http-probe.ts";
import { firstProvider } from "../routes.ts";
import { awsRegion, azureApiVersion, vertexLocation, vertexProject } from "../upstream-settings.ts";

export interface PortkeyConfig {
  readonly strategy: { readonly mode: "fallback"; readonly on_status_codes: readonly number[] };
  readonly retry?: { readonly attempts: number; readonly on_status_codes: readonly number[] };
  readonly request_timeout?: number;
  readonly targets: readonly PortkeyTarget[];
}

/** One provider: its name and address, and what its dialect needs beside. */
type PortkeyTarget = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/**
 * Node refuses a request whose headers exceed 16 KiB in all with 431 (nodejs.org, cli `--max-http-header-size`); the
 * rest is left to the client's own headers.
 */
export const configHeaderBytesMax = 12_288;

/** Headers that carry the route of one model. Throws when a provider cannot be expressed or the header grows too long. */
export function portkeyHeaders(route: UpstreamRoute, policy: GatewayPolicy): Readonly<Record<string, string>> {
  const header = asciiJson(portkeyConfig(route, policy));
  if (header.length > configHeaderBytesMax) {
    throw invalidInput(
      `the route of model "${route.model}" needs ${header.length} bytes in Portkey's config header; at most ${configHeaderBytesMax} fit`,
      { code: "portkey-config-too-long", hint: `it lists ${route.providers.length} providers; list fewer` },
    );
  }
  return { "x-portkey-config": header };
}

export function portkeyConfig(route: UpstreamRoute, policy: GatewayPolicy): PortkeyConfig {
  firstProvider(route);
  const on_status_codes = policy.retryOn;
  return {
    strategy: { mode: "fallback", on_status_codes },
    ...(policy.retries > 0 ? { retry: { attempts: policy.retries, on_status_codes } } : {}),
    ...(policy.requestTimeoutMs === undefined ? {} : { request_timeout: policy.requestTimeoutMs }),
    targets: route.providers.map((provider) => portkeyTarget(provider, route.model)),
  };
}

/**
 * Addresses and settings of each dialect (Portkey 1.15.2, src/providers; test/gateways/dialects.test.ts). `custom_host` takes the
 * place of the provider's base URL, with as much of the path as Portkey takes for granted.
 */
function portkeyTarget(provider: UpstreamProvider, routeModel: string): PortkeyTarget {
  const { apiKey: api_key, dialect } = provider;
  const base = provider.baseUrl.replace(/\/+$/, "");
  const model = provider.model ?? routeModel;
  const renamed = model === routeModel ? {} : { override_params: { model } };
  switch (dialect) {
    case "openai":
      return { provider: "openai", api_key, custom_host: base, ...renamed };
    case "azure-openai":
      return {
        provider: "azure-openai",
        api_key,
        custom_host: `${base}/openai`,
        deployment_id: model,
        api_version: azureApiVersion,
        ...renamed,
      };
    case "anthropic":
      return { provider: "anthropic", api_key, custom_host: `${base}/v1`, ...renamed };
    case "bedrock":
      return {
        provider: "bedrock",
        custom_host: base,
        aws_region: awsRegion,
        aws_access_key_id: api_key,
        aws_secret_access_key: api_key,
        ...renamed,
      };
    case "gemini":
      return { provider: "google", api_key, custom_host: base, ...renamed };
    case "vertex":
      return {
        provider: "vertex-ai",
        api_key,
        custom_host: base,
        vertex_project_id: vertexProject,
        vertex_region: vertexLocation,
        ...renamed,
      };
    default:
      return assertNever(dialect);
  }
}

/**
 * Hosts that Portkey may be sent to beyond public ones, for its variable TRUSTED_CUSTOM_HOSTS. Its default list holds
 * loopback only; this one holds exactly the policy's hosts.
 */
export function trustedHosts(policy: GatewayPolicy): string {
  const hosts = policy.routes.flatMap((route) => route.providers.map((provider) => new URL(provider.baseUrl).hostname));
  return [...new Set(hosts)].join(",");
}

/** `GET /` answers 200 `AI Gateway says hey!` (Portkey 1.15.2). */
export function portkeyAnswers(answer: ProbeAnswer | undefined): boolean {
  return answer?.status === 200 && answer.text.includes("AI Gateway");
}

/** Header values are bytes; other characters travel as JSON escapes. */
function asciiJson(value: PortkeyConfig): string {
  return JSON.stringify(value).replaceAll(
    /[^\u0020-\u007e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
