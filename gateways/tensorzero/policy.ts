/**
 * A policy as TensorZero takes it: one configuration file (TOML), read at the start, with keys from the environment.
 *
 * What TensorZero makes of it (2026.6.0; measured, test/gateways/tensorzero):
 * - Each model has its providers in `routing`, asked in this order after any failure.
 * - Retries belong to a function, so each model has a function of its own. They repeat the whole order of providers, after any failure,
 *   400 included, and wait about 1 and 3 s, jittered; `retry-after` is ignored.
 * - Every failure upstream reaches the client as 502.
 */
import { invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import type { GatewayPolicy, UpstreamProvider, UpstreamRoute } from "../driver.ts";
import { firstProvider } from "../routes.ts";
import { awsRegion } from "../upstream-settings.ts";

export interface TensorzeroConfig {
  readonly toml: string;
  /** Variables that hold the providers' keys. */
  readonly env: Readonly<Record<string, string>>;
  /** What a client asks for, by the model's own name. */
  readonly names: ReadonlyMap<string, string>;
}

/** Longest wait between two retries, seconds. */
const retryWaitMax = 4;

/** Throws when a provider cannot be expressed. */
export function tensorzeroConfig(policy: GatewayPolicy): TensorzeroConfig {
  const env: Record<string, string> = {};
  const keyVariable = (provider: UpstreamProvider): string => {
    const name = `SQUALL_UPSTREAM_KEY_${Object.keys(env).length}`;
    env[name] = provider.apiKey;
    return name;
  };
  const tables = policy.routes.map((route, index) => routeTables(route, `model_${index}`, policy, keyVariable));
  const head = "[gateway]\nobservability.enabled = false\ndisable_pseudonymous_usage_analytics = true\n";
  const names = policy.routes.map(({ model }, index) => [model, `tensorzero::function_name::model_${index}`] as const);
  return { toml: [head, ...tables].join("\n"), env, names: new Map(names) };
}

/** What of the policy TensorZero does in its own way, in words; empty when nothing. */
export function ownWays(policy: GatewayPolicy): readonly string[] {
  const fallsBack = policy.routes.some(({ providers }) => providers.length > 1);
  return [
    ...(policy.retries > 0 ? ["retries after any failure, whatever its status"] : []),
    ...(fallsBack ? ["falls back after any failure, whatever its status"] : []),
  ];
}

function routeTables(
  route: UpstreamRoute,
  id: string,
  policy: GatewayPolicy,
  keyVariable: (provider: UpstreamProvider) => string,
): string {
  firstProvider(route);
  const ids = route.providers.map((_, index) => `provider_${index}`);
  const providers = route.providers.map((provider, index) => {
    const settings = { ...providerSettings(provider, provider.model ?? route.model, keyVariable(provider)) };
    return table(`models.${id}.providers.${ids[index]}`, { ...settings, ...timeouts(policy) });
  });
  return [
    table(`models.${id}`, { routing: ids }),
    ...providers,
    table(`functions.${id}`, { type: "chat" }),
    table(`functions.${id}.variants.only`, {
      type: "chat_completion",
      model: id,
      ...(policy.retries === 0 ? {} : { "retries.num_retries": policy.retries, "retries.max_delay_s": retryWaitMax }),
    }),
  ].join("\n");
}

function timeouts({ requestTimeoutMs }: GatewayPolicy): Readonly<Record<string, number>> {
  return requestTimeoutMs === undefined
    ? {}
    : {
        "timeouts.non_streaming.total_ms": Math.ceil(requestTimeoutMs),
        "timeouts.streaming.ttft_ms": Math.ceil(requestTimeoutMs),
      };
}

/** Addresses and settings of each dialect (measured; test/gateways/dialects.test.ts). Those of Google take no address. */
function providerSettings(provider: UpstreamProvider, model: string, keyVariable: string): TomlTable {
  const base = provider.baseUrl.replace(/\/+$/, "");
  const api_key_location = `env::${keyVariable}`;
  switch (provider.dialect) {
    case "openai":
      return { type: "openai", model_name: model, api_base: `${base}/`, api_key_location };
    case "azure-openai":
      return { type: "azure", deployment_id: model, endpoint: base, api_key_location };
    case "anthropic":
      return { type: "anthropic", model_name: model, api_base: `${base}/v1/`, api_key_location };
    case "bedrock":
      return {
        type: "aws_bedrock",
        model_id: model,
        region: awsRegion,
        endpoint_url: base,
        access_key_id: api_key_location,
        secret_access_key: api_key_location,
      };
    case "gemini":
    case "vertex":
      throw invalidInput(`tensorzero: provider "${provider.name}" speaks dialect "${provider.dialect}"`, {
        code: "dialect-not-routed",
        hint: "simulate it; dialects routed through TensorZero live: openai, azure-openai, anthropic, bedrock",
      });
    default:
      return assertNever(provider.dialect);
  }
}

type TomlTable = Readonly<Record<string, string | number | readonly string[]>>;

/** Strings, numbers and lists of strings are written in TOML as in JSON (toml.io, v1.0.0). */
function table(name: string, entries: TomlTable): string {
  const lines = Object.entries(entries).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  return `[${name}]\n${lines.join("\n")}\n`;
}
