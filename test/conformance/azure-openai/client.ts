/** The vendor's own SDK in both of its forms, against a mock that is closed when the test ends. */
import OpenAI, { AzureOpenAI } from "openai";
import type { AzureClientOptions } from "openai/azure";
import type { ClientOptions } from "openai";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { defaultMockConfig, type MockConfig, type MockProviderConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest, testConfig } from "../../mock-providers/mock-under-test.ts";

export const apiKey = "sk-squall-azure-openai";
export const tightApiKey = "sk-squall-azure-openai-tight";
export const apiVersion = "2024-10-21";

export interface AzureUnderTest extends MockUnderTest {
  /** What the SDK calls the endpoint. */
  readonly endpoint: string;
  /** For deployment paths. */
  readonly client: AzureOpenAI;
  readonly clientWith: (options: AzureClientOptions) => AzureOpenAI;
  /** For the v1 path, as a plain OpenAI client. */
  readonly v1: OpenAI;
  readonly v1With: (options: ClientOptions) => OpenAI;
}

export async function azureUnderTest(
  changes: Partial<MockConfig> = {},
  provider: Partial<MockProviderConfig> = {},
): Promise<AzureUnderTest> {
  const mock = await mockUnderTest(testConfig({ providers: [{ ...azureProvider(), ...provider }], ...changes }));
  const endpoint = `${mock.url}/azure-openai`;
  const clientWith = (options: AzureClientOptions): AzureOpenAI =>
    new AzureOpenAI({
      endpoint,
      apiVersion,
      maxRetries: 0,
      ...("azureADTokenProvider" in options ? {} : { apiKey }),
      ...options,
    });
  const v1With = (options: ClientOptions): OpenAI =>
    new OpenAI({ baseURL: `${endpoint}/openai/v1`, apiKey, maxRetries: 0, ...options });
  return { ...mock, endpoint, client: clientWith({}), clientWith, v1: v1With({}), v1With };
}

/** One deployment with these limits, answering at once. */
export function deployment(limits: Partial<ModelSpec>): ModelSpec {
  return {
    model: "gpt-4o",
    requestsPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerMinute: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...limits,
  };
}

function azureProvider(): MockProviderConfig {
  const provider = defaultMockConfig().providers.find(({ dialect }) => dialect === "azure-openai");
  if (provider === undefined) throw new Error("the default configuration has an Azure resource");
  return provider;
}
