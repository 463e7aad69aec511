import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered } from "../openai/client.ts";
import { apiKey, apiVersion, azureUnderTest, tightApiKey } from "./client.ts";

const messages = [{ role: "user" as const, content: "[sq l c1 in=40 cached=12 out=45] What is a token?" }];
const words = answerText("c1")(0, 45);

const safe = { filtered: false, severity: "safe" };
const textResults = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("chat completions of a deployment", () => {
  it("answer whole, with the content filter's verdicts and the underlying model", async () => {
    const { client } = await azureUnderTest();
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "gpt-4o", messages })
      .withResponse();
    expect(data).toMatchObject({
      object: "chat.completion",
      model: "gpt-4o-2024-08-06",
      choices: [{ finish_reason: "stop", message: { content: words }, content_filter_results: textResults }],
      usage: { prompt_tokens: 40, completion_tokens: 45, prompt_tokens_details: { cached_tokens: 12 } },
      prompt_filter_results: [
        { prompt_index: 0, content_filter_results: { ...textResults, jailbreak: { detected: false } } },
      ],
    });
    expect(data).not.toHaveProperty("service_tier");
    expect(request_id).toMatch(uuid);
    expect(response.headers.get("apim-request-id")).toMatch(uuid);
    expect(response.headers.get("apim-request-id")).not.toBe(request_id);
    expect(response.headers.get("x-ms-region")).toBe("East US 2");
    expect(response.headers.get("x-ms-client-request-id")).toBe(response.headers.get("apim-request-id"));
    expect(response.headers.has("openai-organization")).toBe(false);
  });

  it("go to the deployment that the constructor names, whatever model the body names", async () => {
    const { clientWith } = await azureUnderTest();
    const client = clientWith({ deployment: "gpt-4o-mini" });
    const answer = await client.chat.completions.create({ model: "gpt-4o", messages });
    expect(answer.model).toBe("gpt-4o-mini-2024-07-18");
  });

  it("take a Microsoft Entra token as bearer", async () => {
    const { clientWith } = await azureUnderTest();
    const client = clientWith({ azureADTokenProvider: () => Promise.resolve(apiKey) });
    expect((await client.chat.completions.create({ model: "gpt-4o", messages })).choices[0]?.message.content).toBe(
      words,
    );
  });

  it("send a client's own request id back", async () => {
    const { client } = await azureUnderTest();
    const options = { headers: { "x-ms-client-request-id": "mine-7" } };
    const { response } = await client.chat.completions.create({ model: "gpt-4o", messages }, options).withResponse();
    expect(response.headers.get("x-ms-client-request-id")).toBe("mine-7");
  });

  it("need no model in the body, since the path names it", async () => {
    const { endpoint } = await azureUnderTest();
    const response = await fetch(
      `${endpoint}/openai/deployments/gpt-4o/chat/completions?api-version=2025-04-01-preview`,
      {
        method: "POST",
        headers: { "api-key": apiKey, "content-type": "application/json" },
        body: JSON.stringify({ messages }),
      },
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ model: "gpt-4o-2024-08-06" });
  });
});

describe("the ready line", () => {
  it("names what the SDK needs: the endpoint, both keys, a deployment of each kind", async () => {
    const { server, endpoint } = await azureUnderTest();
    expect(server.ready.providers["azure-openai"]).toEqual({
      baseUrl: endpoint,
      apiKey,
      tightApiKey,
      model: "gpt-4o-mini",
      embeddingModel: "text-embedding-3-small",
    });
  });
});

