/** Google's and Anthropic's own SDKs against a mock of Vertex AI that is closed when the test ends. */
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { GoogleGenAI } from "@google/genai";
import { OAuth2Client } from "google-auth-library";
import type { MockConfig, MockProviderConfig } from "../../../mock-providers/config.ts";
import { type MockUnderTest, mockUnderTest } from "../../mock-providers/mock-under-test.ts";
import { googleConfig } from "../gemini/client.ts";

export const roomyToken = "sk-squall-vertex";
export const tightToken = "sk-squall-vertex-tight";
export const parent = "projects/p1/locations/us-central1";

export interface VertexUnderTest extends MockUnderTest {
  readonly base: string;
  readonly client: GoogleGenAI;
  readonly clientFor: (token: string, headers?: Record<string, string>) => GoogleGenAI;
  readonly claude: AnthropicVertex;
  readonly claudeFor: (token: string) => AnthropicVertex;
  /** Below `publishers/`, with the roomy token unless told otherwise. */
  readonly post: (path: string, body: object | string, headers?: Record<string, string>) => Promise<Response>;
}

export async function vertexUnderTest(
  changes: Partial<MockConfig> = {},
  provider: Partial<MockProviderConfig> = {},
): Promise<VertexUnderTest> {
  const mock = await mockUnderTest(googleConfig("vertex", changes, provider));
  const base = `${mock.url}/vertex`;
  const clientFor = (token: string, headers: Record<string, string> = {}): GoogleGenAI =>
    new GoogleGenAI({
      vertexai: true,
      project: "p1",
      location: "us-central1",
      googleAuthOptions: { authClient: signedIn(token) },
      httpOptions: { baseUrl: base, headers },
    });
  const claudeFor = (token: string): AnthropicVertex =>
    new AnthropicVertex({
      baseURL: `${base}/v1`,
      region: "us-east5",
      projectId: "p1",
      authClient: signedIn(token),
      maxRetries: 0,
    });
  const post = (
    path: string,
    body: object | string,
    headers: Record<string, string> = { authorization: `Bearer ${roomyToken}` },
  ): Promise<Response> =>
    fetch(`${base}/v1/${parent}/publishers/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  return {
    ...mock,
    base,
    clientFor,
    client: clientFor(roomyToken),
    claudeFor,
    claude: claudeFor(roomyToken),
    post,
  };
}

/** Somebody who has a token already. */
function signedIn(token: string): OAuth2Client {
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
  return client;
}
