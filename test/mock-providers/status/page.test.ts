import { describe, expect, it } from "vitest";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import {
  chatBody,
  hourlyKey,
  type MockUnderTest,
  mockUnderTest,
  testConfig,
  testProvider,
} from "../mock-under-test.ts";

async function page({ url }: MockUnderTest): Promise<string> {
  const answer = await fetch(`${url}/`);
  expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
  return await answer.text();
}

describe("the page for humans", () => {
  it("says at first that all limits are whole, nothing is wrong and nobody has called", async () => {
    const shown = await page(await mockUnderTest());
    expect(shown).toContain("limits are whole.");
    expect(shown).toContain("Nothing is wrong, and nothing will be.");
    expect(shown).toContain("Nobody has called yet.");
  });

  it("shows a used-up limit as a full meter with what is used, and the refused call with its reason", async () => {
    const mock = await mockUnderTest();
    for (let call = 0; call < 4; call++) await (await mock.chat(chatBody("hello"), { key: hourlyKey })).text();
    const shown = await page(mock);
    expect(shown).toMatch(
      /<div class="bar full" role="meter" aria-label="requests of \d+ models for sk-\.\.\.urly at openai"/,
    );
    expect(shown).toContain("<b>3</b> of 3");
    expect(shown).toContain('429 rate-limited</span> <span class="muted">rate_limit_exceeded</span>');
  });

  it("shows what the calls would have cost", async () => {
    const mock = await mockUnderTest();
    await (await mock.chat(chatBody("[sq l a in=1000 cached=0 out=1000] x"))).text();
    // gpt-4o-mini: 0.15 and 0.60 dollars per million tokens.
    expect(await page(mock)).toContain("$0.000750 so far, if this were real");
  });

  it("has a button per provider and fault, which the control API does what it says with, on and off", async () => {
    const mock = await mockUnderTest();
    const add = { fault: { provider: "openai", kind: "outage" } };
    expect(await page(mock)).toContain(`aria-pressed="false" data-action="${markup(JSON.stringify({ add }))}">Outage`);
    expect((await mock.control("POST", "faults", add)).status).toBe(201);
    const pressed = await page(mock);
    expect(pressed).toContain(`aria-pressed="true" data-action="${markup(JSON.stringify({ remove: 1 }))}">Outage`);
    expect((await mock.chat(chatBody("hello"))).status).toBe(503);
    expect((await mock.control("DELETE", "faults?id=1")).status).toBe(204);
    expect((await mock.control("DELETE", "faults?id=1")).status).toBe(404);
    expect((await mock.chat(chatBody("hello"))).status).toBe(200);
  });

  it("shows faults that are yet to come, and leaves out those that are over", async () => {
    const mock = await mockUnderTest();
    await mock.control("POST", "faults", [
      { at: "1h", for: "5m", fault: { provider: "openai", kind: "overload" } },
      { at: "0s", for: "1ms", fault: { provider: "openai", kind: "latency", factor: 7 } },
    ]);
    const shown = await page(mock);
    expect(shown).toContain('<span class="phase waiting">waiting</span>');
    expect(shown).toContain("from 1 h 0 min for 5 min 0 s");
    expect(shown).not.toContain("&#34;factor&#34;:7");
  });

  it("takes what clients send for text, not for markup", async () => {
    const mock = await mockUnderTest();
    await (await mock.chat({ ...chatBody("hello"), model: "<script>alert(1)</script>" })).text();
    const shown = await page(mock);
    expect(shown).not.toContain("<script>alert(1)");
    expect(shown.match(/<script>/g)).toHaveLength(1);
  });

  it("may load nothing from elsewhere, and be framed by nobody", async () => {
    const { url } = await mockUnderTest();
    const policy = (await fetch(url)).headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(await (await fetch(url)).text()).not.toMatch(/(?:src|href)="https?:/);
  });

  it("lists forty limits at most, the fullest first, and counts the rest", async () => {
    const [known] = testProvider({}).models;
    const models = Array.from({ length: 60 }, (_, index) => ({ ...(known as ModelSpec), model: `m-${index}` }));
    const mock = await mockUnderTest(testConfig({ providers: [testProvider({ models })] }));
    const status: { readonly limits: readonly object[]; readonly limitsLeftOut: number } = JSON.parse(
      await (await mock.control("GET", "status")).text(),
    );
    expect(status.limits).toHaveLength(40);
    expect(status.limitsLeftOut).toBeGreaterThan(0);
  });
});

function markup(text: string): string {
  return text.replaceAll('"', "&#34;");
}
