import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { gathered, openAiUnderTest } from "./client.ts";

const messages = [{ role: "user" as const, content: "[sq l c1 in=40 cached=12 out=9] What is a token?" }];
const words = answerText("c1")(0, 9);

describe("chat completions through the SDK", () => {
  it("answers whole, with usage, ids and the dated snapshot", async () => {
    const { client } = await openAiUnderTest();
    const { data, response, request_id } = await client.chat.completions
      .create({ model: "gpt-4o-mini", messages })
      .withResponse();
    expect(data.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/);
    expect(data.object).toBe("chat.completion");
    expect(data.model).toBe("gpt-4o-mini-2024-07-18");
    expect(Math.abs(data.created - Date.now() / 1_000)).toBeLessThan(600);
    expect(data.choices).toEqual([
      {
        index: 0,
        message: { role: "assistant", content: words, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: "stop",
      },
    ]);
    expect(data.usage).toMatchObject({
      prompt_tokens: 40,
      completion_tokens: 9,
      total_tokens: 49,
      prompt_tokens_details: { cached_tokens: 12 },
      completion_tokens_details: { reasoning_tokens: 0 },
    });
    expect(request_id).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get("openai-organization")).toBe("org-squall");
    expect(response.headers.get("openai-version")).toBe("2020-10-01");
    expect(response.headers.get("openai-processing-ms")).toMatch(/^\d+$/);
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  it("sends limits that agree with each other and count down", async () => {
    const { clientWith } = await openAiUnderTest();
    const client = clientWith({ apiKey: "sk-squall-openai-tight" });
    const limits = async (): Promise<Record<string, string | null>> => {
      const { response } = await client.chat.completions.create({ model: "gpt-4o-mini", messages }).withResponse();
      const names = [
        "limit-requests",
        "remaining-requests",
        "reset-requests",
        "limit-tokens",
        "remaining-tokens",
        "reset-tokens",
      ];
      return Object.fromEntries(names.map((name) => [name, response.headers.get(`x-ratelimit-${name}`)]));
    };
    const first = await limits();
    expect(first["limit-requests"]).toBe("3");
    expect(first["remaining-requests"]).toBe("2");
    // Three requests in any five seconds: this one counts until five seconds have passed; a Go duration says so.
    expect(first["reset-requests"]).toMatch(/^(5|4\.\d+)s$/);
    expect(first["limit-tokens"]).toBe("1000000");
    expect(Number(first["remaining-tokens"])).toBeLessThan(1_000_000);
    expect(first["reset-tokens"]).toMatch(/^\d+(\.\d+)?m?s$/);
    expect((await limits())["remaining-requests"]).toBe("1");
  });

  it("cuts at max_tokens and says so, whole and streamed", async () => {
    const { client } = await openAiUnderTest();
    const request = { model: "gpt-4o-mini", messages, max_completion_tokens: 4 };
    const whole = await client.chat.completions.create(request);
    expect(whole.choices[0]).toMatchObject({ finish_reason: "length", message: { content: words.slice(0, 16) } });
    expect(whole.usage?.completion_tokens).toBe(4);
    const streamed = await client.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]).toMatchObject({ finish_reason: "length", message: { content: words.slice(0, 16) } });
  });

  it("gives several answers when asked, each with words of its own", async () => {
    const { client } = await openAiUnderTest();
    const whole = await client.chat.completions.create({ model: "gpt-4o-mini", messages, n: 3 });
    expect(whole.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(whole.choices.map((choice) => choice.message.content)).size).toBe(3);
    expect(whole.usage?.completion_tokens).toBe(27);
    const streamed = await client.chat.completions
      .stream({ model: "gpt-4o-mini", messages, n: 3 })
      .finalChatCompletion();
    expect(streamed.choices.map((choice) => choice.finish_reason)).toEqual(["stop", "stop", "stop"]);
  });

  it("knows a model by its snapshot as well as by its alias", async () => {
    const { client } = await openAiUnderTest();
    const answer = await client.chat.completions.create({ model: "gpt-4o-mini-2024-07-18", messages });
    expect(answer.model).toBe("gpt-4o-mini-2024-07-18");
  });

  it("repeats itself from a seed, and says something else with another", async () => {
    const answer = async (seed: number): Promise<unknown> => {
      const { client } = await openAiUnderTest({ seed });
      const { created: _created, ...rest } = await client.chat.completions.create({
        model: "gpt-4o-mini",
        messages: [{ role: "user", content: "no marker" }],
      });
      return rest;
    };
    expect(await answer(1)).toEqual(await answer(1));
    expect(await answer(2)).not.toEqual(await answer(1));
  });
});

describe("streams through the SDK", () => {
  it("arrive in order: role, words, finish, usage", async () => {
    const { client } = await openAiUnderTest();
    const stream = await client.chat.completions.create({
      model: "gpt-4o-mini",
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await gathered(stream);
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
    const deltas = chunks.slice(1, -2).map((chunk) => chunk.choices[0]?.delta.content);
    expect(deltas.join("")).toBe(words);
    expect(deltas).toHaveLength(9);
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 40, completion_tokens: 9 } });
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
    expect(chunks.slice(0, -1).every((chunk) => typeof chunk.obfuscation === "string")).toBe(true);
  });

  it("satisfy the helper, which checks every step", async () => {
    const { client } = await openAiUnderTest();
    const seen: string[] = [];
    const stream = client.chat.completions
      .stream({ model: "gpt-4o-mini", messages, stream_options: { include_obfuscation: false } })
      .on("content", (delta) => seen.push(delta));
    expect(await stream.finalContent()).toBe(words);
    expect(seen.join("")).toBe(words);
  });

  it("stay whole when fifty run at once", async () => {
    const { client } = await openAiUnderTest({ latencyScale: 0.05 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const content = `[sq l p${index} in=10 cached=0 out=${30 + index}] x`;
        const stream = client.chat.completions.stream({ model: "gpt-4o-mini", messages: [{ role: "user", content }] });
        return await stream.finalChatCompletion();
      }),
    );
    for (const [index, answer] of answers.entries()) {
      expect(answer.choices[0]?.message.content).toBe(answerText(`p${index}`)(0, 30 + index));
    }
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(50);
  });

  it("stop when the client aborts, and the journal knows what it cost", async () => {
    const { client, journal } = await openAiUnderTest({ latencyScale: 0.5 });
    const content = "[sq l gone in=10 cached=0 out=500] x";
    const aborted = new AbortController();
    const stream = await client.chat.completions.create(
      { model: "gpt-4o-mini", messages: [{ role: "user", content }], stream: true },
      { signal: aborted.signal },
    );
    let chunks = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content !== "") chunks++;
      if (chunks === 3) aborted.abort();
    }
    await expect.poll(() => journal()).toHaveLength(1);
    const [entry] = await journal();
    expect(entry).toMatchObject({ key: "gone", outcome: "aborted", reason: "client_left", stream: true });
    expect(entry?.chunks).toBeGreaterThanOrEqual(3);
    expect(entry?.outputTokens).toBeLessThan(500);
    expect(entry?.wastedTokens).toBeGreaterThan(0);
    expect(entry?.cost).toBeGreaterThan(0);
  });
});
