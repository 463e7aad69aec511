import { describe, expect, it } from "vitest";
import { gatewayProfile, gatewayProfileNames } from "../../../behavior/gateway-profiles/profiles.ts";
import { gatewayNames } from "../../../gateways/drivers.ts";
import { litellmVersion } from "../../../gateways/litellm/install.ts";
import { portkeyVersion } from "../../../gateways/portkey/install.ts";
import { tensorzeroVersion } from "../../../gateways/tensorzero/install.ts";

describe("gatewayProfile", () => {
  it("has a profile for every gateway that Squall can drive", () => {
    expect(gatewayProfileNames).toEqual(gatewayNames);
    for (const name of gatewayNames) expect(gatewayProfile(name).name).toBe(name);
  });

  it("was measured on the very version that is installed", () => {
    expect(gatewayProfile("portkey").version).toBe(portkeyVersion);
    expect(gatewayProfile("litellm").version).toBe(litellmVersion);
    expect(gatewayProfile("tensorzero").version).toBe(tensorzeroVersion);
  });

  it("costs nothing without a gateway", () => {
    const { requestCpuMs, chunkCpuMs, endCpuMs, firstChunkDelayMs, networkMs } = gatewayProfile("direct");
    expect([requestCpuMs, chunkCpuMs, endCpuMs, firstChunkDelayMs, networkMs]).toEqual([0, 0, 0, 0, 0]);
  });

  it("refuses a gateway without a profile and names those that have one", () => {
    expect(() => gatewayProfile("http://127.0.0.1:4000")).toThrow(
      expect.objectContaining({
        code: "no-gateway-profile",
        exitCode: 3,
        message: expect.stringContaining("portkey, litellm, tensorzero, direct"),
      }),
    );
  });
});
