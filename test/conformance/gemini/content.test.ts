import { FunctionCallingConfigMode, ThinkingLevel, Type } from "@google/genai";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered, geminiUnderTest, textModel } from "./client.ts";

const contents = "[sq l c1 in=40 cached=12 out=30] What is a token?";
const words = answerText("c1")(0, 30);

describe("content through the SDK", () => {
  it("is answered whole, with usage, model and an id", async () => {
    const { client } = await geminiUnderTest();
    const answer = await client.models.generateContent({ model: textModel, contents });
    expect(answer.text).toBe(words);
    expect(answer.candidates).toEqual([
      { content: { parts: [{ text: words }], role: "model" }, finishReason: "STOP", index: 0 },
    ]);
    expect(answer.modelVersion).toBe(textModel);
    expect(answer.responseId).toMatch(/^[\w-]{23}$/);
    expect(answer.usageMetadata).toEqual({
      promptTokenCount: 40,
      candidatesTokenCount: 30,
      totalTokenCount: 70,
      cachedContentTokenCount: 12,
      cacheTokensDetails: [{ modality: "TEXT", tokenCount: 12 }],
      promptTokensDetails: [{ modality: "TEXT", tokenCount: 40 }],
    });
    const headers = answer.sdkHttpResponse?.headers ?? {};
    expect(headers["content-type"]).toBe("application/json; charset=UTF-8");
    expect(headers["vary"]).toBe("Origin, X-Origin, Referer");
    expect(Object.keys(headers).filter((name) => name.includes("ratelimit"))).toEqual([]);
  });

  it("is cut at maxOutputTokens, which says so, whole and streamed", async () => {
    const { client } = await geminiUnderTest();
    const request = { model: textModel, contents, config: { maxOutputTokens: 4 } };
    const whole = await client.models.generateContent(request);
    expect(whole.candidates?.[0]).toMatchObject({ finishReason: "MAX_TOKENS" });
    expect(whole.text).toBe(words.slice(0, 16));
    expect(whole.usageMetadata?.candidatesTokenCount).toBe(4);
    const chunks = await gathered(await client.models.generateContentStream(request));
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(words.slice(0, 16));
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("MAX_TOKENS");
  });

  it("ends before a stop sequence, which is counted and not sent", async () => {
    const { client } = await geminiUnderTest();
    const stop = words.slice(50, 57);
    const config = { stopSequences: ["\n\n", words.slice(90, 99), stop] };
    const answer = await client.models.generateContent({ model: textModel, contents, config });
    expect(answer.text).toBe(words.slice(0, words.indexOf(stop)));
    expect(answer.candidates?.[0]?.finishReason).toBe("STOP");
    expect(answer.usageMetadata?.candidatesTokenCount).toBe(Math.ceil((words.indexOf(stop) + stop.length) / 4));
  });

  it("has as many candidates as asked for, each with words of its own and its own end", async () => {
    const { client } = await geminiUnderTest();
    const request = { model: textModel, contents, config: { candidateCount: 3, maxOutputTokens: 10 } };
    const { candidates, usageMetadata } = await client.models.generateContent(request);
    expect(candidates?.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Set(candidates?.map(({ content }) => content?.parts?.[0]?.text)).size).toBe(3);
    expect(usageMetadata?.candidatesTokenCount).toBe(30);
    const chunks = await gathered(await client.models.generateContentStream(request));
    const ends = chunks
      .flatMap((chunk) => chunk.candidates ?? [])
      .filter(({ finishReason }) => finishReason !== undefined);
    expect(ends.map(({ index, finishReason }) => [index, finishReason])).toEqual([
      [0, "MAX_TOKENS"],
      [1, "MAX_TOKENS"],
      [2, "MAX_TOKENS"],
    ]);
  });

  it("repeats itself from a seed, and says something else with another", async () => {
    const answer = async (seed: number): Promise<unknown> => {
      const { client } = await geminiUnderTest({ seed });
      const { candidates, usageMetadata, responseId } = await client.models.generateContent({
        model: textModel,
        contents: "no marker",
      });
      return { candidates, usageMetadata, responseId };
    };
    expect(await answer(1)).toEqual(await answer(1));
    expect(await answer(2)).not.toEqual(await answer(1));
  });

  it("goes on in a chat, whose turns count as prompt", async () => {
    const { client } = await geminiUnderTest();
    const chat = client.chats.create({ model: textModel });
    const first = await chat.sendMessage({ message: "Hello" });
    const second = await chat.sendMessage({ message: "And then?" });
    const said = first.usageMetadata?.candidatesTokenCount ?? 0;
    expect(said).toBeGreaterThan(0);
    expect(second.usageMetadata?.promptTokenCount).toBeGreaterThan(said / 2);
    expect(chat.getHistory().map(({ role }) => role)).toEqual(["user", "model", "user", "model"]);
  });
});

