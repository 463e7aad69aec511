import { describe, expect, it } from "vitest";
import { gatewayDriver, gatewayNames } from "../../gateways/drivers.ts";

describe("gatewayDriver", () => {
  it("finds every driver of the table under its own name", () => {
    expect(gatewayNames).toEqual(["portkey", "litellm", "tensorzero", "direct"]);
    for (const name of gatewayNames) expect(gatewayDriver(name).name).toBe(name);
  });

  it("takes a URL for a gateway that already runs there", () => {
    expect(gatewayDriver("http://127.0.0.1:4000/v1").name).toBe("url");
  });

  it("finds Portkey and LiteLLM in containers, and says which gateways can be had so", () => {
    expect(gatewayDriver("portkey", "docker")).toMatchObject({ name: "container", isRoutedPerRequest: true });
    expect(gatewayDriver("litellm", "docker").name).toBe("container");
    expect(gatewayDriver("litellm", "docker").isRoutedPerRequest).toBeUndefined();
    expect(() => gatewayDriver("tensorzero", "docker")).toThrow(
      expect.objectContaining({
        code: "no-container",
        exitCode: 2,
        message:
          "tensorzero cannot be run in containers: its package listens where nobody outside reaches it; allowed: portkey, litellm, or a YAML file with `container`",
      }),
    );
    expect(() => gatewayDriver("direct", "docker")).toThrow("direct cannot be run in containers; allowed: portkey");
  });

  it.each([
    { name: "portky", hint: "did you mean portkey?" },
    { name: "Direct", hint: "did you mean direct?" },
    { name: "kong", hint: "give the gateway's URL, such as http://127.0.0.1:4000/v1" },
  ])("refuses $name and says what is allowed", ({ name, hint }) => {
    expect(() => gatewayDriver(name)).toThrow(
      expect.objectContaining({
        code: "unknown-gateway",
        exitCode: 2,
        message: `unknown gateway "${name}"; allowed: portkey, litellm, tensorzero, direct, a URL or a YAML file`,
        hint,
      }),
    );
  });
});
