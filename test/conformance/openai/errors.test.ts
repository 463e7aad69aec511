import {
  APIConnectionError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { describe, expect, it } from "vitest";
import { hourlyKey, testProvider } from "../../mock-providers/mock-under-test.ts";
import { openAiUnderTest } from "./client.ts";

const request = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "hi" }], max_tokens: 5 };

/** What a promise was refused with. */
async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("errors through the SDK", () => {
  it("are an AuthenticationError for a key that is not known, with the key masked", async () => {
    const { clientWith } = await openAiUnderTest();
    const error = await refusal(clientWith({ apiKey: "sk-somebody-elses-key" }).chat.completions.create(request));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: "invalid_api_key", type: "invalid_request_error", param: null });
    expect((error as AuthenticationError).message).toContain("Incorrect API key provided: sk-someb*********-key.");
    expect((error as AuthenticationError).headers?.get("www-authenticate")).toBe(`Bearer realm="OpenAI API"`);
    expect((error as AuthenticationError).requestID).toMatch(/^req_/);
  });

  it("are a NotFoundError for a model or a path that does not exist", async () => {
    const { client } = await openAiUnderTest();
    const model = await refusal(client.chat.completions.create({ ...request, model: "gpt-99" }));
    expect(model).toBeInstanceOf(NotFoundError);
    expect(model).toMatchObject({ code: "model_not_found" });
    const path = await refusal(client.files.list());
    expect(path).toBeInstanceOf(NotFoundError);
    expect((path as NotFoundError).message).toContain("Invalid URL (GET /v1/files)");
  });

  it("are a BadRequestError for what the service does not take", async () => {
    const { client } = await openAiUnderTest();
    const error = await refusal(client.chat.completions.create({ ...request, temperature: 3 }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, param: "temperature", code: "decimal_above_max_value" });
  });

  it("are a RateLimitError beyond the limit, with when to come back", async () => {
    const { clientWith } = await openAiUnderTest();
    const client = clientWith({ apiKey: hourlyKey });
    for (let call = 0; call < 3; call++) await client.chat.completions.create(request);
    const error = await refusal(client.chat.completions.create(request));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "requests" });
    const { headers, message } = error as RateLimitError;
    expect(message).toMatch(
      /Rate limit reached for gpt-4o-mini in organization org-hourly on requests per min \(RPM\): Limit 3, Used 3, Requested 1\. Please try again in (19|20)m/,
    );
    const retryMs = Number(headers?.get("retry-after-ms"));
    expect(retryMs).toBeGreaterThan(1_100_000);
    expect(Number(headers?.get("retry-after"))).toBe(Math.ceil(retryMs / 1_000));
    expect(headers?.get("x-ratelimit-remaining-requests")).toBe("0");
  });

  it("say that no credit is left", async () => {
    const keys = [{ apiKey: "sk-broke", organization: "org", state: "insufficient-quota" as const }];
    const { clientWith } = await openAiUnderTest({ providers: [testProvider({ keys })] });
    const error = await refusal(clientWith({ apiKey: "sk-broke" }).chat.completions.create(request));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ code: "insufficient_quota" });
  });

  it("are an InternalServerError or a connection error under a fault", async () => {
    const { client, control } = await openAiUnderTest();
    await control("POST", "faults", { fault: { provider: "openai", kind: "outage", status: 500 } });
    expect(await refusal(client.chat.completions.create(request))).toBeInstanceOf(InternalServerError);
    await control("DELETE", "faults");
    await control("POST", "faults", { fault: { provider: "openai", kind: "outage", how: "reset" } });
    expect(await refusal(client.chat.completions.create(request))).toBeInstanceOf(APIConnectionError);
  });
});

describe("retries of the SDK", () => {
  it("wait as long as a 429 tells them, and then are let in", async () => {
    // Three in five seconds, on a clock fifty times as fast: the next one fits after a third of 100 ms.
    const { clientWith, journal } = await openAiUnderTest({ timeScale: 50 });
    const client = clientWith({ apiKey: "sk-squall-openai-tight", maxRetries: 5 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        client.chat.completions.create({
          ...request,
          messages: [{ role: "user", content: `[sq l r${index} in=5 cached=0 out=2] x` }],
        }),
      ),
    );
    expect(answers).toHaveLength(4);
    const calls = await journal();
    const refused = calls.filter((call) => call.outcome === "rate-limited");
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const call of refused) {
      const next = calls.find((later) => later.key === call.key && later.upstreamCalls === call.upstreamCalls + 1);
      expect(next).toBeDefined();
      // A refusal leaves nothing, so the next request fits 5 s / 3 later, in scenario time; timers may be a millisecond early.
      expect((next?.intendedMs ?? 0) - call.endMs).toBeGreaterThan(1_600);
    }
    expect(calls.filter((call) => call.outcome === "ok")).toHaveLength(4);
  });

  it("come again after a server error, numbered as attempts of one request", async () => {
    const { clientWith, control, journal } = await openAiUnderTest();
    await control("POST", "faults", {
      fault: { provider: "openai", kind: "error-rate", status: 503, "retry-after": "10ms" },
    });
    const client = clientWith({ maxRetries: 2 });
    const content = "[sq l again in=5 cached=0 out=2] x";
    const error = await refusal(client.chat.completions.create({ ...request, messages: [{ role: "user", content }] }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect((await journal()).map(({ key, upstreamCalls, status }) => [key, upstreamCalls, status])).toEqual([
      ["again", 1, 503],
      ["again", 2, 503],
      ["again", 3, 503],
    ]);
  });
});
