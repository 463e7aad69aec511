/** Google's own SDK against a mock that is closed when the test ends. */
import { ApiError, GoogleGenAI } from "@google/genai";
import { expect } from "vitest";
import { hourMs } from "../../../core/time.ts";
import { defaultMockConfig, type MockConfig, type MockProviderConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest } from "../../mock-providers/mock-under-test.ts";

export const roomyKey = "sk-squall-gemini";
export const tightKey = "sk-squall-gemini-tight";
/** Three requests an hour: given back by nothing while a test runs, however slow the machine. */
export const hourlyKey = "sk-test-hourly";
export const textModel = "gemini-2.5-flash";

export interface GeminiUnderTest extends MockUnderTest {
  readonly base: string;
  readonly client: GoogleGenAI;
  readonly clientFor: (apiKey: string, headers?: Record<string, string>) => GoogleGenAI;
  /** A plain request with the roomy key in the query, as gateways and scripts send it. */
  readonly post: (path: string, body: object | string, key?: string) => Promise<Response>;
}

/** The default provider of that name with the hourly key, answering at once unless told otherwise. */
export function googleConfig(
  name: string,
  changes: Partial<MockConfig>,
  provider: Partial<MockProviderConfig>,
): MockConfig {
  const found = defaultMockConfig().providers.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the default configuration has a provider ${name}`);
  const limits = [{ dimension: "requests", amount: 3, perMs: hourMs, label: "requests per hour" }] as const;
  const hourly = { apiKey: hourlyKey, organization: "org-hourly", state: "active", limits } as const;
  const keys = [...found.keys, hourly];
  return { ...defaultMockConfig(), latencyScale: 0, providers: [{ ...found, keys, ...provider }], ...changes };
}

export async function geminiUnderTest(
  changes: Partial<MockConfig> = {},
  provider: Partial<MockProviderConfig> = {},
): Promise<GeminiUnderTest> {
  const mock = await mockUnderTest(googleConfig("gemini", changes, provider));
  const base = `${mock.url}/gemini`;
  const clientFor = (apiKey: string, headers: Record<string, string> = {}): GoogleGenAI =>
    new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base, headers } });
  const post = (path: string, body: object | string, key = roomyKey): Promise<Response> =>
    fetch(`${base}/v1beta/models/${path}${path.includes("?") ? "&" : "?"}key=${key}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return { ...mock, base, clientFor, client: clientFor(roomyKey), post };
}

/** All that a stream or a list of pages brings. */
export async function gathered<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export interface GoogleErrorBody {
  readonly code: number;
  readonly message: string;
  readonly status: string;
  readonly details?: readonly Readonly<Record<string, unknown>>[];
}

/** The error that a call ends with; its message is the body as text. */
export async function errorOf(call: Promise<unknown>): Promise<GoogleErrorBody> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ApiError);
  if (!(thrown instanceof ApiError)) throw new Error("not an ApiError");
  const body = JSON.parse(thrown.message) as { readonly error: GoogleErrorBody };
  expect(thrown.status).toBe(body.error.code);
  return body.error;
}
