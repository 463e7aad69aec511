import { describe, expect, it } from "vitest";
import { litellmConfig, ownWays } from "../../../gateways/litellm/policy.ts";
import { testModel, testPolicy, testProvider } from "../policies.ts";

const [a, b, c] = [testProvider("a"), testProvider("b"), testProvider("c")];

describe("litellm policy", () => {
  it("makes each provider a group of its own, and falls back from the first to the others in order", () => {
    const config = litellmConfig(testPolicy([a, b, c]), "sk-master", false);
    expect(config.model_list.slice(0, 3)).toMatchObject([
      {
        model_name: testModel,
        litellm_params: { model: `openai/${testModel}`, api_base: a.baseUrl, api_key: "key-a" },
      },
      { model_name: `${testModel}~1`, litellm_params: { api_base: b.baseUrl } },
      { model_name: `${testModel}~2`, litellm_params: { api_base: c.baseUrl } },
    ]);
    expect(config.router_settings["fallbacks"]).toEqual([{ [testModel]: [`${testModel}~1`, `${testModel}~2`] }]);
    expect(config.general_settings).toMatchObject({ master_key: "sk-master" });
  });

  it("says how often to retry, which is twice unless it is told", () => {
    expect(litellmConfig(testPolicy([a]), "k", false).router_settings).toMatchObject({ num_retries: 0 });
    expect(litellmConfig(testPolicy([a], { retries: 3 }), "k", false).router_settings).toMatchObject({
      num_retries: 3,
    });
  });

  it("turns off retries for the statuses that the policy leaves out, as far as LiteLLM tells them apart", () => {
    const { router_settings } = litellmConfig(testPolicy([a], { retryOn: [429, 503] }), "k", false);
    expect(router_settings["retry_policy"]).toEqual({ TimeoutErrorRetries: 0, InternalServerErrorRetries: 0 });
  });

  it("gives the time limit of a call in seconds", () => {
    const { model_list } = litellmConfig(testPolicy([a], { requestTimeoutMs: 1_500 }), "k", false);
    expect(model_list[0]?.litellm_params["timeout"]).toBe(1.5);
  });

  it("serves metrics only when it is asked to", () => {
    expect(litellmConfig(testPolicy([a]), "k", false).litellm_settings).toEqual({});
    expect(litellmConfig(testPolicy([a]), "k", true).litellm_settings).toMatchObject({ callbacks: ["prometheus"] });
  });

  it.each([
    { dialect: "azure-openai", params: { model: "azure/m1", api_base: "http://m/p", api_version: "2024-10-21" } },
    { dialect: "anthropic", params: { model: "anthropic/m1", api_base: "http://m/p" } },
    { dialect: "bedrock", params: { model: "bedrock/converse/m1", aws_bedrock_runtime_endpoint: "http://m/p" } },
    { dialect: "gemini", params: { model: "gemini/m1", api_base: "http://m/p/v1beta" } },
    {
      dialect: "vertex",
      params: { api_base: "http://m/p/v1/projects/squall/locations/us-central1/publishers/google/models/m1" },
    },
  ] as const)(
    "tells where $dialect is, in LiteLLM's words, and what the model is called there",
    ({ dialect, params }) => {
      const provider = { ...testProvider("p", "http://m/p/"), dialect, model: "m1" };
      const { model_list } = litellmConfig(testPolicy([provider]), "k", false);
      expect(model_list[0]).toMatchObject({ model_name: testModel, litellm_params: params });
    },
  );

  it("lets a service account of nobody ask the mock for Vertex AI's tokens", () => {
    const provider = { ...testProvider("p", "http://m/p"), dialect: "vertex" as const };
    const { model_list } = litellmConfig(testPolicy([provider]), "k", false);
    const account = JSON.parse(String(model_list[0]?.litellm_params["vertex_credentials"]));
    expect(account).toMatchObject({ type: "service_account", token_uri: "http://m/p/token" });
    expect(account.client_email).toMatch(/^key-p@/);
  });

  it("refuses Claude on Vertex AI, which it would look for at another address", () => {
    const provider = { ...testProvider("p"), dialect: "vertex" as const, model: "claude-sonnet-4-6" };
    expect(() => litellmConfig(testPolicy([provider]), "k", false)).toThrow(
      expect.objectContaining({ code: "dialect-not-routed", exitCode: 3 }),
    );
  });

  it("owns up to falling back whatever the status, where there is somebody to fall back to", () => {
    expect(ownWays(testPolicy([a]))).toEqual([]);
    expect(ownWays(testPolicy([a, b]))).toEqual(["falls back after any failure, whatever its status"]);
  });
});
