/** A mock on a free port for one test, and what tests ask of it. */
import { onTestFinished } from "vitest";
import type { Account } from "../../behavior/provider-model.ts";
import type { RequestRecord } from "../../core/record.ts";
import { hourMs } from "../../core/time.ts";
import { defaultMockConfig, type MockConfig, type MockProviderConfig } from "../../mock-providers/config.ts";
import type { JournalEntry } from "../../mock-providers/journal.ts";
import { type MockServer, startMock } from "../../mock-providers/server.ts";

export const roomyKey = "sk-squall-openai";
export const tightKey = "sk-squall-openai-tight";
/** Three requests an hour: refilled by nothing while a test runs, however slow the machine. */
export const hourlyKey = "sk-test-hourly";

/** The default configuration with the hourly key, answering at once unless told otherwise. */
export function testConfig(changes: Partial<MockConfig> = {}): MockConfig {
  return { ...defaultMockConfig(), latencyScale: 0, providers: [testProvider({})], ...changes };
}

/** The default provider with the hourly key, and some things changed. */
export function testProvider(changes: Partial<MockProviderConfig>): MockProviderConfig {
  const [provider] = defaultMockConfig().providers;
  if (provider === undefined) throw new Error("the default configuration has a provider");
  const hourly: Account = {
    apiKey: hourlyKey,
    organization: "org-hourly",
    state: "active",
    limits: [{ dimension: "requests", amount: 3, perMs: hourMs, label: "requests per min (RPM)" }],
  };
  return { ...provider, keys: [...provider.keys, hourly], ...changes };
}

export interface MockUnderTest {
  readonly server: MockServer;
  readonly url: string;
  /** OpenAI's base URL. */
  readonly openAi: string;
  /** A chat completion, as a plain HTTP request. */
  readonly chat: (body: object | string, options?: ChatOptions) => Promise<Response>;
  readonly control: (method: string, path: string, body?: unknown) => Promise<Response>;
  readonly journal: (after?: number) => Promise<readonly JournalEntry[]>;
}

export interface ChatOptions {
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** Starts a mock that is closed when the test ends. */
export async function mockUnderTest(config: MockConfig = testConfig()): Promise<MockUnderTest> {
  const server = await startMock({ config, host: "127.0.0.1", port: 0 });
  onTestFinished(async () => void (await server.close(0)));
  const control = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${server.url}/_squall/${path}`, {
      method,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  return {
    server,
    url: server.url,
    openAi: `${server.url}/openai/v1`,
    chat: (body, options = {}) =>
      fetch(`${server.url}/openai/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${options.key ?? roomyKey}`, "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      }),
    control,
    journal: async (after = 0) => {
      const text = await (await control("GET", `journal?after=${after}`)).text();
      return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as JournalEntry]));
    },
  };
}

/** A chat request of one message; `more` goes beside the messages. */
export function chatBody(content: string, more: object = {}): object {
  return { model: "gpt-4o-mini", messages: [{ role: "user", content }], ...more };
}

/** What of a record does not depend on the clock. */
export function timeless(record: RequestRecord): Partial<RequestRecord> {
  const { intendedMs: _intended, sentMs: _sent, firstTokenMs: _first, endMs: _end, gapMaxMs: _gap, ...rest } = record;
  return rest;
}
