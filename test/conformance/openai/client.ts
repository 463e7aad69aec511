/** The vendor's own SDK against a mock that is closed when the test ends. */
import OpenAI from "openai";
import type { ClientOptions } from "openai";
import type { MockConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest, roomyKey, testConfig } from "../../mock-providers/mock-under-test.ts";

export interface OpenAiUnderTest extends MockUnderTest {
  readonly client: OpenAI;
  /** A client with other settings, for the same mock. */
  readonly clientWith: (options: ClientOptions) => OpenAI;
}

export async function openAiUnderTest(changes: Partial<MockConfig> = {}): Promise<OpenAiUnderTest> {
  const mock = await mockUnderTest(testConfig(changes));
  const clientWith = (options: ClientOptions): OpenAI =>
    new OpenAI({ baseURL: mock.openAi, apiKey: roomyKey, maxRetries: 0, ...options });
  return { ...mock, clientWith, client: clientWith({}) };
}

/** All that a stream or a list of pages brings. */
export async function gathered<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a promise was refused with; undefined when it was not. */
export async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