describe("streams through the SDK", () => {
  it("bring whole responses: running totals, one id, an end at the last", async () => {
    const { client } = await geminiUnderTest();
    const chunks = await gathered(await client.models.generateContentStream({ model: textModel, contents }));
    // The profile sends 20 tokens an event.
    expect(chunks).toHaveLength(2);
    expect(chunks.map((chunk) => chunk.text).join("")).toBe(words);
    expect(new Set(chunks.map(({ responseId, modelVersion }) => `${responseId} ${modelVersion}`)).size).toBe(1);
    expect(chunks.map((chunk) => chunk.candidates?.[0]?.finishReason)).toEqual([undefined, "STOP"]);
    expect(chunks.map((chunk) => chunk.usageMetadata?.candidatesTokenCount)).toEqual([15, 30]);
    expect(chunks.every((chunk) => chunk.usageMetadata?.promptTokenCount === 40)).toBe(true);
  });

  it("are blocks of one data line each, all of them ended by an empty line", async () => {
    const { post } = await geminiUnderTest();
    const response = await post(`${textModel}:streamGenerateContent?alt=sse`, {
      contents: [{ parts: [{ text: contents }] }],
    });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const text = await response.text();
    expect(text.endsWith("\r\n\r\n")).toBe(true);
    const blocks = text.split("\r\n\r\n").slice(0, -1);
    expect(blocks).toHaveLength(2);
    expect(blocks.every((block) => block.startsWith("data: {") && !block.includes("\n"))).toBe(true);
  });

  it("are one JSON array when nobody asks for events", async () => {
    const { post } = await geminiUnderTest();
    const response = await post(`${textModel}:streamGenerateContent`, { contents: [{ parts: [{ text: contents }] }] });
    expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    const text = await response.text();
    expect(text.split(",\r\n")).toHaveLength(2);
    const chunks = JSON.parse(text) as readonly { candidates: readonly { content: { parts: { text: string }[] } }[] }[];
    expect(chunks.map((chunk) => chunk.candidates[0]?.content.parts[0]?.text).join("")).toBe(words);
  });

  it("stay whole when twenty run at once", async () => {
    const { client } = await geminiUnderTest({ latencyScale: 0.05 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const asked = `[sq l p${index} in=10 cached=0 out=${100 + index}] x`;
        const chunks = await gathered(await client.models.generateContentStream({ model: textModel, contents: asked }));
        return chunks.map((chunk) => chunk.text).join("");
      }),
    );
    expect(answers).toEqual(answers.map((_, index) => answerText(`p${index}`)(0, 100 + index)));
  });

  it("stop when the client aborts, and the journal knows what it cost", async () => {
    const { client, journal } = await geminiUnderTest({ latencyScale: 1 });
    const abort = new AbortController();
    const asked = "[sq l gone in=10 cached=0 out=4000] x";
    const config = { abortSignal: abort.signal };
    const stream = await client.models.generateContentStream({ model: textModel, contents: asked, config });
    const reading = gathered(stream);
    abort.abort();
    await expect(reading).rejects.toThrow();
    await expect.poll(async () => (await journal()).map(({ outcome }) => outcome)).toEqual(["aborted"]);
    const [entry] = await journal();
    expect(entry?.outputTokens).toBeLessThan(4_000);
  });
});

