import { describe, expect, it } from "vitest";
import { openAiUnderTest } from "./client.ts";

describe("the journal", () => {
  it.each([
    ["a marked prompt", "[sq l j1 in=7 cached=0 out=2] hello", "marker"],
    ["a foreign prompt", "hello world", "o200k_base"],
    ["a prompt too long to be counted", "long ".repeat(20_000), "characters-estimate"],
    ["a prompt that would take too long to be counted", "a".repeat(300), "characters-estimate"],
  ])("says how the tokens of %s were counted", async (_what, content, tokensBy) => {
    const { client, journal } = await openAiUnderTest();
    await client.chat.completions.create({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content }],
      max_tokens: 1,
    });
    expect(await journal()).toMatchObject([{ tokensBy }]);
  });

  it("tells an estimate from a count: embedding models have an encoding of their own", async () => {
    const { client, journal } = await openAiUnderTest();
    await client.embeddings.create({ model: "text-embedding-3-small", input: "hello world" });
    await client.embeddings.create({ model: "text-embedding-3-small", input: [1, 2, 3] });
    expect((await journal()).map(({ tokensBy }) => tokensBy)).toEqual(["o200k_base-estimate", "none"]);
  });
});
