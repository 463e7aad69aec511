import { describe, expect, it } from "vitest";
import { ownWays, tensorzeroConfig } from "../../../gateways/tensorzero/policy.ts";
import { testModel, testPolicy, testProvider } from "../policies.ts";

const [a, b] = [testProvider("a"), testProvider("b")];

describe("tensorzero policy", () => {
  it("asks the providers of a model in order, each with its own key from the environment", () => {
    const { toml, env, names } = tensorzeroConfig(testPolicy([a, b]));
    expect(toml).toContain('[models.model_0]\nrouting = ["provider_0","provider_1"]');
    expect(toml).toContain(`[models.model_0.providers.provider_1]\ntype = "openai"\nmodel_name = "${testModel}"`);
    expect(toml).toContain(`api_base = "${b.baseUrl}/"\napi_key_location = "env::SQUALL_UPSTREAM_KEY_1"`);
    expect(env).toEqual({ SQUALL_UPSTREAM_KEY_0: "key-a", SQUALL_UPSTREAM_KEY_1: "key-b" });
    expect(names.get(testModel)).toBe("tensorzero::function_name::model_0");
    expect(toml).not.toContain("key-a");
  });

  it("retries in the model's function, and only when the policy does", () => {
    const only = '[functions.model_0.variants.only]\ntype = "chat_completion"\nmodel = "model_0"\n';
    expect(tensorzeroConfig(testPolicy([a])).toml).toMatch(new RegExp(`${escaped(only)}$`));
    expect(tensorzeroConfig(testPolicy([a], { retries: 2 })).toml).toContain(`${only}retries.num_retries = 2\n`);
  });

  it("limits calls in whole milliseconds", () => {
    const { toml } = tensorzeroConfig(testPolicy([a], { requestTimeoutMs: 333.4 }));
    expect(toml).toContain("timeouts.non_streaming.total_ms = 334\ntimeouts.streaming.ttft_ms = 334\n");
  });

  it.each([
    { dialect: "azure-openai", lines: 'type = "azure"\ndeployment_id = "m1"\nendpoint = "http://m/p"' },
    { dialect: "anthropic", lines: 'type = "anthropic"\nmodel_name = "m1"\napi_base = "http://m/p/v1/"' },
    {
      dialect: "bedrock",
      lines: 'type = "aws_bedrock"\nmodel_id = "m1"\nregion = "us-east-1"\nendpoint_url = "http://m/p"',
    },
  ] as const)("tells where $dialect is, in TensorZero's words", ({ dialect, lines }) => {
    const provider = { ...testProvider("p", "http://m/p"), dialect, model: "m1" };
    expect(tensorzeroConfig(testPolicy([provider])).toml).toContain(lines);
  });

  it.each(["gemini", "vertex"] as const)("refuses %s, whose address it cannot be told", (dialect) => {
    const provider = { ...testProvider("p"), dialect };
    expect(() => tensorzeroConfig(testPolicy([provider]))).toThrow(
      expect.objectContaining({ code: "dialect-not-routed", exitCode: 3 }),
    );
  });

  it("owns up to what it does whatever the status", () => {
    expect(ownWays(testPolicy([a]))).toEqual([]);
    expect(ownWays(testPolicy([a, b], { retries: 1 }))).toHaveLength(2);
  });
});

function escaped(text: string): string {
  return text.replaceAll(/[[\].]/g, String.raw`\$&`);
}
