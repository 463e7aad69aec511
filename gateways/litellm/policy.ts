/**
 * A policy as LiteLLM takes it: one configuration file, read at the start.
 *
 * What LiteLLM makes of it (1.102.4; measured, test/gateways/litellm):
 * - Each provider of a route is a model group of its own, the first under the model's name, the others behind it as `fallbacks`.
 * - Unless told otherwise it retries twice. It waits min(8, 0.5 * 2^(k-1)) + U(0, 0.75) s before retry k, or what `retry-after` says if that
 *   is at most 60 s, and once more after the last failure.
 * - It has no list of statuses: 400, 404, 413, 422 and a lone deployment's 401 are never retried, and retries after 429, 500 and a
 *   timeout can be turned off. The next group is asked after any failure.
 * - A deployment cools down for 5 s: after one 401 or 404, in a group of several also after one 429.
 * - `timeout` ends a call and answers 408.
 */
import { generateKeyPairSync } from "node:crypto";
import { invalidInput } from "../../core/errors.ts";
import { assertNever } from "../../core/invariant.ts";
import { secondMs } from "../../core/time.ts";
import type { GatewayPolicy, UpstreamProvider, UpstreamRoute } from "../driver.ts";
import { firstProvider } from "../routes.ts";
import { awsRegion, azureApiVersion, vertexLocation, vertexProject } from "../upstream-settings.ts";

/** The configuration as JSON, which is YAML too. */
export interface LitellmConfig {
  readonly model_list: readonly Deployment[];
  readonly router_settings: Readonly<Record<string, unknown>>;
  readonly litellm_settings: Readonly<Record<string, unknown>>;
  readonly general_settings: Readonly<Record<string, unknown>>;
}

interface Deployment {
  readonly model_name: string;
  readonly litellm_params: Readonly<Record<string, string | number>>;
}

/** Answers without a provider, and fails without one: both ways through the proxy are loaded before anybody waits for them. */
export const warmUpModels = { answers: "squall-warm-up", fails: "squall-warm-up-failure" } as const;

/** Throws when a provider cannot be expressed. */
export function litellmConfig(policy: GatewayPolicy, masterKey: string, metrics: boolean): LitellmConfig {
  const fallbacks = policy.routes.flatMap(({ model, providers }) =>
    providers.length < 2 ? [] : [{ [model]: providers.slice(1).map((_, index) => groupName(model, index + 1)) }],
  );
  return {
    model_list: [...policy.routes.flatMap((route) => deployments(route, policy)), ...warmUps],
    router_settings: {
      num_retries: policy.retries,
      retry_policy: retryPolicy(policy),
      ...(fallbacks.length === 0 ? {} : { fallbacks }),
    },
    litellm_settings: metrics ? { callbacks: ["prometheus"], require_auth_for_metrics_endpoint: false } : {},
    // Only `x-*` headers; `traceparent` stays behind (measured).
    general_settings: { master_key: masterKey, forward_client_headers_to_llm_api: true },
  };
}

/** What of the policy LiteLLM does in its own way, in words; empty when nothing. */
export function ownWays(policy: GatewayPolicy): readonly string[] {
  const fallsBack = policy.routes.some(({ providers }) => providers.length > 1);
  return fallsBack ? ["falls back after any failure, whatever its status"] : [];
}

const warmUps: readonly Deployment[] = [
  {
    model_name: warmUpModels.answers,
    litellm_params: { model: "openai/squall", api_key: "none", mock_response: "warm" },
  },
  {
    // Nothing listens on port 9 (discard) of loopback.
    model_name: warmUpModels.fails,
    litellm_params: { model: "openai/squall", api_key: "none", api_base: "http://127.0.0.1:9/v1" },
  },
];

function deployments(route: UpstreamRoute, { requestTimeoutMs }: GatewayPolicy): readonly Deployment[] {
  firstProvider(route);
  const timeout = requestTimeoutMs === undefined ? {} : { timeout: requestTimeoutMs / secondMs };
  return route.providers.map((provider, index) => ({
    model_name: groupName(route.model, index),
    litellm_params: { ...providerParams(provider, provider.model ?? route.model), ...timeout },
  }));
}

/** `gpt-4o`, then `gpt-4o~1` for the provider that is asked second. */
function groupName(model: string, index: number): string {
  return index === 0 ? model : `${model}~${index}`;
}

/** Statuses of which LiteLLM has a class with a number of retries of its own, where the policy has no retry for them. */
function retryPolicy({ retryOn }: GatewayPolicy): Readonly<Record<string, number>> {
  const classes: readonly (readonly [status: number, name: string])[] = [
    [408, "TimeoutErrorRetries"],
    [429, "RateLimitErrorRetries"],
    [500, "InternalServerErrorRetries"],
  ];
  return Object.fromEntries(classes.flatMap(([status, name]) => (retryOn.includes(status) ? [] : [[name, 0]])));
}

/** Addresses and settings of each dialect (measured; test/gateways/dialects.test.ts). */
function providerParams(provider: UpstreamProvider, model: string): Readonly<Record<string, string>> {
  const { apiKey: api_key, dialect } = provider;
  const api_base = provider.baseUrl.replace(/\/+$/, "");
  switch (dialect) {
    case "openai":
      return { model: `openai/${model}`, api_base, api_key };
    case "azure-openai":
      return { model: `azure/${model}`, api_base, api_key, api_version: azureApiVersion };
    case "anthropic":
      return { model: `anthropic/${model}`, api_base, api_key };
    case "bedrock":
      return {
        model: `bedrock/converse/${model}`,
        aws_bedrock_runtime_endpoint: api_base,
        aws_access_key_id: api_key,
        aws_secret_access_key: api_key,
        aws_region_name: awsRegion,
      };
    case "gemini":
      // It adds no version to the path.
      return { model: `gemini/${model}`, api_base: `${api_base}/v1beta`, api_key };
    case "vertex":
      return {
        ...vertexParams(provider, model),
        vertex_project: vertexProject,
        vertex_location: vertexLocation,
      };
    default:
      return assertNever(dialect);
  }
}

/** The base has to be the whole path of a resource, and the key a service account's, whose tokens the mock gives out. */
function vertexParams({ name, baseUrl, apiKey }: UpstreamProvider, model: string): Readonly<Record<string, string>> {
  if (model.startsWith("claude")) {
    throw invalidInput(`litellm: provider "${name}" serves model "${model}" on Vertex AI`, {
      code: "dialect-not-routed",
      hint: "models of Google are routed through LiteLLM on Vertex AI; simulate others, or take them from Anthropic or Bedrock",
    });
  }
  const base = baseUrl.replace(/\/+$/, "");
  const resource = `projects/${vertexProject}/locations/${vertexLocation}/publishers/google/models/${model}`;
  return {
    model: `vertex_ai/${model}`,
    api_base: `${base}/v1/${resource}`,
    vertex_credentials: serviceAccount(`${base}/token`, apiKey),
  };
}

/** Credentials as Google's console gives them out, with a key of nobody: mocks cannot check signatures. */
function serviceAccount(tokenUri: string, apiKey: string): string {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return JSON.stringify({
    type: "service_account",
    project_id: vertexProject,
    private_key_id: "squall",
    private_key: privateKey,
    client_email: `${apiKey}@${vertexProject}.iam.gserviceaccount.com`,
    token_uri: tokenUri,
  });
}
