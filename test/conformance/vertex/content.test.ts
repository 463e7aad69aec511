import { GoogleGenAI } from "@google/genai";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { defaultMockConfig } from "../../../mock-providers/config.ts";
import { errorOf, gathered, textModel } from "../gemini/client.ts";
import { parent, roomyToken, tightToken, vertexUnderTest } from "./client.ts";

const contents = "[sq l c1 in=40 cached=0 out=30] What is a token?";
const words = answerText("c1")(0, 30);

describe("content through the SDK", () => {
  it("is answered whole and streamed, with the time and the kind of traffic", async () => {
    const { client } = await vertexUnderTest();
    const whole = await client.models.generateContent({ model: textModel, contents });
    expect(whole.text).toBe(words);
    expect(whole.createTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(whole.usageMetadata).toMatchObject({ totalTokenCount: 70, trafficType: "ON_DEMAND" });
    const chunks = await gathered(await client.models.generateContentStream({ model: textModel, contents }));
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(words);
    expect(new Set(chunks.map(({ createTime }) => createTime)).size).toBe(1);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
  });

  it("is framed for gateways: blocks ended by CRLF CRLF", async () => {
    const { post } = await vertexUnderTest();
    const body = { contents: [{ role: "user", parts: [{ text: contents }] }] };
    const response = await post(`google/models/${textModel}:streamGenerateContent?alt=sse`, body);
    const text = await response.text();
    expect(text.split("\r\n\r\n").filter((block) => block !== "")).toHaveLength(2);
    expect(text.endsWith("\r\n\r\n")).toBe(true);
  });

  it("may be asked for with an API key in express mode, and only there", async () => {
    const { base, post } = await vertexUnderTest();
    const express = new GoogleGenAI({ vertexai: true, apiKey: roomyToken, httpOptions: { baseUrl: base } });
    expect((await express.models.generateContent({ model: textModel, contents })).text).toBe(words);
    const response = await post(`google/models/${textModel}:generateContent`, {}, { "x-goog-api-key": roomyToken });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { status: "UNAUTHENTICATED", message: expect.stringMatching(/^API keys are not supported by this API/) },
    });
  });

  it("counts tokens, lists models, and takes a model's version", async () => {
    const { client } = await vertexUnderTest();
    expect((await client.models.countTokens({ model: textModel, contents })).totalTokens).toBe(40);
    const models = await gathered(await client.models.list());
    expect(models.map(({ name }) => name)).toContain(`publishers/google/models/${textModel}`);
    expect((await client.models.get({ model: textModel })).name).toBe(`publishers/google/models/${textModel}`);
    expect((await client.models.generateContent({ model: `${textModel}@default`, contents })).text).toBe(words);
  });

  it.each(["gemini-embedding-001", "gemini-embedding-2"])("makes embeddings by the method of %s", async (model) => {
    const { client, post } = await vertexUnderTest();
    const { embeddings } = await client.models.embedContent({
      model,
      contents: "a cat",
      config: { outputDimensionality: 8 },
    });
    expect(embeddings?.[0]?.values).toHaveLength(8);
    expect(embeddings?.[0]?.statistics?.tokenCount).toBe(2);
    const other = model === "gemini-embedding-2" ? "predict" : "embedContent";
    expect((await post(`google/models/${model}:${other}`, {})).status).toBe(404);
  });
});

describe("errors through the SDK", () => {
  const ask = { model: textModel, contents: "x" };

  it("are 401 for a wrong token, 404 with the whole resource for a wrong model", async () => {
    const { clientFor, client } = await vertexUnderTest();
    expect(await errorOf(clientFor("ya29.guess").models.generateContent(ask))).toMatchObject({
      code: 401,
      status: "UNAUTHENTICATED",
      details: [{ reason: "ACCESS_TOKEN_TYPE_UNSUPPORTED" }],
    });
    const unknown = await errorOf(client.models.generateContent({ model: "gemini-0", contents: "x" }));
    expect(unknown).toMatchObject({ code: 404, status: "NOT_FOUND" });
    expect(unknown.message).toContain(`Publisher Model \`${parent}/publishers/google/models/gemini-0\` was not found`);
  });

  it("say nothing of when to come back when capacity is short", async () => {
    const { clientFor } = await vertexUnderTest();
    const tight = clientFor(tightToken);
    for (let call = 0; call < 3; call++) await tight.models.generateContent(ask);
    const error = await errorOf(tight.models.generateContent(ask));
    expect(error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    expect(error.message).toMatch(/^Resource exhausted\. Please try again later\./);
    expect(error.details).toBeUndefined();
  });

  it("name the supported range, whose upper end is out of it", async () => {
    const { client } = await vertexUnderTest();
    const longest = await client.models.generateContent({ ...ask, config: { maxOutputTokens: 65_535 } });
    expect(longest.text).not.toBe("");
    expect(await errorOf(client.models.generateContent({ ...ask, config: { maxOutputTokens: 65_536 } }))).toMatchObject(
      {
        code: 400,
        message:
          "Unable to submit request because it has a maxOutputTokens value of 65536 but the supported range is from 1 (inclusive) to 65536 (exclusive). Update the value and try again.",
      },
    );
  });
});

describe("capacity", () => {
  it("is short for everybody while the shared pool is, and back afterwards", async () => {
    // The mock's second takes a millisecond: hundreds of shortages in a moment.
    const sharedPool = { shortEveryMs: 60_000, shortForMs: 30_000 };
    const { client } = await vertexUnderTest({ timeScale: 1_000 }, { sharedPool });
    const codes = new Set<number>();
    await expect
      .poll(
        async () => {
          try {
            await client.models.generateContent({ model: textModel, contents: "x" });
            codes.add(200);
          } catch (error) {
            codes.add((error as { readonly status: number }).status);
          }
          return [...codes].toSorted((one, other) => one - other);
        },
        { interval: 5, timeout: 10_000 },
      )
      .toEqual([200, 429]);
  });

  it("that was purchased is used first, then pay-as-you-go, unless the request insists", async () => {
    const [vertex] = defaultMockConfig().providers.filter(({ name }) => name === "vertex");
    const models = (vertex?.models ?? []).map((model) =>
      model.model === textModel ? { ...model, provisionedUnits: 1 } : model,
    );
    // One window of the clock lasts longer than the test.
    const { client, clientFor } = await vertexUnderTest({ timeScale: 0.01 }, { models });
    const large = { model: textModel, contents: "[sq l large in=80000 cached=0 out=5] x" };
    const traffic = async (one: GoogleGenAI): Promise<string | undefined> =>
      (await one.models.generateContent(large)).usageMetadata?.trafficType;
    expect(await traffic(clientFor(roomyToken, { "X-Vertex-AI-LLM-Request-Type": "shared" }))).toBe("ON_DEMAND");
    expect(await traffic(client)).toBe("PROVISIONED_THROUGHPUT");
    expect(await traffic(client)).toBe("ON_DEMAND");
    const dedicated = clientFor(roomyToken, { "X-Vertex-AI-LLM-Request-Type": "dedicated" });
    expect(await errorOf(dedicated.models.generateContent(large))).toMatchObject({
      code: 429,
      message: "Too many requests. Exceeded the Provisioned Throughput.",
    });
  });
});
