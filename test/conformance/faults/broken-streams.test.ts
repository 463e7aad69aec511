/** What a fault does to a stream, as the users of the vendors' own SDKs see it. */
import { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { ApiError as GoogleApiError } from "@google/genai";
import { APIError as OpenAiError, AuthenticationError } from "openai";
import { describe, expect, it } from "vitest";
import type { ProviderLedger } from "../../../core/run.ts";
import { type Caller, callers, type Seen } from "./callers.ts";

/** The errors that an SDK throws for an error in the middle of a stream, and the reason that it gives for a filter. */
const expected: Readonly<
  Record<string, { readonly errors: Readonly<Record<string, object>>; readonly filtered: string }>
> = {
  openai: {
    errors: {
      overloaded: { code: "server_is_overloaded" },
      "rate-limit": { code: "slow_down" },
      internal: { type: "server_error" },
    },
    filtered: "content_filter",
  },
  "azure-openai": {
    errors: {
      overloaded: { code: "server_is_overloaded" },
      "rate-limit": { code: "slow_down" },
      internal: { type: "server_error" },
    },
    filtered: "content_filter",
  },
  anthropic: {
    errors: {
      overloaded: { type: "overloaded_error" },
      "rate-limit": { type: "rate_limit_error" },
      internal: { type: "api_error" },
    },
    filtered: "refusal",
  },
  "claude on vertex": {
    errors: {
      overloaded: { type: "overloaded_error" },
      "rate-limit": { type: "rate_limit_error" },
      internal: { type: "api_error" },
    },
    filtered: "refusal",
  },
  bedrock: {
    errors: {
      overloaded: { name: "ServiceUnavailableException" },
      "rate-limit": { name: "ThrottlingException" },
      internal: { name: "InternalServerException" },
      model: { name: "ModelStreamErrorException" },
    },
    filtered: "content_filtered",
  },
  gemini: {
    errors: { overloaded: { status: 503 }, "rate-limit": { status: 429 }, internal: { status: 500 } },
    filtered: "SAFETY",
  },
  vertex: {
    errors: { overloaded: { status: 503 }, "rate-limit": { status: 429 }, internal: { status: 500 } },
    filtered: "SAFETY",
  },
};

/** The class of errors that come from the service and not from the network. */
const errorClasses: Readonly<Record<string, new (...given: never[]) => Error>> = {
  openai: OpenAiError,
  "azure-openai": OpenAiError,
  anthropic: AnthropicError,
  "claude on vertex": AnthropicError,
  gemini: GoogleApiError,
  vertex: GoogleApiError,
};

async function faulty(name: string, fault: object): Promise<{ readonly caller: Caller; readonly seen: Seen }> {
  const caller = await callers[name]?.();
  if (caller === undefined) throw new Error(`nobody calls ${name}`);
  const answer = await caller.mock.control("POST", "faults", { fault: { provider: caller.provider, ...fault } });
  expect(answer.status).toBe(201);
  return { caller, seen: await caller.stream() };
}

describe.each(Object.keys(callers))("a stream of %s", (name) => {
  it("is whole without a fault", async () => {
    const caller = await callers[name]?.();
    const whole = await caller?.stream();
    expect(whole).toMatchObject({ outputTokens: 120, error: undefined });
    expect(whole?.pieces).toBeGreaterThan(2);
  });

  it.each(Object.entries(expected[name]?.errors ?? {}))(
    "raises the SDK's own error when one comes in the middle: %s",
    async (error, fields) => {
      const { seen } = await faulty(name, { kind: "error-event", error, after: 0.5 });
      expect(seen.error).toMatchObject(fields);
      expect(seen.error).toBeInstanceOf(errorClasses[name] ?? Error);
      expect(seen.pieces).toBeGreaterThan(0);
      expect(seen.finish).toBeUndefined();
    },
  );

  it("raises an error when what comes cannot be parsed", async () => {
    const { seen } = await faulty(name, { kind: "malformed-chunk", after: 0.5 });
    expect(seen.error).toBeInstanceOf(Error);
    expect(seen.finish).toBeUndefined();
    expect(seen.pieces).toBeGreaterThan(0);
  });

  it("raises an error when its connection is cut, except with Amazon's SDK, which takes that for the end", async () => {
    const { seen } = await faulty(name, { kind: "cut-stream", after: 0.5 });
    if (name === "bedrock") expect(seen.error).toBeUndefined();
    else expect(seen.error).toBeInstanceOf(Error);
    expect(seen.finish).toBeUndefined();
    expect(seen.pieces).toBeGreaterThan(0);
  });

  it("that is cut short ends in order, without a reason: only who looks for one notices", async () => {
    const { seen } = await faulty(name, { kind: "truncated-stream", after: 0.5 });
    expect(seen).toMatchObject({ error: undefined, finish: undefined });
    expect(seen.pieces).toBeGreaterThan(0);
  });

  it("that a content filter ends says so", async () => {
    const { seen } = await faulty(name, { kind: "content-filter", after: 0.5 });
    expect(seen).toMatchObject({ error: undefined, finish: expected[name]?.filtered });
  });

  it("reports usage that is wrong while the ledger stays true", async () => {
    const { seen, caller } = await faulty(name, { kind: "wrong-usage", factor: 3 });
    expect(seen.outputTokens).toBe(360);
    const ledgers = (await (await caller.mock.control("GET", "ledger")).json()) as readonly ProviderLedger[];
    expect(ledgers.find(({ provider }) => provider === caller.provider)).toMatchObject({ outputTokens: 120 });
  });

  it("is refused as unknown when its key is revoked, and served again when the fault is taken back", async () => {
    const { seen, caller } = await faulty(name, { kind: "credential-revoked" });
    expect(seen.error).toMatchObject(revoked[name] ?? {});
    const [fault] = (await (await caller.mock.control("GET", "faults")).json()) as readonly { readonly id: number }[];
    expect((await caller.mock.control("DELETE", `faults?id=${fault?.id}`)).status).toBe(204);
    expect(await caller.stream()).toMatchObject({ error: undefined });
  });
});

const revoked: Readonly<Record<string, object>> = {
  openai: { status: 401, code: "invalid_api_key" },
  "azure-openai": { status: 401 },
  anthropic: { status: 401, type: "authentication_error" },
  "claude on vertex": { status: 401 },
  bedrock: { name: "AccessDeniedException" },
  gemini: { status: 400 },
  vertex: { status: 401 },
};

it("raises OpenAI's class for keys when one is revoked", async () => {
  expect((await faulty("openai", { kind: "credential-revoked" })).seen.error).toBeInstanceOf(AuthenticationError);
});
