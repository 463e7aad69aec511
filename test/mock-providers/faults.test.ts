/** Faults as the control API takes and tells them. */
import { describe, expect, it } from "vitest";
import type { ProviderAim } from "../../behavior/faults/schedule.ts";
import { SquallError } from "../../core/errors.ts";
import { faultInWords } from "../../mock-providers/config-words.ts";
import { parseFaults } from "../../mock-providers/fault-words.ts";
import { mockUnderTest, testConfig, testProvider } from "./mock-under-test.ts";

const providers: readonly ProviderAim[] = [{ name: "openai", region: "eu-west" }, { name: "spare" }];

const everyKind = [
  "{ provider: openai, kind: outage, how: reset, share: 10%, key: sk-a, model: gpt-4o }",
  "{ region: eu-west, kind: region-down, how: timeout }",
  "{ provider: openai, kind: error-rate, status: 502, retry-after: 2s }",
  "{ provider: openai, kind: rate-limit-storm, retry-after: 1500ms }",
  "{ provider: openai, kind: overload, shape: { ramp: 1m } }",
  "{ provider: openai, kind: quota-cut, to: 20%, shape: ramp }",
  "{ provider: openai, kind: latency, factor: 3, shape: { pulse: 20s, on: 25% } }",
  "{ provider: openai, kind: brownout, factor: 3, errors: 30%, shape: step }",
  "{ provider: openai, kind: slow-first-token, by: 5s }",
  "{ provider: openai, kind: stalled-stream, after: 50% }",
  "{ provider: openai, kind: cut-stream }",
  "{ provider: openai, kind: malformed-chunk, after: 0 }",
  "{ provider: openai, kind: truncated-stream, after: 100% }",
  "{ provider: openai, kind: error-event, error: rate-limit }",
  "{ provider: openai, kind: wrong-usage, factor: 2 }",
  "{ provider: openai, kind: connection, how: tls, wait: 300ms }",
  "{ provider: openai, kind: credential-revoked, key: sk-a }",
  "{ provider: openai, kind: content-filter }",
];

describe("a fault in words", () => {
  it.each(everyKind)("is read back as it was: %s", (fault) => {
    const [read] = parseFaults(`{ at: 3s, for: 10s, fault: ${fault} }`, 0, providers);
    if (read === undefined) throw new Error("nothing was read");
    expect(parseFaults(JSON.stringify(faultInWords(read)), 0, providers)).toEqual([read]);
  });

  it("begins now unless it says when", () => {
    expect(parseFaults("{ fault: { provider: openai, kind: overload } }", 1_234.5, providers)).toMatchObject([
      { atMs: 1_234.5, forMs: undefined, fault: { kind: "overload", share: 1 } },
    ]);
  });

  it.each([
    ["{ kind: latency, factor: 2 }", "fault.provider", /^is missing; needed is a provider or a region/],
    ["{ provider: opnai, kind: overload }", "fault.provider", /^is "opnai"; providers are openai, spare/],
    ["{ region: us, kind: region-down }", "fault.region", /^is "us"; regions of providers are eu-west/],
    ["{ provider: openai, kind: region-down }", "fault.region", /^is missing/],
    ["{ provider: openai, kind: quota-cut, to: 20%, share: 50% }", "fault.share", /unknown|known/],
    ["{ provider: openai, kind: latency, factor: 2, shape: bump }", "fault.shape", /^is "bump"; allowed is step, ramp/],
    ["{ provider: openai, kind: error-event, error: oops }", "fault.error", /^is "oops"; allowed is one of overloaded/],
  ])("is refused with what is wrong: %s", (fault, path, message) => {
    const problems = problemsOf(() => parseFaults(`{ fault: ${fault} }`, 0, providers));
    expect(problems).toMatchObject([{ path: expect.stringContaining(path), message: expect.stringMatching(message) }]);
  });
});

function problemsOf(attempt: () => unknown): SquallError["problems"] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof SquallError) return error.problems;
    throw error;
  }
  return [];
}

describe("faults of a running mock", () => {
  it("have ids, by which one is taken back while the others stay", async () => {
    const { control } = await mockUnderTest();
    const fault = (kind: string): object => ({ at: "0s", fault: { provider: "openai", kind } });
    const posted = await (await control("POST", "faults", [fault("overload"), fault("cut-stream")])).json();
    expect(posted).toMatchObject([{ id: 1 }, { id: 2 }]);
    expect((await control("DELETE", "faults?id=1")).status).toBe(204);
    expect(await (await control("GET", "faults")).json()).toEqual([{ id: 2, at: "0ms", fault: expect.anything() }]);
    expect((await control("DELETE", "faults?id=1")).status).toBe(404);
  });

  it("hit every provider of a region, and no other", async () => {
    const here = testProvider({ name: "here", region: "eu-west" });
    const there = testProvider({ name: "there", region: "us-east" });
    const { control, url } = await mockUnderTest(testConfig({ providers: [here, there] }));
    await control("POST", "faults", { fault: { region: "eu-west", kind: "region-down", how: "status" } });
    const statusAt = async (name: string): Promise<number> => {
      const answer = await fetch(`${url}/${name}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: "Bearer sk-squall-openai", "content-type": "application/json" },
        body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] }),
      });
      return answer.status;
    };
    expect([await statusAt("here"), await statusAt("there")]).toEqual([503, 200]);
  });

  it("cut limits, which the headers tell, and give them back", async () => {
    const [model] = testProvider({}).models;
    if (model === undefined) throw new Error("the provider has a model");
    const limited = { ...model, model: "gpt-4o-mini", requestsPerMinute: 100 };
    const { control, chat } = await mockUnderTest(testConfig({ providers: [testProvider({ models: [limited] })] }));
    const limitNow = async (): Promise<string | null> => {
      const answer = await chat({ model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }] });
      return answer.headers.get("x-ratelimit-limit-requests");
    };
    await control("POST", "faults", { fault: { provider: "openai", kind: "quota-cut", to: "20%" } });
    expect(await limitNow()).toBe("20");
    await control("DELETE", "faults");
    expect(await limitNow()).toBe("100");
  });
});
