import { ConverseCommand, type ConverseCommandInput } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it } from "vitest";
import { bedrockUnderTest, haiku, hourlyKey, roomyKey, said, secretKey, streamed } from "./client.ts";

/** Name, status and text of what a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<object> {
  try {
    await promise;
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  return {};
}

const mismatch = expect.stringContaining("The request signature we calculated does not match");

describe("credentials, as AWS checks them", () => {
  it("refuses a bearer key that it does not know", async () => {
    const { clientWith } = await bedrockUnderTest();
    const refused = await failure(clientWith("sk-nobody").send(new ConverseCommand(said("Hi"))));
    const message = "Authentication failed: Please make sure your API Key is valid.";
    expect(refused).toEqual({ name: "AccessDeniedException", status: 403, message });
  });

  it("takes a signature over HTTP/2 and over HTTP/1.1", async () => {
    const { signing } = await bedrockUnderTest();
    for (const options of [{}, { requestHandler: new NodeHttpHandler() }]) {
      const answer = await signing("AKIASQUALL", secretKey, options).send(new ConverseCommand(said("Hi")));
      expect(answer.stopReason).toBe("end_turn");
    }
  });

  it("takes the key itself as its secret where the configuration gives none", async () => {
    const { signing } = await bedrockUnderTest();
    const answer = await signing(roomyKey, roomyKey).send(new ConverseCommand(said("Grüezi")));
    expect(answer.stopReason).toBe("end_turn");
  });

  it("refuses a signature made with another secret, over HTTP/2 and over HTTP/1.1", async () => {
    const { signing } = await bedrockUnderTest();
    for (const options of [{}, { requestHandler: new NodeHttpHandler() }]) {
      const client = signing("AKIASQUALL", "another-secret", options);
      const refused = await failure(client.send(new ConverseCommand(said("Hi"))));
      expect(refused).toEqual({ name: "InvalidSignatureException", status: 403, message: mismatch });
    }
  });

  it("refuses a body that was changed on its way", async () => {
    const { signing } = await bedrockUnderTest();
    const client = signing("AKIASQUALL", secretKey);
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array };
        request.body = Buffer.from(new TextDecoder().decode(request.body).replace("Hi", "Ho"));
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const refused = await failure(client.send(new ConverseCommand(said("Hi"))));
    expect(refused).toEqual({ name: "InvalidSignatureException", status: 403, message: mismatch });
  });

  it("refuses a signature that is ten minutes old", async () => {
    const { signing } = await bedrockUnderTest();
    const client = signing("AKIASQUALL", secretKey, { systemClockOffset: -600_000 });
    const refused = await failure(client.send(new ConverseCommand(said("Hi"))));
    expect(refused).toMatchObject({ name: "InvalidSignatureException", message: expect.stringContaining("expired") });
  });

  it("refuses an access key that it does not know", async () => {
    const { signing } = await bedrockUnderTest();
    const refused = await failure(signing("AKIANOBODY", "x").send(new ConverseCommand(said("Hi"))));
    const message = "The security token included in the request is invalid.";
    expect(refused).toEqual({ name: "UnrecognizedClientException", status: 403, message });
  });

  it("refuses a request without any", async () => {
    const { baseUrl } = await bedrockUnderTest();
    const response = await fetch(`${baseUrl}/model/${encodeURIComponent(haiku)}/converse`, {
      method: "POST",
      body: "{}",
    });
    expect(response.status).toBe(403);
    expect(response.headers.get("x-amzn-errortype")).toMatch(/^MissingAuthenticationTokenException:/);
  });

  it("refuses an account that does not pay", async () => {
    const { clientWith } = await bedrockUnderTest();
    const refused = await failure(clientWith("sk-test-unpaid").send(new ConverseCommand(said("Hi"))));
    expect(refused).toMatchObject({ name: "AccessDeniedException", status: 403 });
  });
});

describe("requests that Converse refuses", () => {
  const user = (text: string): object => ({ role: "user", content: [{ text }] });
  const assistant = { role: "assistant", content: [{ text: "Hi" }] };

  it.each([
    {
      why: "an unknown model",
      input: { modelId: "anthropic.claude-9" },
      message: "The provided model identifier is invalid.",
    },
    {
      why: "a model that only inference profiles serve",
      input: { modelId: haiku.slice(3) },
      message: "with on-demand throughput isn\u2019t supported",
    },
    { why: "no messages", input: { messages: undefined }, message: "Value null at 'messages' failed" },
    { why: "an empty conversation", input: { messages: [] }, message: "must start with a user message" },
    {
      why: "an assistant that begins",
      input: { messages: [assistant, user("Hi")] },
      message: "must start with a user message",
    },
    { why: "two turns of one role", input: { messages: [user("a"), user("b")] }, message: "must alternate" },
    {
      why: "an unknown role",
      input: { messages: [{ ...user("a"), role: "tool" }] },
      message: "enum value set: [user, assistant]",
    },
    {
      why: "content that is a string",
      input: { messages: [{ role: "user", content: "Hi" }] },
      message: "Provide a list",
    },
    { why: "empty content", input: { messages: [{ role: "user", content: [] }] }, message: "at messages.0 is empty" },
    { why: "blank text", input: { messages: [user(" ")] }, message: "at messages.0.content.0 is blank" },
    { why: "blank text of the system", input: { system: [{ text: "" }] }, message: "at system.0 is blank" },
    {
      why: "a fifth cache point",
      input: { system: Array.from({ length: 5 }, () => [{ text: "a" }, { cachePoint: { type: "default" } }]).flat() },
      message: "A maximum of 4 cachePoint blocks",
    },
    {
      why: "no room for an answer",
      input: { inferenceConfig: { maxTokens: 0 } },
      message: "greater than or equal to 1",
    },
    {
      why: "too long an answer",
      input: { inferenceConfig: { maxTokens: 64_001 } },
      message: "exceeds the model limit of 64000",
    },
    {
      why: "too high a temperature",
      input: { inferenceConfig: { temperature: 1.1 } },
      message: "less than or equal to 1",
    },
    { why: "topP below 0", input: { inferenceConfig: { topP: -0.1 } }, message: "greater than or equal to 0" },
    {
      why: "a tool result without tools",
      input: { messages: [{ role: "user", content: [{ toolResult: { toolUseId: "x", content: [] } }] }] },
      message: "toolConfig field must be defined",
    },
    {
      why: "a tool use that is not answered",
      input: {
        toolConfig: { tools: [{ toolSpec: { name: "f", inputSchema: { json: { type: "object" } } } }] },
        messages: [
          user("a"),
          { role: "assistant", content: [{ toolUse: { toolUseId: "tooluse_x", name: "f", input: {} } }] },
          user("b"),
        ],
      },
      message: "Expected toolResult blocks at messages.2.content for the following Ids: tooluse_x",
    },
    {
      why: "a list of no tools",
      input: { toolConfig: { tools: [] } },
      message: "Value '[]' at 'toolConfig.tools' failed to satisfy constraint",
    },
    {
      why: "a model that makes embeddings",
      input: { modelId: "amazon.titan-embed-text-v2:0" },
      message: "This action doesn't support the model that you provided.",
    },
    {
      why: "a choice of a tool that is not there",
      input: {
        toolConfig: {
          tools: [{ toolSpec: { name: "f", inputSchema: { json: { type: "object" } } } }],
          toolChoice: { tool: { name: "g" } },
        },
      },
      message: "Tool 'g' not found",
    },
  ])("refuses $why with a ValidationException", async ({ input, message }) => {
    const { client } = await bedrockUnderTest();
    const command = new ConverseCommand({ ...said("Hi"), ...input } as ConverseCommandInput);
    const refused = await failure(client.send(command));
    expect(refused).toEqual({ name: "ValidationException", status: 400, message: expect.stringContaining(message) });
  });

  it("refuses a prompt that is longer than the model's context", async () => {
    const { client } = await bedrockUnderTest();
    const refused = await failure(client.send(new ConverseCommand(said("[sq l long in=200001 cached=0 out=5] Hi"))));
    const message = "The model returned the following errors: prompt is too long: 200001 tokens > 200000 maximum";
    expect(refused).toEqual({ name: "ValidationException", status: 400, message });
  });

  it("knows no other operations, methods or paths", async () => {
    const { baseUrl } = await bedrockUnderTest();
    const headers = { authorization: `Bearer ${roomyKey}` };
    for (const [method, path] of [
      ["GET", `/model/${haiku}/converse`],
      ["POST", `/model/${haiku}/apply`],
      ["POST", "/models"],
      ["POST", "/model/%zz/converse"],
    ]) {
      const response = await fetch(`${baseUrl}${path}`, { method: method ?? "", headers });
      expect(response.status).toBe(404);
      expect(response.headers.get("x-amzn-errortype")).toMatch(/^UnknownOperationException:/);
      expect(await response.json()).toEqual({ message: expect.any(String) });
    }
  });

  it("says of a body that is no JSON that it cannot be read", async () => {
    const { baseUrl } = await bedrockUnderTest();
    const headers = { authorization: `Bearer ${roomyKey}` };
    const response = await fetch(`${baseUrl}/model/${haiku}/converse`, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
    expect(response.headers.get("x-amzn-errortype")).toMatch(/^SerializationException:/);
  });
});

describe("throttling and failures", () => {
  it("throttles the fourth request of three, without a word on limits", async () => {
    const { clientWith, baseUrl } = await bedrockUnderTest();
    const client = clientWith(hourlyKey);
    for (let count = 0; count < 3; count++) await client.send(new ConverseCommand(said("Hi")));
    const message = "Too many requests, please wait before trying again.";
    expect(await failure(client.send(new ConverseCommand(said("Hi"))))).toEqual({
      name: "ThrottlingException",
      status: 429,
      message,
    });
    expect(await failure(streamed(client, said("Hi")))).toMatchObject({ name: "ThrottlingException" });
    const response = await fetch(`${baseUrl}/model/${haiku}/converse`, {
      method: "POST",
      headers: { authorization: `Bearer ${hourlyKey}` },
      body: JSON.stringify({ messages: said("Hi").messages }),
    });
    expect(response.status).toBe(429);
    expect([...response.headers.keys()].filter((name) => /ratelimit|retry/.test(name))).toEqual([]);
  });

  it("is asked three times by default when it throttles", async () => {
    const { clientWith, journal } = await bedrockUnderTest();
    const client = clientWith(hourlyKey, { maxAttempts: 3, retryMode: "standard" });
    for (let count = 0; count < 3; count++) await client.send(new ConverseCommand(said("Hi")));
    await failure(client.send(new ConverseCommand(said("Hi"))));
    const statuses = (await journal()).map((entry) => entry.status);
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429]);
  });

  it.each([
    { status: 500, name: "InternalServerException" },
    { status: 503, name: "ServiceUnavailableException" },
    { status: 429, name: "ThrottlingException" },
    { status: 424, name: "ModelErrorException" },
    { status: 408, name: "ModelTimeoutException" },
  ])("calls a fault that answers $status a $name", async ({ status, name }) => {
    const fault = {
      provider: "bedrock",
      model: undefined,
      share: 1,
      kind: "error-rate",
      status,
      retryAfterMs: undefined,
    } as const;
    const { client } = await bedrockUnderTest({ faults: [{ atMs: 0, forMs: undefined, fault }] });
    expect(await failure(client.send(new ConverseCommand(said("Hi"))))).toMatchObject({ name, status });
    expect(await failure(streamed(client, said("Hi")))).toMatchObject({ name, status });
  });

  it("resets the connection when a fault says so", async () => {
    const fault = {
      provider: "bedrock",
      model: undefined,
      share: 1,
      kind: "outage",
      how: "reset",
      status: 503,
    } as const;
    const { client } = await bedrockUnderTest({ faults: [{ atMs: 0, forMs: undefined, fault }] });
    await expect(client.send(new ConverseCommand(said("Hi")))).rejects.toThrow();
  });
});
