import { describe, expect, it } from "vitest";
import { errorOf, gathered, geminiUnderTest, textModel } from "./client.ts";

describe("models through the SDK", () => {
  it("are listed page by page, and found one by one", async () => {
    const { client, server } = await geminiUnderTest();
    const listed = await gathered(await client.models.list({ config: { pageSize: 5 } }));
    const names = listed.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain(`models/${server.ready.providers["gemini"]?.embeddingModel}`);
    const one = await client.models.get({ model: textModel });
    expect(one).toMatchObject({ name: `models/${textModel}`, inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 });
    expect(one.supportedActions).toContain("generateContent");
    expect(await errorOf(client.models.get({ model: "gemini-0" }))).toMatchObject({ code: 404 });
    expect(await errorOf(client.models.list({ config: { pageToken: "nowhere" } }))).toMatchObject({ code: 400 });
  });

  it("are shown to nobody without a key", async () => {
    const { clientFor } = await geminiUnderTest();
    expect(await errorOf(clientFor("guess").models.list())).toMatchObject({ code: 400 });
  });
});

describe("tokens through the SDK", () => {
  it("are counted without an answer, a limit or a trace in the journal", async () => {
    const { client, clientFor, journal, post } = await geminiUnderTest();
    const contents = "Could you tell me what a token is?";
    const { totalTokens } = await client.models.countTokens({ model: textModel, contents });
    const answer = await client.models.generateContent({ model: textModel, contents });
    expect(answer.usageMetadata?.promptTokenCount).toBe(totalTokens);
    const marked = await client.models.countTokens({ model: textModel, contents: "[sq l k in=123 cached=0 out=1] x" });
    expect(marked.totalTokens).toBe(123);
    expect(await journal()).toHaveLength(1);
    for (const [apiKey, model, code] of [
      ["guess", textModel, 400],
      ["sk-squall-gemini", "gemini-0", 404],
    ] as const) {
      expect(await errorOf(clientFor(apiKey).models.countTokens({ model, contents }))).toMatchObject({ code });
    }
    expect((await post(`${textModel}:countTokens`, {})).status).toBe(400);
  });

  it("are counted of a whole request too", async () => {
    const { post } = await geminiUnderTest();
    const contents = [{ parts: [{ text: "one two three" }] }];
    const system = { parts: [{ text: "four five" }] };
    const count = async (body: object): Promise<unknown> => await (await post(`${textModel}:countTokens`, body)).json();
    expect(await count({ contents })).toMatchObject({ totalTokens: 3 });
    const generateContentRequest = { model: `models/${textModel}`, contents, systemInstruction: system };
    expect(await count({ generateContentRequest })).toMatchObject({ totalTokens: 5 });
    expect(await count({ generateContentRequest, contents })).toMatchObject({ error: { code: 400 } });
  });
});

describe("embeddings through the SDK", () => {
  const model = "gemini-embedding-001";

  it("have the length that was asked for and norm one; equal texts are equal, others are not alike", async () => {
    const { client } = await geminiUnderTest();
    const { embeddings = [] } = await client.models.embedContent({ model, contents: ["a cat", "a dog", "a cat"] });
    const [cat, dog, again] = embeddings.map(({ values }) => values ?? []);
    expect(cat).toHaveLength(3_072);
    expect(again).toEqual(cat);
    const dot = (left: readonly number[] = [], right: readonly number[] = []): number =>
      left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
    expect(dot(cat, cat)).toBeCloseTo(1, 5);
    expect(Math.abs(dot(cat, dog))).toBeLessThan(0.1);
    const short = await client.models.embedContent({ model, contents: "a cat", config: { outputDimensionality: 256 } });
    expect(short.embeddings?.[0]?.values).toHaveLength(256);
  });

  it("come one at a time as well, in an object of their own", async () => {
    const { post } = await geminiUnderTest();
    const response = await post(`${model}:embedContent`, {
      content: { parts: [{ text: "a cat" }] },
      outputDimensionality: 8,
    });
    const { embedding } = (await response.json()) as { readonly embedding: { readonly values: readonly number[] } };
    expect(embedding.values).toHaveLength(8);
  });

  it("are refused in a batch for another model than the path's", async () => {
    const { post } = await geminiUnderTest();
    const asked = (name: string): object => ({ model: `models/${name}`, content: { parts: [{ text: "x" }] } });
    const batch = { requests: [asked(model), asked("gemini-embedding-2")] };
    const response = await post(`${model}:batchEmbedContents`, batch);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("BatchEmbedContentsRequest.requests[1].model");
  });

  it("are refused for a text model, for more dimensions than there are, and for nothing", async () => {
    const { client } = await geminiUnderTest();
    expect(await errorOf(client.models.embedContent({ model: textModel, contents: "x" }))).toMatchObject({ code: 404 });
    const many = { model, contents: "x", config: { outputDimensionality: 3_073 } };
    expect(await errorOf(client.models.embedContent(many))).toMatchObject({ code: 400 });
    expect(await errorOf(client.models.embedContent({ model, contents: "" }))).toMatchObject({ code: 400 });
    expect(await errorOf(client.models.embedContent({ model: "gemini-0", contents: "x" }))).toMatchObject({
      code: 404,
    });
  });
});
