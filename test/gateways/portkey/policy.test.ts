import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configHeaderBytesMax, portkeyConfig, portkeyHeaders, trustedHosts } from "../../../gateways/portkey/policy.ts";
import { testModel, testPolicy, testProvider } from "../policies.ts";

const a = testProvider("a");
const b = testProvider("b");
const routeTo = (...providers: readonly (typeof a)[]) => ({ model: testModel, providers });

describe("portkey policy", () => {
  it("names one target per provider in fallback order, each with its own key and base URL", () => {
    expect(portkeyConfig(routeTo(a, b), testPolicy([a, b]))).toEqual({
      strategy: { mode: "fallback", on_status_codes: [429, 500, 503] },
      targets: [
        { provider: "openai", api_key: "key-a", custom_host: "http://127.0.0.1:9100/a/v1" },
        { provider: "openai", api_key: "key-b", custom_host: "http://127.0.0.1:9100/b/v1" },
      ],
    });
  });

  it("asks for retries on the policy's statuses, and for none when the policy has none", () => {
    expect(portkeyConfig(routeTo(a), testPolicy([a], { retries: 2, retryOn: [529] })).retry).toEqual({
      attempts: 2,
      on_status_codes: [529],
    });
    expect(portkeyConfig(routeTo(a), testPolicy([a]))).not.toHaveProperty("retry");
  });

  it("passes the request timeout on", () => {
    expect(portkeyConfig(routeTo(a), testPolicy([a], { requestTimeoutMs: 1_500 })).request_timeout).toBe(1_500);
    expect(portkeyConfig(routeTo(a), testPolicy([a]))).not.toHaveProperty("request_timeout");
  });

  it("drops a slash at the end of a base URL, which Portkey would double", () => {
    const slashed = testProvider("a", "http://127.0.0.1:9100/v1/");
    expect(portkeyConfig(routeTo(slashed), testPolicy([slashed])).targets).toMatchObject([
      { custom_host: "http://127.0.0.1:9100/v1" },
    ]);
  });

  it.each([
    {
      dialect: "azure-openai",
      target: { provider: "azure-openai", custom_host: "http://m/p/openai", deployment_id: "m1" },
    },
    { dialect: "anthropic", target: { provider: "anthropic", custom_host: "http://m/p/v1", api_key: "key-p" } },
    { dialect: "bedrock", target: { provider: "bedrock", aws_access_key_id: "key-p", aws_secret_access_key: "key-p" } },
    { dialect: "gemini", target: { provider: "google", custom_host: "http://m/p", api_key: "key-p" } },
    { dialect: "vertex", target: { provider: "vertex-ai", custom_host: "http://m/p", vertex_region: "us-central1" } },
  ] as const)(
    "tells where $dialect is, in Portkey's words, and what the model is called there",
    ({ dialect, target }) => {
      const provider = { ...testProvider("p", "http://m/p"), dialect, model: "m1" };
      const [rendered] = portkeyConfig(routeTo(provider), testPolicy([provider])).targets;
      expect(rendered).toMatchObject({ ...target, override_params: { model: "m1" } });
    },
  );

  it("refuses a route without a provider", () => {
    expect(() => portkeyHeaders(routeTo(), testPolicy([]))).toThrow(expect.objectContaining({ code: "empty-route" }));
  });

  it("refuses a route too long for a header, before Node would answer 431", () => {
    const many = Array.from({ length: 150 }, (_, index) => testProvider(`provider-${index}`));
    expect(() => portkeyHeaders(routeTo(...many), testPolicy(many))).toThrow(
      expect.objectContaining({
        code: "portkey-config-too-long",
        message: expect.stringMatching(/needs \d{5} bytes in Portkey's config header; at most 12288 fit/),
      }),
    );
    const some = many.slice(0, 90);
    expect(portkeyHeaders(routeTo(...some), testPolicy(some))["x-portkey-config"]?.length).toBeLessThan(
      configHeaderBytesMax,
    );
  });

  it("writes any key as visible ASCII that parses back to the same key", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (apiKey) => {
        const provider = { ...a, apiKey };
        const header = portkeyHeaders(routeTo(provider), testPolicy([provider]))["x-portkey-config"] ?? "";
        expect(header).toMatch(/^[\u0020-\u007e]+$/);
        expect(JSON.parse(header).targets[0].api_key).toBe(apiKey);
      }),
      { seed: 7 },
    );
  });

  it("trusts the hosts of the policy, each once", () => {
    expect(trustedHosts(testPolicy([a, b, testProvider("c", "http://mock.internal:81/v1")]))).toBe(
      "127.0.0.1,mock.internal",
    );
  });
});
