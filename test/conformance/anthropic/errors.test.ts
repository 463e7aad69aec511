import {
  APIConnectionError,
  type APIError,
  AuthenticationError,
  BadRequestError,
  ContentTooLargeError,
  GatewayTimeoutError,
  InternalServerError,
  NotFoundError,
  OverloadedError,
  RateLimitError,
  ServiceUnavailableError,
} from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { bodyBytesMax } from "../../../mock-providers/dialect.ts";
import { anthropicUnderTest, apiKey, hourlyApiKey, refusal, tightApiKey } from "./client.ts";

const request = { model: "claude-haiku-4-5", max_tokens: 5, messages: [{ role: "user" as const, content: "hi" }] };
const version = { "anthropic-version": "2023-06-01" };

function marked(key: string): typeof request {
  return { ...request, messages: [{ role: "user", content: `[sq l ${key} in=5 cached=0 out=2] x` }] };
}

describe("errors through the SDK", () => {
  it("are an AuthenticationError for a key that is not known, with the request id in header and body", async () => {
    const { clientWith } = await anthropicUnderTest();
    const error = await refusal(clientWith({ apiKey: "sk-ant-somebody" }).messages.create(request));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, type: "authentication_error", apiMessage: "Invalid bearer token" });
    const { requestID, error: body } = error as AuthenticationError;
    expect(requestID).toMatch(/^req_011C/);
    expect(body).toEqual({
      type: "error",
      error: { type: "authentication_error", message: "Invalid bearer token" },
      request_id: requestID,
    });
  });

  it("say which header was wrong or missing", async () => {
    const { post } = await anthropicUnderTest();
    const message = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const response = await post("/v1/messages", request, headers);
      const body = (await response.json()) as { readonly error: { readonly message: string } };
      return [response.status, body.error.message];
    };
    expect(await message({ ...version })).toEqual([401, "x-api-key header is required"]);
    expect(await message({ ...version, "x-api-key": "wrong" })).toEqual([401, "invalid x-api-key"]);
    expect(await message({ "x-api-key": apiKey })).toEqual([400, "anthropic-version: header is required"]);
    const unknown = { "x-api-key": apiKey, "anthropic-version": "2020-01-01" };
    expect(await message(unknown)).toEqual([400, `anthropic-version: "2020-01-01" is not a valid version`]);
  });

  it("are a NotFoundError for a model or a path that does not exist", async () => {
    const { client } = await anthropicUnderTest();
    for (const call of [
      () => client.messages.create({ ...request, model: "claude-99" }),
      () => client.messages.countTokens({ model: "claude-99", messages: request.messages }),
      () => client.models.retrieve("claude-99"),
    ]) {
      const error = await refusal(call());
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({ type: "not_found_error", apiMessage: "model: claude-99" });
    }
    expect(await refusal(client.files.list())).toBeInstanceOf(NotFoundError);
  });

  it("are a 405 with the methods allowed for a wrong method", async () => {
    const { baseURL } = await anthropicUnderTest();
    const response = await fetch(`${baseURL}/v1/messages`, { headers: { ...version, "x-api-key": apiKey } });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  it("are a BadRequestError for what the service does not take, and for a page that cannot be", async () => {
    const { client } = await anthropicUnderTest();
    const error = await refusal(client.messages.create({ ...request, max_tokens: 0 }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({ status: 400, type: "invalid_request_error" });
    expect(await refusal(client.models.list({ limit: 0 }))).toBeInstanceOf(BadRequestError);
  });

  it("are a ContentTooLargeError above 32 MB", async () => {
    const { client } = await anthropicUnderTest();
    const content = "x".repeat(bodyBytesMax);
    const error = await refusal(client.messages.create({ ...request, messages: [{ role: "user", content }] }));
    expect(error).toBeInstanceOf(ContentTooLargeError);
    expect(error).toMatchObject({ status: 413, type: "request_too_large" });
  });

  it("are a BadRequestError for a prompt that is longer than the context, and for one that leaves no room", async () => {
    const { client } = await anthropicUnderTest();
    const prompt = (tokens: number, cap: number): Promise<unknown> => {
      const content = `[sq l long${tokens} in=${tokens} cached=0 out=2] x`;
      return refusal(client.messages.create({ ...request, max_tokens: cap, messages: [{ role: "user", content }] }));
    };
    expect(await prompt(200_001, 1)).toMatchObject({
      apiMessage: "prompt is too long: 200001 tokens > 200000 maximum",
    });
    expect(await prompt(199_999, 100)).toMatchObject({
      apiMessage: expect.stringMatching(
        /^input length and `max_tokens` exceed context limit: 199999 \+ 100 > 200000, decrease/,
      ),
    });
  });

  it("are a RateLimitError beyond the limit, with when to come back and all twelve headers", async () => {
    const { clientWith } = await anthropicUnderTest();
    const client = clientWith({ apiKey: hourlyApiKey });
    for (let call = 0; call < 3; call++) await client.messages.create(request);
    const error = await refusal(client.messages.create(request));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, type: "rate_limit_error", errorCode: null });
    const { apiMessage, headers } = error as RateLimitError;
    expect(apiMessage).toMatch(
      /^This request would exceed your organization's rate limit of 3 requests per hour \(org: org-hourly, model: claude-haiku-4-5\)\. For details/,
    );
    const retryAfter = Number(headers?.get("retry-after"));
    expect(retryAfter).toBeGreaterThan(1_100);
    expect(retryAfter).toBeLessThanOrEqual(1_200);
    expect(headers?.get("x-should-retry")).toBe("true");
    const names = ["requests", "tokens", "input-tokens", "output-tokens"].flatMap((dimension) =>
      ["limit", "remaining", "reset"].map((part) => `anthropic-ratelimit-${dimension}-${part}`),
    );
    expect(names.filter((name) => headers?.get(name) === null)).toEqual([]);
    expect(headers?.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    const resetMs = Date.parse(headers?.get("anthropic-ratelimit-requests-reset") ?? "");
    expect(headers?.get("anthropic-ratelimit-requests-reset")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Math.abs(resetMs - Date.now() - 3_600_000)).toBeLessThan(30_000);
  });

  it("show remaining tokens to the nearest thousand, and both kinds together as tokens", async () => {
    const { clientWith } = await anthropicUnderTest();
    const content = `[sq l big in=1600 cached=0 out=1400] ${"x".repeat(4 * 1_600)}`;
    const client = clientWith({ apiKey: hourlyApiKey });
    await client.messages.create({ ...request, max_tokens: 4_000, messages: [{ role: "user", content }] });
    const { response } = await client.messages.create(request).withResponse();
    const remaining = (dimension: string): string | null =>
      response.headers.get(`anthropic-ratelimit-${dimension}-remaining`);
    expect(remaining("requests")).toBe("1");
    expect(remaining("input-tokens")).toBe("28000");
    expect(remaining("output-tokens")).toBe("7000");
    expect(remaining("tokens")).toBe("35000");
    expect(response.headers.get("anthropic-ratelimit-tokens-limit")).toBe("38000");
  });

  it("are a RateLimitError that names the cap, without a time, when the money is spent", async () => {
    const keys = [{ apiKey: "sk-broke", organization: "org", state: "insufficient-quota" as const }];
    const { clientWith } = await anthropicUnderTest({}, { keys });
    const error = await refusal(clientWith({ apiKey: "sk-broke", maxRetries: 5 }).messages.create(request));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ errorCode: "enforced_spend_limit_reached" });
    expect((error as RateLimitError).headers?.get("retry-after")).toBeNull();
  });

  it.each([
    [500, InternalServerError, "api_error"],
    [503, ServiceUnavailableError, "api_error"],
    [504, GatewayTimeoutError, "timeout_error"],
    [529, OverloadedError, "overloaded_error"],
  ] as const)("have the class and the type of status %i under a fault", async (status, errorClass, type) => {
    const { client, control } = await anthropicUnderTest();
    await control("POST", "faults", { fault: { provider: "anthropic", kind: "error-rate", status } });
    const error = await refusal(client.messages.create(request));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ status, type });
    expect((error as APIError).headers?.get("x-should-retry")).toBe("true");
  });

  it("are a connection error when the connection breaks", async () => {
    const { client, control } = await anthropicUnderTest();
    await control("POST", "faults", { fault: { provider: "anthropic", kind: "outage", how: "reset" } });
    expect(await refusal(client.messages.create(request))).toBeInstanceOf(APIConnectionError);
  });
});

