import { describe, expect, it } from "vitest";
import { Mock, type MockState } from "../../mock-providers/mock.ts";
import { identify, type RequestIdentity } from "../../mock-providers/request-identity.ts";
import { countedCharactersMax, loadTokenCount } from "../../mock-providers/tokenizer.ts";
import { testConfig } from "./mock-under-test.ts";

function freshState(seed = 1): MockState {
  return new Mock(testConfig({ seed })).state;
}

function identified(state: MockState, text: string, body = text): Promise<RequestIdentity> {
  const prompt = { texts: [text], formatTokens: 7, characters: text.length };
  return new Promise((resolve) => identify(state, prompt, body, resolve));
}

describe("identify", () => {
  it("takes what a marker says, and bills neither it nor the format", async () => {
    const state = freshState();
    const marker = "[sq b u3.s0.t2 in=118 cached=20 out=24] ";
    expect(await identified(state, `${marker}Could you tell me`)).toEqual({
      phase: "baseline",
      key: "u3.s0.t2",
      marked: true,
      attempt: 1,
      inputTokens: 118,
      tokensBy: "marker",
      cachedTokens: 20,
      promptCharacters: "Could you tell me".length,
      outputTokens: 24,
    });
  });

  it("never caches more than the prompt has, whatever a marker says", async () => {
    expect(await identified(freshState(), "[sq l a in=5 cached=9 out=1] x")).toMatchObject({
      inputTokens: 5,
      cachedTokens: 5,
    });
  });

  it("numbers the calls of one request, apart for each phase", async () => {
    const state = freshState();
    const attempts = async (phase: string): Promise<number> =>
      (await identified(state, `[sq ${phase} u1 in=1 cached=0 out=1] x`)).attempt;
    expect([await attempts("l"), await attempts("l"), await attempts("b"), await attempts("l")]).toEqual([1, 2, 1, 3]);
  });

  it("counts the tokens of a foreign prompt exactly", async () => {
    // "hello world" is two tokens of o200k_base.
    expect(await identified(freshState(), "hello world")).toMatchObject({
      phase: "load",
      attempt: 1,
      inputTokens: 2 + 7,
      tokensBy: "o200k_base",
      cachedTokens: 0,
      promptCharacters: 11,
    });
  });

  it("gives the same foreign requests the same keys and lengths, whatever comes between them", async () => {
    const alone = freshState();
    const mixed = freshState();
    const first = [await identified(alone, "one"), await identified(alone, "one")];
    const between = [await identified(mixed, "one"), await identified(mixed, "two"), await identified(mixed, "one")];
    expect([between[0], between[2]]).toEqual(first);
    expect(first[0]?.key).not.toBe(first[1]?.key);
    expect(between[1]?.key).not.toBe(first[0]?.key);
  });

  it("draws other lengths with another seed", async () => {
    const lengths = async (seed: number): Promise<readonly number[]> => {
      const state = freshState(seed);
      const drawn = [await identified(state, "a"), await identified(state, "b"), await identified(state, "c")];
      return drawn.map(({ outputTokens }) => outputTokens);
    };
    expect(await lengths(1)).not.toEqual(await lengths(2));
    expect(await lengths(1)).toEqual(await lengths(1));
    for (const length of await lengths(3)) expect(length).toBeGreaterThanOrEqual(1);
  });
});

describe("the token count", () => {
  it.each([
    { why: "longer than is counted", text: "word ".repeat(countedCharactersMax / 5 + 1) },
    { why: "one endless word, which takes seconds to count", text: "a".repeat(50_000) },
    { why: "one endless gap", text: `a${" ".repeat(50_000)}b` },
  ])("is a quarter of the characters of a text that is $why", async ({ text }) => {
    const count = await loadTokenCount();
    expect(count(text)).toBe(Math.ceil(text.length / 4));
  });

  it("takes the names of special tokens for text", async () => {
    const count = await loadTokenCount();
    expect(count("<|endoftext|>")).toBeGreaterThan(1);
  });
});