describe("thoughts", () => {
  const model = textModel;

  it("are counted beside the text, and shown only when asked for", async () => {
    const { client } = await geminiUnderTest();
    const hidden = await client.models.generateContent({
      model,
      contents,
      config: { thinkingConfig: { thinkingBudget: 10 } },
    });
    expect(hidden.usageMetadata).toMatchObject({
      thoughtsTokenCount: 10,
      candidatesTokenCount: 20,
      totalTokenCount: 70,
    });
    expect(hidden.candidates?.[0]?.content?.parts?.map(({ thought }) => thought)).toEqual([undefined]);
    const config = { thinkingConfig: { thinkingBudget: 10, includeThoughts: true } };
    const shown = await client.models.generateContent({ model, contents, config });
    const parts = shown.candidates?.[0]?.content?.parts ?? [];
    expect(parts.map(({ thought }) => thought)).toEqual([true, undefined]);
    expect(parts[0]?.text).toHaveLength(40);
    expect(shown.text).toBe(hidden.text);
  });

  it("share maxOutputTokens with the text, of which there may be none", async () => {
    const { client } = await geminiUnderTest();
    const config = { maxOutputTokens: 8, thinkingConfig: { thinkingBudget: -1 } };
    for (const chunks of [
      [await client.models.generateContent({ model, contents, config })],
      await gathered(await client.models.generateContentStream({ model, contents, config })),
    ]) {
      expect(chunks.map((chunk) => chunk.text ?? "").join("")).toBe("");
      expect(chunks.at(-1)?.candidates?.[0]).toEqual({
        content: { role: "model" },
        finishReason: "MAX_TOKENS",
        index: 0,
      });
      expect(chunks.at(-1)?.usageMetadata).toMatchObject({ thoughtsTokenCount: 8, totalTokenCount: 48 });
    }
  });

  it("follow a level as well as a budget, and cannot be turned off where the model needs them", async () => {
    const { client } = await geminiUnderTest();
    const thoughtsOf = async (asked: string, thinkingConfig: object): Promise<number | undefined> => {
      const answer = await client.models.generateContent({ model: asked, contents, config: { thinkingConfig } });
      return answer.usageMetadata?.thoughtsTokenCount;
    };
    expect(await thoughtsOf(model, { thinkingLevel: ThinkingLevel.HIGH })).toBe(15);
    expect(await thoughtsOf(model, {})).toBeUndefined();
    expect(await thoughtsOf("gemini-2.5-pro", {})).toBe(15);
  });
});

