/** The vendor's own SDK against a mock that is closed when the test ends. */
import Anthropic, { type ClientOptions } from "@anthropic-ai/sdk";
import type { Account } from "../../../behavior/provider-model.ts";
import { hourMs } from "../../../core/time.ts";
import { defaultMockConfig, type MockConfig, type MockProviderConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest, testConfig } from "../../mock-providers/mock-under-test.ts";

export const apiKey = "sk-squall-anthropic";
export const tightApiKey = "sk-squall-anthropic-tight";
/** Three requests an hour: refilled by nothing while a test runs, however slow the machine. */
export const hourlyApiKey = "sk-test-anthropic-hourly";

export interface AnthropicUnderTest extends MockUnderTest {
  readonly baseURL: string;
  readonly client: Anthropic;
  /** A client with other settings, for the same mock. */
  readonly clientWith: (options: ClientOptions) => Anthropic;
  /** A plain HTTP request, as other clients send it. */
  readonly post: (path: string, body: unknown, headers: Readonly<Record<string, string>>) => Promise<Response>;
}

export async function anthropicUnderTest(
  changes: Partial<MockConfig> = {},
  provider: Partial<MockProviderConfig> = {},
): Promise<AnthropicUnderTest> {
  const mock = await mockUnderTest(testConfig({ providers: [{ ...anthropicProvider(), ...provider }], ...changes }));
  const baseURL = `${mock.url}/anthropic`;
  const clientWith = (options: ClientOptions): Anthropic =>
    new Anthropic({ baseURL, apiKey, maxRetries: 0, ...options });
  return {
    ...mock,
    baseURL,
    client: clientWith({}),
    clientWith,
    post: (path, body, headers) =>
      fetch(`${baseURL}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

function anthropicProvider(): MockProviderConfig {
  const provider = defaultMockConfig().providers.find(({ dialect }) => dialect === "anthropic");
  if (provider === undefined) throw new Error("the default configuration has Anthropic");
  const hourly: Account = {
    apiKey: hourlyApiKey,
    organization: "org-hourly",
    state: "active",
    limits: [
      { dimension: "requests", amount: 3, perMs: hourMs, label: "requests per hour" },
      { dimension: "inputTokens", amount: 30_000, perMs: hourMs, label: "input tokens per hour" },
      { dimension: "outputTokens", amount: 8_000, perMs: hourMs, label: "output tokens per hour" },
    ],
  };
  return { ...provider, keys: [...provider.keys, hourly] };
}

/** What a promise was refused with. */
export async function refusal(promise: PromiseLike<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** All that a stream or a list of pages brings. */
export async function gathered<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
