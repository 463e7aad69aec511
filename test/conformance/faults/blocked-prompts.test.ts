/** What a content filter that objects to the prompt looks like to the users of the vendors' own SDKs. */
import { describe, expect, it } from "vitest";
import { bedrockUnderTest } from "../bedrock/client.ts";
import { geminiUnderTest, textModel } from "../gemini/client.ts";
import { callers } from "./callers.ts";

/** OpenAI and Azure refuse; others answer with nothing and say why. */
const seenBy: Readonly<Record<string, object>> = {
  openai: { error: { status: 400, code: "invalid_prompt" } },
  "azure-openai": { error: { status: 400, code: "content_filter", param: "prompt" } },
  anthropic: { error: undefined, finish: "refusal", pieces: 0, outputTokens: 0 },
  "claude on vertex": { error: undefined, finish: "refusal", pieces: 0, outputTokens: 0 },
  bedrock: { error: undefined, finish: "content_filtered", pieces: 0, outputTokens: 0 },
  gemini: { error: undefined, finish: undefined, pieces: 0 },
  vertex: { error: undefined, finish: undefined, pieces: 0 },
};

describe("a prompt that is turned away", () => {
  it.each(Object.entries(callers))("is told as %s tells it", async (name, open) => {
    const { mock, provider, stream } = await open();
    await mock.control("POST", "faults", { fault: { provider, kind: "content-filter", at: "prompt" } });
    expect(await stream()).toMatchObject(seenBy[name] ?? {});
    expect(await mock.journal()).toMatchObject([{ outputTokens: 0 }]);
  });

  it("has no candidate at Google, but a reason, streamed and whole", async () => {
    const { client, control } = await geminiUnderTest();
    await control("POST", "faults", { fault: { provider: "gemini", kind: "content-filter", at: "prompt" } });
    const whole = await client.models.generateContent({ model: textModel, contents: "hi" });
    const chunks: unknown[] = [];
    for await (const chunk of await client.models.generateContentStream({ model: textModel, contents: "hi" })) {
      chunks.push(chunk);
    }
    for (const answer of [whole, ...chunks]) {
      expect(answer).toMatchObject({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata: expect.anything() });
      expect(answer).not.toHaveProperty("candidates");
    }
    expect(chunks).toHaveLength(1);
  });

  it("has what the filter found at Azure, and is no use of an answer's share", async () => {
    const open = callers["azure-openai"];
    const { mock, stream } = await (open?.() ?? expect.fail("there is a caller of Azure"));
    const fault = { provider: "azure-openai", kind: "content-filter", at: "prompt" };
    const wrong = await mock.control("POST", "faults", { fault: { ...fault, after: "50%" } });
    expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining("is for answers")]);
    await mock.control("POST", "faults", { fault });
    const { error } = await stream();
    const found = { code: "ResponsibleAIPolicyViolation", content_filter_result: { violence: { filtered: true } } };
    expect(error).toMatchObject({ error: { status: 400, innererror: found } });
    const written: unknown = await (await mock.control("GET", "faults")).json();
    expect(JSON.stringify(written)).toContain('"at":"prompt"');
  });

  it("ends a whole answer of Bedrock's before it begins", async () => {
    const { control, url } = await bedrockUnderTest();
    await control("POST", "faults", { fault: { provider: "bedrock", kind: "content-filter", at: "prompt" } });
    const answer = await fetch(`${url}/bedrock/model/amazon.nova-micro-v1%3A0/converse`, {
      method: "POST",
      headers: { authorization: "Bearer sk-squall-bedrock", "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ role: "user", content: [{ text: "hi" }] }] }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { stopReason: "content_filtered", usage: { outputTokens: 0 } },
    ]);
  });
});
