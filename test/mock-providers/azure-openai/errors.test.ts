import { describe, expect, it } from "vitest";
import { provisionedLabel } from "../../../behavior/quota/azure-provisioned.ts";
import type { Refusal } from "../../../behavior/provider.ts";
import { errorBody, faultError, refusalError, wholeSeconds } from "../../../mock-providers/azure-openai/errors.ts";
import { retryHeaders } from "../../../mock-providers/azure-openai/headers.ts";
import { ScenarioClock } from "../../../mock-providers/clock.ts";
import type { RefusedCall } from "../../../mock-providers/generation.ts";

const operation = { name: "ChatCompletions_Create", apiVersion: "2024-10-21" };
const who: RefusedCall = {
  apiKey: "key",
  organization: "org",
  model: "gpt-4o",
  inputTokens: 10,
  maxOutputTokens: undefined,
};
const calls: Refusal = {
  kind: "rate-limit",
  dimension: "requests",
  label: "call rate limit",
  limit: 3,
  used: 3,
  requested: 1,
  retryAfterMs: 20_000,
};
const asTold = (refusal: Refusal, factor = 1): string =>
  errorBody(refusalError(operation, refusal, who, (ms) => ms * factor));

describe("what Azure's gateway says", () => {
  it("is a code and a message, in the words that gateways and tools search for", () => {
    expect(asTold(calls)).toBe(
      '{"error":{"code":"429","message":"Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 ' +
        "have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 20 seconds. Please go here: " +
        'https://aka.ms/oai/quotaincrease if you would like to further increase the default rate limit."}}',
    );
    expect(asTold({ ...calls, dimension: "tokens" })).toContain("have exceeded token rate limit of");
    expect(asTold({ ...calls, label: provisionedLabel })).toContain("have exceeded provisioned throughput of");
    expect(asTold({ kind: "insufficient-quota" })).toContain('{"code":"403","message":"Out of call volume quota');
  });

  it("tells the client's seconds, not the scenario's", () => {
    expect(asTold(calls, 0.1)).toContain("Please retry after 2 seconds.");
  });

  it.each([
    [0, 1],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [59_999, 60],
  ])("rounds a wait of %i ms up to %i s", (ms, seconds) => {
    expect(wholeSeconds(ms)).toBe(seconds);
    const word = seconds === 1 ? "second" : "seconds";
    expect(asTold({ ...calls, retryAfterMs: ms })).toContain(`Please retry after ${seconds} ${word}.`);
  });

  it("leaves what the model behind it says in OpenAI's envelope", () => {
    const body = asTold({ kind: "context-length", limit: 128_000, requested: 130_000 });
    expect(JSON.parse(body)).toMatchObject({
      error: { type: "invalid_request_error", code: "context_length_exceeded" },
    });
    expect(JSON.parse(errorBody(faultError(502, undefined)))).toMatchObject({
      error: { type: "server_error", param: null },
    });
  });
});

describe("headers of a refusal", () => {
  const quota = {
    requests: { limit: 3, remaining: 0, resetMs: 34_500 },
    tokens: { limit: 1_000, remaining: 5, resetMs: 4_000 },
  };
  const clock = new ScenarioClock(10);
  const headersOf = (refusal: Refusal): readonly string[] =>
    retryHeaders(
      refusalError(operation, refusal, who, (ms) => clock.toWallMs(ms)),
      quota,
      clock,
    );

  it("tell the wait and the reset of the limit that was met in whole seconds of the client's", () => {
    expect(headersOf(calls)).toEqual(["retry-after", "2", "x-ratelimit-reset-requests", "4"]);
    expect(headersOf({ ...calls, dimension: "tokens" })).toEqual(["retry-after", "2", "x-ratelimit-reset-tokens", "1"]);
  });

  it("tell the wait of a provisioned deployment in milliseconds too, at least one", () => {
    const refusal = { ...calls, label: provisionedLabel };
    expect(headersOf({ ...refusal, retryAfterMs: 437 })).toEqual(["retry-after", "1", "retry-after-ms", "44"]);
    expect(headersOf({ ...refusal, retryAfterMs: 0 })).toEqual(["retry-after", "1", "retry-after-ms", "1"]);
  });

  it("tell nothing where a fault names no wait", () => {
    expect(headersOf({ kind: "fault", status: 429, retryAfterMs: undefined })).toEqual([]);
    expect(headersOf({ kind: "fault", status: 503, retryAfterMs: 30_000 })).toEqual(["retry-after", "3"]);
  });
});
