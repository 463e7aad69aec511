/** The AWS SDK against a mock that is closed when the test ends. It speaks cleartext HTTP/2, as by default. */
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  type ConverseCommandInput,
  type ConverseStreamCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
} from "@aws-sdk/client-bedrock-runtime";
import { onTestFinished } from "vitest";
import { hourMs } from "../../../core/time.ts";
import { defaultMockConfig, type MockConfig, type MockProviderConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest } from "../../mock-providers/mock-under-test.ts";

export const haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
export const nova = "amazon.nova-lite-v1:0";
export const titan = "amazon.titan-embed-text-v2:0";
export const roomyKey = "sk-squall-bedrock";
/** Three requests an hour: refilled by nothing while a test runs. */
export const hourlyKey = "sk-test-hourly";
export const secretKey = "a-secret-of-its-own";

export interface BedrockUnderTest extends MockUnderTest {
  readonly baseUrl: string;
  readonly client: BedrockRuntimeClient;
  /** A client with a bearer key and other settings, for the same mock. */
  readonly clientWith: (apiKey: string, options?: BedrockRuntimeClientConfig) => BedrockRuntimeClient;
  /** A client that signs. */
  readonly signing: (
    accessKeyId: string,
    secretAccessKey: string,
    options?: BedrockRuntimeClientConfig,
  ) => BedrockRuntimeClient;
}

export function bedrockProvider(changes: Partial<MockProviderConfig> = {}): MockProviderConfig {
  const provider = defaultMockConfig().providers.find(({ name }) => name === "bedrock");
  if (provider === undefined) throw new Error("the default configuration has Bedrock");
  const limits = [{ dimension: "requests", amount: 3, perMs: hourMs, label: "requests" }] as const;
  const keys = [
    ...provider.keys,
    { apiKey: hourlyKey, organization: "org-hourly", state: "active", limits },
    { apiKey: "AKIASQUALL", secretKey, organization: "org-signing", state: "active" },
    { apiKey: "sk-test-unpaid", organization: "org-unpaid", state: "insufficient-quota" },
  ] as const;
  return { ...provider, keys, ...changes };
}

export async function bedrockUnderTest(changes: Partial<MockConfig> = {}): Promise<BedrockUnderTest> {
  const config: MockConfig = { ...defaultMockConfig(), latencyScale: 0, providers: [bedrockProvider()], ...changes };
  const mock = await mockUnderTest(config);
  const baseUrl = `${mock.url}/bedrock`;
  const common = { endpoint: baseUrl, region: "us-east-1", maxAttempts: 1 };
  const made = (options: BedrockRuntimeClientConfig): BedrockRuntimeClient => {
    const client = new BedrockRuntimeClient({ ...common, ...options });
    onTestFinished(() => client.destroy());
    return client;
  };
  const clientWith: BedrockUnderTest["clientWith"] = (apiKey, options = {}) =>
    made({ token: { token: apiKey }, authSchemePreference: ["httpBearerAuth"], ...options });
  return {
    ...mock,
    baseUrl,
    client: clientWith(roomyKey),
    clientWith,
    signing: (accessKeyId, secretAccessKey, options = {}) =>
      made({ credentials: { accessKeyId, secretAccessKey }, ...options }),
  };
}

/** One message of a user, with other fields beside it. */
export function said(text: string, more: Partial<ConverseCommandInput> = {}): ConverseCommandInput {
  return { modelId: haiku, messages: [{ role: "user", content: [{ text }] }], ...more };
}

export async function gathered<Item>(items: AsyncIterable<Item> | undefined): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items ?? []) all.push(item);
  return all;
}

export async function streamed(
  client: BedrockRuntimeClient,
  input: ConverseStreamCommandInput,
  options: { readonly abortSignal?: AbortSignal } = {},
): Promise<readonly ConverseStreamOutput[]> {
  const answer = await client.send(new ConverseStreamCommand(input), options);
  return gathered(answer.stream);
}

/** What the text deltas of a stream add up to. */
export function textOf(events: readonly ConverseStreamOutput[]): string {
  return events.map((event) => event.contentBlockDelta?.delta?.text ?? "").join("");
}