describe("streams", () => {
  it("begin with an event without choices, and carry a verdict where there is text", async () => {
    const { client } = await azureUnderTest();
    const options = { model: "gpt-4o", messages, stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await gathered(await client.chat.completions.create(options));
    const [prompt, role, ...rest] = chunks;
    expect(prompt).toMatchObject({
      choices: [],
      created: 0,
      id: "",
      model: "",
      object: "",
      prompt_filter_results: [{ prompt_index: 0 }],
    });
    expect(role?.choices).toMatchObject([{ delta: { role: "assistant", content: "" }, content_filter_results: {} }]);
    const usage = rest.at(-1);
    const finish = rest.at(-2);
    expect(usage).toMatchObject({ choices: [], usage: { completion_tokens: 45 } });
    expect(finish?.choices).toMatchObject([{ delta: {}, finish_reason: "stop", content_filter_results: {} }]);
    const content = rest.slice(0, -2);
    // Default filtering buffers: 45 tokens in events of 20.
    expect(content).toHaveLength(3);
    for (const chunk of content) expect(chunk.choices).toMatchObject([{ content_filter_results: textResults }]);
    expect(content.map((chunk) => chunk.choices[0]?.delta.content).join("")).toBe(words);
    expect(new Set(rest.map(({ id }) => id)).size).toBe(1);
  });

  it("satisfy the SDK's own accumulator", async () => {
    const { client } = await azureUnderTest();
    const stream = client.chat.completions.stream({ model: "gpt-4o", messages });
    expect(await stream.finalContent()).toBe(words);
    expect((await stream.finalChatCompletion()).choices[0]?.finish_reason).toBe("stop");
  });

  it("of twenty clients at once stay apart and whole", async () => {
    const { client } = await azureUnderTest({ latencyScale: 0.05 });
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const content = `[sq l p${index} in=10 cached=0 out=100] hello`;
        const stream = client.chat.completions.stream({ model: "gpt-4o", messages: [{ role: "user", content }] });
        return stream.finalContent();
      }),
    );
    expect(texts).toEqual(texts.map((_, index) => answerText(`p${index}`)(0, 100)));
  });

  it("that their reader leaves stop being generated", async () => {
    const { client, journal } = await azureUnderTest({ latencyScale: 0.2 });
    const content = "[sq l left in=10 cached=0 out=4000] hello";
    const stream = await client.chat.completions.create({
      model: "gpt-4o",
      messages: [{ role: "user", content }],
      stream: true,
    });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await expect.poll(async () => (await journal()).map(({ outcome }) => outcome)).toEqual(["aborted"]);
    const [entry] = await journal();
    expect(entry?.outputTokens).toBeLessThan(1_000);
  });
});

describe("the v1 path", () => {
  it("takes the deployment from the body and the key as bearer, without an API version", async () => {
    const { v1 } = await azureUnderTest();
    const answer = await v1.chat.completions.create({ model: "gpt-4o", messages, max_tokens: 5 });
    expect(answer).toMatchObject({
      model: "gpt-4o-2024-08-06",
      choices: [{ finish_reason: "length" }],
      prompt_filter_results: [{}],
    });
    expect(answer.usage?.completion_tokens).toBe(5);
  });

  it("takes the key in Azure's own header too", async () => {
    const { v1With } = await azureUnderTest();
    const client = v1With({ apiKey: "unused", defaultHeaders: { "api-key": apiKey, authorization: null } });
    expect((await client.chat.completions.create({ model: "gpt-4o", messages })).choices[0]?.message.content).toBe(
      words,
    );
  });
});

describe("embeddings and models", () => {
  it("give the same vector by both paths", async () => {
    const { client, v1 } = await azureUnderTest();
    const request = { model: "text-embedding-3-small", input: "hello" };
    const [dated, plain] = [await client.embeddings.create(request), await v1.embeddings.create(request)];
    expect(dated.data[0]?.embedding).toHaveLength(1_536);
    expect(dated.data).toEqual(plain.data);
  });

  it("list what is deployed: base models by version on the dated path, as OpenAI does on v1", async () => {
    const { client, v1 } = await azureUnderTest();
    const dated = await gathered(client.models.list());
    expect(dated.map(({ id }) => id)).toContain("gpt-4o-2024-08-06");
    expect(dated[0]).toMatchObject({
      object: "model",
      status: "succeeded",
      capabilities: { chat_completion: true, embeddings: false },
    });
    expect((await gathered(v1.models.list())).map(({ id }) => id)).toContain("gpt-4o");
    expect(await v1.models.retrieve("gpt-4o")).toMatchObject({ id: "gpt-4o", object: "model" });
    expect(await client.models.retrieve("gpt-4o-2024-08-06")).toMatchObject({ id: "gpt-4o-2024-08-06" });
  });

  it("ask for a dated API version on the dated path", async () => {
    const { endpoint } = await azureUnderTest();
    const headers = { "api-key": apiKey };
    expect((await fetch(`${endpoint}/openai/models?api-version=${apiVersion}`, { headers })).status).toBe(200);
    expect((await fetch(`${endpoint}/openai/models?api-version=latest`, { headers })).status).toBe(404);
    expect((await fetch(`${endpoint}/openai/v1/models?api-version=preview`, { headers })).status).toBe(200);
  });
});
