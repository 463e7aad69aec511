import { afterEach, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../gateways/child/loopback-port.ts";
import { urlDriver } from "../../../gateways/url/driver.ts";
import { gatewayBaseUrl } from "../../../gateways/url/policy.ts";
import { testModel, testPolicy, testProvider, testStart } from "../policies.ts";
import { scriptedUpstream } from "../scripted-upstream.ts";

describe("url", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000/v1"],
    ["https://gateway.example/", "https://gateway.example/v1"],
    ["http://127.0.0.1:4000/openai/v1/", "http://127.0.0.1:4000/openai/v1"],
  ])("reads %s as base URL %s", (text, expected) => {
    expect(gatewayBaseUrl(text)).toBe(expected);
  });

  it.each([
    ["ftp://host/v1", "ftp://host/v1"],
    ["http://", "http://"],
    ["http://host/v1?key=1", "http://host/v1?key=1"],
    ["http://ann:secret@host/v1", "http://…@host/v1"],
    ["http://ann@host/v1", "http://…@host/v1"],
  ])("refuses %s", (text, shown) => {
    expect(() => gatewayBaseUrl(text)).toThrow(
      expect.objectContaining({
        code: "gateway-url",
        exitCode: 2,
        message: expect.stringContaining(`"${shown}" cannot`),
      }),
    );
  });

  it("sends the key of the route's provider, unless the environment names the gateway's own", async () => {
    const upstream = await scriptedUpstream();
    const start = testStart(testPolicy([testProvider("a")]));
    const gateway = await urlDriver(upstream.baseUrl).start(start);
    const url = `${upstream.baseUrl}/chat/completions`;
    expect(gateway.call(testModel)).toEqual({ url, headers: { authorization: "Bearer key-a" } });
    vi.stubEnv("SQUALL_GATEWAY_API_KEY", "own");
    const other = await urlDriver(upstream.baseUrl).start(start);
    expect(other.call(testModel)).toEqual({ url, headers: { authorization: "Bearer own" } });
    expect(await gateway.healthy()).toBe(true);
    await upstream.close();
    expect(await gateway.healthy()).toBe(false);
  });

  it("gives up when nothing answers there", async () => {
    const start = testStart(testPolicy([testProvider("a")]), { readyTimeoutMs: 1 });
    await expect(urlDriver(`http://127.0.0.1:${await freePort()}`).start(start)).rejects.toMatchObject({
      code: "gateway-not-ready",
      exitCode: 5,
      message: expect.stringMatching(/^nothing answered at http:\/\/127\.0\.0\.1:\d+\/v1 within 1 ms$/),
    });
  });
});