describe("functions", () => {
  const declaration = {
    name: "set_light",
    parameters: {
      type: Type.OBJECT,
      properties: {
        room: { type: Type.STRING, enum: ["kitchen", "hall"] },
        brightness: { type: Type.INTEGER, minimum: 1, maximum: 9 },
      },
      required: ["room", "brightness"],
    },
  };
  const tools = [{ functionDeclarations: [declaration, { name: "wait" }] }];
  const forced = {
    functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["set_light"] },
  };

  it("are called when forced, with arguments that fit their schema, whole and streamed", async () => {
    const { client } = await geminiUnderTest();
    const request = { model: textModel, contents: "Light, please", config: { tools, toolConfig: forced } };
    const whole = await client.models.generateContent(request);
    const streamed = await gathered(await client.models.generateContentStream(request));
    for (const calls of [whole.functionCalls, streamed.flatMap((chunk) => chunk.functionCalls ?? [])]) {
      expect(calls).toHaveLength(1);
      expect(calls?.[0]?.name).toBe("set_light");
      expect(["kitchen", "hall"]).toContain(calls?.[0]?.args?.["room"]);
      expect(calls?.[0]?.args?.["brightness"]).toSatisfy((value: number) => value >= 1 && value <= 9);
    }
    expect(whole.candidates?.[0]?.finishReason).toBe("STOP");
    expect(whole.functionCalls?.[0]?.id).toBeUndefined();
  });

  it("carry an id and a signature of thoughts in Gemini 3 and later", async () => {
    const { client } = await geminiUnderTest();
    const config = { tools, toolConfig: forced };
    const { candidates } = await client.models.generateContent({ model: "gemini-3.5-flash", contents, config });
    expect(candidates?.[0]?.content?.parts).toMatchObject([
      { functionCall: { id: expect.stringMatching(/^\w{8}$/) }, thoughtSignature: expect.stringMatching(/==$/) },
    ]);
  });

  it("are called two at a time now and then, each with an id of its own, the first with the signature", async () => {
    const { client } = await geminiUnderTest();
    const counts = new Set<number>();
    for (let question = 0; question < 8; question++) {
      const asked = { model: "gemini-3.5-flash", contents: `Question ${question}`, config: { tools } };
      const { candidates } = await client.models.generateContent(asked);
      const parts = candidates?.[0]?.content?.parts ?? [];
      expect(new Set(parts.map(({ functionCall }) => functionCall?.id)).size).toBe(parts.length);
      expect(new Set(parts.map(({ functionCall }) => functionCall?.name)).size).toBe(parts.length);
      expect(parts.map(({ thoughtSignature }) => thoughtSignature !== undefined)).toEqual(
        parts.map((_, index) => index === 0),
      );
      counts.add(parts.length);
    }
    expect(counts).toEqual(new Set([1, 2]));
  });

  it("are called when offered, until the last turn is the result of a call", async () => {
    const { client } = await geminiUnderTest();
    const offered = await client.models.generateContent({ model: textModel, contents, config: { tools } });
    expect(offered.functionCalls).toEqual([
      { name: expect.stringMatching(/^(set_light|wait)$/), args: expect.anything() },
    ]);
    const none = { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } };
    const forbidden = await client.models.generateContent({
      model: textModel,
      contents,
      config: { tools, toolConfig: none },
    });
    expect(forbidden.text).toBe(words);
    const turns = [
      { role: "user", parts: [{ text: "Light, please" }] },
      { role: "model", parts: [{ functionCall: { name: "set_light", args: { room: "hall", brightness: 3 } } }] },
      { role: "user", parts: [{ functionResponse: { name: "set_light", response: { output: "done" } } }] },
    ];
    const answered = await client.models.generateContent({ model: textModel, contents: turns, config: { tools } });
    expect(answered.functionCalls).toBeUndefined();
    expect(answered.text).not.toBe("");
    const again = await client.models.generateContent({
      model: textModel,
      contents: turns,
      config: { tools, toolConfig: forced },
    });
    expect(again.functionCalls).toHaveLength(1);
  });

  it("are cut off whole when the answer ends before their last token", async () => {
    const { client } = await geminiUnderTest();
    const config = { tools, toolConfig: forced, maxOutputTokens: 2 };
    const answer = await client.models.generateContent({ model: textModel, contents, config });
    expect(answer.functionCalls).toBeUndefined();
    expect(answer.candidates?.[0]?.finishReason).toBe("MAX_TOKENS");
  });
});

describe("structured output", () => {
  const responseSchema = {
    type: Type.OBJECT,
    properties: {
      name: { type: Type.STRING },
      scores: { type: Type.ARRAY, items: { type: Type.NUMBER }, minItems: "2", maxItems: "4" },
    },
    required: ["name", "scores"],
  };

  it("fits the schema, in Google's words and in JSON Schema's, whole and streamed", async () => {
    const { client } = await geminiUnderTest();
    const responseJsonSchema = {
      type: "object",
      properties: {
        name: { type: "string" },
        scores: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 4 },
      },
      required: ["name", "scores"],
    };
    for (const schema of [{ responseSchema }, { responseJsonSchema }]) {
      const request = { model: textModel, contents: "x", config: { responseMimeType: "application/json", ...schema } };
      const whole = await client.models.generateContent(request);
      const streamed = await gathered(await client.models.generateContentStream(request));
      for (const text of [whole.text, streamed.map((chunk) => chunk.text).join("")]) {
        const value = JSON.parse(text ?? "") as { readonly name: string; readonly scores: readonly number[] };
        expect(typeof value.name).toBe("string");
        expect(value.scores.length).toBeGreaterThanOrEqual(2);
        expect(value.scores.every((score) => typeof score === "number")).toBe(true);
      }
    }
  });

  it("is one of the values of an enum, bare", async () => {
    const { client } = await geminiUnderTest();
    const config = { responseMimeType: "text/x.enum", responseSchema: { type: Type.STRING, enum: ["red", "blue"] } };
    const { text } = await client.models.generateContent({ model: textModel, contents: "x", config });
    expect(["red", "blue"]).toContain(text);
  });

  it("is some JSON when there is no schema", async () => {
    const { client } = await geminiUnderTest();
    const config = { responseMimeType: "application/json" };
    const { text } = await client.models.generateContent({ model: textModel, contents, config });
    expect(JSON.parse(text ?? "")).toEqual({ answer: words });
  });
});
