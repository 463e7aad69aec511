import { describe, expect, it } from "vitest";
import { directDriver } from "../../../gateways/direct/driver.ts";
import { testModel, testPolicy, testProvider, testStart } from "../policies.ts";

describe("direct", () => {
  it("calls the first provider of the route with its own key", async () => {
    const gateway = await directDriver.start(testStart(testPolicy([testProvider("a"), testProvider("b")])));
    expect(gateway.call(testModel)).toEqual({
      url: "http://127.0.0.1:9100/a/v1/chat/completions",
      headers: { authorization: "Bearer key-a" },
    });
    expect(gateway.description).toBe("direct");
    expect(await gateway.healthy()).toBe(true);
    expect(await gateway.usage()).toBeUndefined();
    await gateway.stop(0);
  });

  it("says which parts of the policy nobody carries out", async () => {
    const told: string[] = [];
    const policy = testPolicy([testProvider("a"), testProvider("b")], { retries: 2, requestTimeoutMs: 100 });
    await directDriver.start(testStart(policy, { onProgress: (text) => told.push(text) }));
    expect(told).toEqual(["no gateway, so nobody does retries (2), fallbacks, the gateway's request timeout"]);
  });

  it("says nothing when the policy asks for nothing", async () => {
    const onProgress = (): void => expect.unreachable("nothing to tell");
    await directDriver.start(testStart(testPolicy([testProvider("a")]), { onProgress }));
  });

  it("refuses a provider whose dialect clients do not speak", async () => {
    const foreign = { ...testProvider("a"), dialect: "bedrock" as const };
    await expect(directDriver.start(testStart(testPolicy([foreign])))).rejects.toMatchObject({
      code: "dialect-not-routed",
    });
  });

  it("names the models that have a route when asked for another", async () => {
    const gateway = await directDriver.start(testStart(testPolicy([testProvider("a")])));
    expect(() => gateway.call("gpt-9")).toThrow('no route for model "gpt-9"; routes: gpt-4o-mini');
  });
});
