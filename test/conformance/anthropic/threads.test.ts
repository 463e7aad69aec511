/** Conversations that the service holds, through the SDK's own threads. */
import { NotFoundError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { anthropicUnderTest, tightApiKey } from "./client.ts";

const ask = { model: "claude-haiku-4-5", max_tokens: 100 };
const betas = ["message-threads-2026-08-12"];
const hi = { role: "user" as const, content: "Hi there" };

describe("threads through the SDK", () => {
  it("send only what is new, and are charged for the whole conversation, streamed or not", async () => {
    const { client, journal } = await anthropicUnderTest();
    const thread = client.beta.messages.thread({ ...ask, system: "Be brief.", messages: [hi] });
    const first = await thread.send();
    const second = await thread.stream({ role: "user", content: "And then?" }).finalMessage();
    const third = await thread.send({ role: "user", content: "And at last?" });
    const prompts = [first, second, third].map(({ usage }) => usage.input_tokens);
    const plain = await client.beta.messages.create({
      ...ask,
      system: "Be brief.",
      messages: thread.messages.slice(0, -1),
    });
    expect(prompts).toEqual(prompts.toSorted((left, right) => left - right));
    expect(third.usage.input_tokens).toBe(plain.usage.input_tokens);
    expect(third.usage.input_tokens).toBeGreaterThan(first.usage.input_tokens + first.usage.output_tokens);
    expect((await journal()).map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok", "ok"]);
  });

  it("go on from an answer once, and begin anew, as the SDK does, where nothing is held", async () => {
    const { client, journal } = await anthropicUnderTest();
    const first = await client.beta.messages.create({ ...ask, betas, messages: [hi], thread: { type: "create" } });
    const goOn = {
      ...ask,
      betas,
      messages: [hi],
      thread: { type: "continue" as const, previous_message_id: first.id },
    };
    const errorCode = async (more: object): Promise<unknown> => {
      const error: unknown = await client.beta.messages.create({ ...goOn, ...more }).catch((caught: unknown) => caught);
      return error instanceof Error && "errorCode" in error ? error.errorCode : error;
    };
    expect(await errorCode({ system: "Be long." })).toBe("thread_fingerprint_mismatch");
    await client.beta.messages.create(goOn);
    expect(await errorCode({})).toBe("thread_already_continued");
    const lost = { type: "continue" as const, previous_message_id: "msg_01lost" };
    expect(await errorCode({ thread: lost })).toBe("thread_not_found");
    await expect(client.beta.messages.create({ ...goOn, thread: lost })).rejects.toBeInstanceOf(NotFoundError);
    expect((await journal()).filter(({ outcome }) => outcome === "ok")).toHaveLength(2);
  });

  it("are nobody else's", async () => {
    const { client, clientWith } = await anthropicUnderTest();
    const first = await client.beta.messages.create({ ...ask, betas, messages: [hi], thread: { type: "create" } });
    const thread = { type: "continue" as const, previous_message_id: first.id };
    const other = clientWith({ apiKey: tightApiKey }).beta.messages.create({ ...ask, betas, messages: [hi], thread });
    await expect(other).rejects.toMatchObject({ status: 404, errorCode: "thread_not_found" });
  });
});
