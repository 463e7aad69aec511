/** The limiter's own cases, as far as they can be told on a wall clock, over HTTP. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { LimiterCall } from "../../behavior/quota/openai-cases.ts";
import { openAiCases } from "../../behavior/quota/openai-cases.ts";
import { type MockUnderTest, mockUnderTest, testConfig, testProvider } from "../../mock-providers/mock-under-test.ts";

const live = openAiCases.filter((one) => one.live);

/** The default of `LimiterCall`. */
const usualKey = "key";
const usualModel = "gpt-4o-mini";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly error: { readonly message: string; readonly type: string; readonly code: string | null } | undefined;
}

async function send(mock: MockUnderTest, call: LimiterCall): Promise<Answer> {
  const body = {
    model: call.model ?? usualModel,
    messages: [{ role: "user", content: "x".repeat(call.characters ?? 0) }],
    ...(call.maxTokens === undefined ? {} : { max_tokens: call.maxTokens }),
  };
  const response = await mock.chat(body, { key: call.apiKey ?? usualKey });
  const parsed = (await response.json()) as { readonly error?: NonNullable<Answer["error"]> };
  return { status: response.status, headers: response.headers, error: parsed.error };
}

const refusals = {
  "request-too-large": { status: 429, type: "tokens", code: "rate_limit_exceeded" },
  "insufficient-quota": { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
  "unknown-key": { status: 401, type: "invalid_request_error", code: "invalid_api_key" },
  "unknown-model": { status: 404, type: "invalid_request_error", code: "model_not_found" },
} as const;

function check(answer: Answer, { expect: expected }: LimiterCall): void {
  if (expected.outcome === "admitted") {
    expect(answer.error).toBeUndefined();
    expect(answer.status).toBe(200);
  } else if (expected.outcome === "rate-limit") {
    expect(answer.status).toBe(429);
    expect(answer.error?.code).toBe("rate_limit_exceeded");
    expect(answer.error?.message).toContain(` on ${expected.label}: Limit `);
    expect(Number(answer.headers.get("retry-after-ms"))).toBeGreaterThan(0);
  } else {
    const { status, ...error } = refusals[expected.outcome];
    expect(answer.status).toBe(status);
    expect(answer.error).toMatchObject(error);
  }
}

describe("OpenAI's limiter, live", () => {
  it("has cases that can be told on a wall clock", () => {
    expect(live.length).toBeGreaterThan(5);
  });

  it.each(live)("$why", async ({ models, accounts, sliceMs, calls }) => {
    const mock = await mockUnderTest(testConfig({ providers: [testProvider({ models, keys: accounts, sliceMs })] }));
    let lastAtMs = 0;
    let toldMs = 0;
    for (const call of calls) {
      // A wall clock is never exact: who is to come back later also waits as long as the refusal has told.
      if (call.atMs > lastAtMs) await sleep(Math.max(call.atMs - lastAtMs, toldMs));
      lastAtMs = call.atMs;
      for (let time = 0; time < (call.times ?? 1); time++) {
        const answer = await send(mock, call);
        check(answer, call);
        toldMs = Number(answer.headers.get("retry-after-ms") ?? 0);
      }
    }
  });

  it("tells a key whose project has a limit of tokens what is left of that, too", async () => {
    const projectLimits = [
      { dimension: "tokens", amount: 1_000, perMs: 60_000, label: "tokens per min (TPM)" },
    ] as const;
    const keys = [
      { apiKey: "sk-web", organization: "o", project: "web", state: "active", projectLimits },
      { apiKey: "sk-none", organization: "o", state: "active" },
    ] as const;
    const mock = await mockUnderTest(testConfig({ timeScale: 1e-6, providers: [testProvider({ keys })] }));
    const told = async (key: string): Promise<readonly (string | null)[]> => {
      const { headers } = await send(mock, { atMs: 0, apiKey: key, maxTokens: 40, expect: { outcome: "admitted" } });
      return ["limit", "remaining", "reset"].map((part) => headers.get(`x-ratelimit-${part}-project-tokens`));
    };
    expect(await told("sk-web")).toEqual(["1000", "960", expect.stringMatching(/^\d+h\d+m[\d.]+s$/)]);
    expect(await told("sk-none")).toEqual([null, null, null]);
  });
});
