import { describe, expect, it } from "vitest";
import type { MockConfig } from "../../mock-providers/config.ts";
import { chatBody, hourlyKey, mockUnderTest, testConfig, testProvider } from "./mock-under-test.ts";

const west = testProvider({ name: "west", keys: [{ apiKey: "sk-west", organization: "org-west", state: "active" }] });
const both: MockConfig = testConfig({ providers: [testProvider({}), west] });

describe("adopting a configuration while serving", () => {
  it("keeps the quotas, the ledger and the journal of a provider of which nothing changed", async () => {
    const { server, chat, control, journal } = await mockUnderTest(both);
    for (let call = 0; call < 3; call++) expect((await chat(chatBody("hello"), { key: hourlyKey })).status).toBe(200);
    const changed = { ...west, sliceMs: 1_000 };
    expect(server.adopt({ ...both, providers: [testProvider({}), changed] })).toEqual({
      kept: ["openai"],
      changed: ["west"],
      added: [],
      removed: [],
    });
    expect((await chat(chatBody("hello"), { key: hourlyKey })).status).toBe(429);
    expect(await journal()).toHaveLength(4);
    expect(await (await control("GET", "ledger")).json()).toMatchObject([
      { provider: "openai", served: 3, refused: 1 },
      {},
    ]);
  });

  it("starts a provider over of which something changed, and says who came and went", async () => {
    const { server, chat } = await mockUnderTest(both);
    for (let call = 0; call < 3; call++) await chat(chatBody("hello"), { key: hourlyKey });
    const roomier = testProvider({ outputCharging: "reserved" });
    const east = testProvider({ name: "east" });
    expect(server.adopt({ ...both, providers: [roomier, east] })).toEqual({
      kept: [],
      changed: ["openai"],
      added: ["east"],
      removed: ["west"],
    });
    expect((await chat(chatBody("hello"), { key: hourlyKey })).status).toBe(200);
  });

  it("leaves faults switched on by hand while the timeline stays the same, and replaces all when it changes", async () => {
    const { server, chat, control } = await mockUnderTest(both);
    await control("POST", "faults", { fault: { provider: "openai", kind: "outage" } });
    server.adopt({ ...both, latencyScale: 0.001 });
    expect((await chat(chatBody("hello"))).status).toBe(503);
    const entry = { atMs: 3_600_000, forMs: undefined, fault: { ...outage, provider: "west" } } as const;
    server.adopt({ ...both, faults: [entry] });
    expect((await chat(chatBody("hello"))).status).toBe(200);
    expect(await (await control("GET", "faults")).json()).toMatchObject([{ fault: { provider: "west" } }]);
  });

  it("starts every provider over when the seed changes", async () => {
    const { server } = await mockUnderTest(both);
    expect(server.adopt({ ...both, seed: 99 })).toMatchObject({ kept: [], changed: ["openai", "west"] });
  });

  it("lets a stream that is under way end with the provider that admitted it", async () => {
    const { server, chat, journal } = await mockUnderTest({ ...both, latencyScale: 0.2 });
    const response = await chat(chatBody("[sq l a in=5 cached=0 out=30] x", { stream: true }));
    server.adopt({ ...both, latencyScale: 0.2, providers: [west] });
    expect((await response.text()).endsWith("data: [DONE]\n\n")).toBe(true);
    expect(await journal()).toMatchObject([{ provider: "openai", outcome: "ok" }]);
    expect((await chat(chatBody("hello"))).status).toBe(404);
  });
});

const outage = { model: undefined, share: 1, kind: "outage", how: "status", status: 503 } as const;