describe("retries of the SDK", () => {
  it("wait as long as a 429 tells them, and then are let in", async () => {
    // On a clock fifty times as fast a place is free after 33 ms; the header says whole seconds, so 1 s is waited.
    const { clientWith, journal } = await anthropicUnderTest({ timeScale: 50 });
    const client = clientWith({ apiKey: tightApiKey, maxRetries: 2 });
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => client.messages.create(marked(`r${index}`))),
    );
    expect(answers).toHaveLength(4);
    const calls = await journal();
    const refused = calls.filter(({ outcome }) => outcome === "rate-limited");
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const call of refused) {
      const next = calls.find(({ key, upstreamCalls }) => key === call.key && upstreamCalls === call.upstreamCalls + 1);
      // In scenario time; timers may be a millisecond early.
      expect((next?.intendedMs ?? 0) - call.endMs).toBeGreaterThan(49_900);
    }
  });

  it("come again when the service is overloaded, numbered as attempts of one request", async () => {
    const { clientWith, control, journal } = await anthropicUnderTest();
    await control("POST", "faults", { fault: { provider: "anthropic", kind: "error-rate", status: 529 } });
    const error = await refusal(clientWith({ maxRetries: 1 }).messages.create(marked("again")));
    expect(error).toBeInstanceOf(OverloadedError);
    expect((await journal()).map(({ key, upstreamCalls, status }) => [key, upstreamCalls, status])).toEqual([
      ["again", 1, 529],
      ["again", 2, 529],
    ]);
  });

  it("do not come again when the answer says so", async () => {
    const { clientWith, journal } = await anthropicUnderTest();
    await refusal(clientWith({ maxRetries: 3, apiKey: "sk-wrong" }).messages.create(request));
    expect(await journal()).toHaveLength(1);
  });
});
