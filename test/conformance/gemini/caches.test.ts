/** Cached contents and the implicit cache, through Google's own SDK. */
import { FunctionCallingConfigMode, type GoogleGenAI } from "@google/genai";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { vertexUnderTest } from "../vertex/client.ts";
import { geminiUnderTest, hourlyKey, textModel } from "./client.ts";

const long = answerText("a long document")(0, 6_000);
const document = [{ role: "user" as const, parts: [{ text: long }] }];

async function cached(client: GoogleGenAI, more: object = {}): Promise<string> {
  const { name } = await client.caches.create({ model: textModel, config: { contents: document, ...more } });
  return name ?? expect.fail("a cached content has a name");
}

describe("cached contents through the SDK", () => {
  it.each([
    {
      service: "the Gemini API",
      open: geminiUnderTest,
      name: /^cachedContents\/\w{36}$/,
      model: `models/${textModel}`,
    },
    {
      service: "Vertex AI",
      open: vertexUnderTest,
      name: /^projects\/p1\/locations\/us-central1\/cachedContents\/\w{36}$/,
      model: `projects/p1/locations/us-central1/publishers/google/models/${textModel}`,
    },
  ])("are made, read, listed, prolonged and deleted at $service", async ({ open, name, model }) => {
    const { client } = await open();
    const made = await client.caches.create({
      model: textModel,
      config: { contents: document, ttl: "60s", displayName: "book" },
    });
    expect(made).toMatchObject({
      name: expect.stringMatching(name),
      model,
      displayName: "book",
      usageMetadata: { totalTokenCount: expect.any(Number) },
    });
    expect(made.usageMetadata?.totalTokenCount).toBeGreaterThan(4_000);
    const lifeMs = Date.parse(made.expireTime ?? "") - Date.parse(made.createTime ?? "");
    expect(Math.round(lifeMs / 1_000)).toBe(60);
    const asked = { name: made.name ?? "" };
    expect(await client.caches.get(asked)).toMatchObject({ name: made.name, createTime: made.createTime });
    const longer = await client.caches.update({ ...asked, config: { ttl: "600s" } });
    expect(Date.parse(longer.expireTime ?? "")).toBeGreaterThan(Date.parse(made.expireTime ?? "") + 500_000);
    const others = await Promise.all([cached(client), cached(client)]);
    const listed: (string | undefined)[] = [];
    for await (const each of await client.caches.list({ config: { pageSize: 2 } })) listed.push(each.name);
    expect(new Set(listed)).toEqual(new Set([made.name, ...others]));
    await client.caches.delete(asked);
    await expect(client.caches.get(asked)).rejects.toMatchObject({ status: 403 });
    await expect(client.caches.delete(asked)).rejects.toThrow("CachedContent not found");
  });

  it("are part of every prompt that names them, at the price of cached tokens", async () => {
    const { client, journal, control } = await geminiUnderTest();
    const weather = { name: "weather", parametersJsonSchema: { type: "object", properties: {} } };
    const tools = [{ functionDeclarations: [weather] }];
    const cachedContent = await cached(client, { systemInstruction: "Answer as a critic.", tools });
    const contents = "Is it any good?";
    const answer = await client.models.generateContent({ model: textModel, contents, config: { cachedContent } });
    const usage = answer.usageMetadata;
    const { usageMetadata: held } = await client.caches.get({ name: cachedContent });
    expect(usage?.cachedContentTokenCount).toBe(held?.totalTokenCount);
    expect(usage?.promptTokenCount).toBeGreaterThan(held?.totalTokenCount ?? Number.NaN);
    expect(answer.functionCalls).toEqual([{ name: "weather", args: {} }]);
    const [entry] = await journal();
    expect(entry).toMatchObject({ inputTokens: usage?.promptTokenCount, cachedTokens: held?.totalTokenCount });
    // Cached input costs a tenth at this model: $0.03 instead of $0.30 per million tokens.
    const plain = (usage?.promptTokenCount ?? 0) - (held?.totalTokenCount ?? 0);
    const output = usage?.candidatesTokenCount ?? 0;
    expect(entry?.cost).toBe(Math.round(plain * 300 + (held?.totalTokenCount ?? 0) * 30 + output * 2_500));
    expect((await control("GET", "ledger")).status).toBe(200);
  });

  it("are refused where the service refuses them", async () => {
    const { client, clientFor } = await geminiUnderTest();
    const config = { cachedContent: await cached(client) };
    const asked = { model: textModel, contents: "hi" };
    const cases: readonly (readonly [() => Promise<unknown>, number, string])[] = [
      [() => client.caches.create({ model: textModel, config: { contents: "short" } }), 400, "too small"],
      [() => client.caches.create({ model: "gemini-0", config: { contents: document } }), 404, "is not found"],
      [() => client.caches.create({ model: textModel, config: { contents: document, ttl: "soon" } }), 400, "Duration"],
      [
        () => client.models.generateContent({ ...asked, config: { cachedContent: "cachedContents/x" } }),
        403,
        "not found",
      ],
      [() => client.models.generateContent({ ...asked, model: "gemini-2.5-pro", config }), 400, "has to be the same"],
      [
        () => client.models.generateContent({ ...asked, config: { ...config, systemInstruction: "x" } }),
        400,
        "can not be used",
      ],
      [() => clientFor(hourlyKey).models.generateContent({ ...asked, config }), 403, "not found"],
      [() => clientFor("sk-nobody").caches.list(), 400, "API key not valid"],
    ];
    for (const [call, status, text] of cases) {
      await expect(call()).rejects.toMatchObject({ status, message: expect.stringContaining(text) });
    }
  });

  it("are gone when their time is over", async () => {
    const { client } = await geminiUnderTest({ timeScale: 1_000 });
    const cachedContent = await cached(client, { ttl: "100s" });
    const ask = (): Promise<unknown> =>
      client.models.generateContent({ model: textModel, contents: "hi", config: { cachedContent } });
    await expect
      .poll(() =>
        ask().then(
          () => "there",
          ({ status }: { status: number }) => status,
        ),
      )
      .toBe(403);
    await expect(client.caches.list()).resolves.toMatchObject({ page: [] });
  });
});

describe("the implicit cache", () => {
  it("reads the beginning that prompts have in common, instructions first, once they are long enough", async () => {
    const { client } = await geminiUnderTest();
    const ask = async (systemInstruction: string, contents: string): Promise<number> => {
      const toolConfig = { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } };
      const config = { systemInstruction, toolConfig };
      const { usageMetadata } = await client.models.generateContent({ model: textModel, contents, config });
      return usageMetadata?.cachedContentTokenCount ?? 0;
    };
    expect(await ask(long, "first")).toBe(0);
    expect(await ask(long, "second")).toBeGreaterThan(4_000);
    expect(await ask("short", "first")).toBe(0);
    expect(await ask("short", "second")).toBe(0);
  });
});
