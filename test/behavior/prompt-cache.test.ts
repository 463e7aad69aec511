import { describe, expect, it } from "vitest";
import { type CacheUse, type Prefix, PromptCache } from "../../behavior/prompt-cache.ts";
import { hourMs, minuteMs } from "../../core/time.ts";

const fiveMinutes = 5 * minuteMs;

/** Prefixes of a conversation: each block adds 1,000 tokens; an exclamation mark after a block is a breakpoint, two an hour. */
function prefixes(blocks: string): readonly Prefix[] {
  return blocks.split(" ").map((block, index, all) => ({
    name: all
      .slice(0, index + 1)
      .join(" ")
      .replaceAll("!", ""),
    tokens: (index + 1) * 1_000,
    keepForMs: block.endsWith("!!") ? hourMs : block.endsWith("!") ? fiveMinutes : undefined,
  }));
}

function use(cache: PromptCache, nowMs: number, blocks: string, tokensMin = 1_024): CacheUse {
  return cache.use(nowMs, prefixes(blocks), tokensMin);
}

function wrote(...tokens: readonly number[]): CacheUse["written"] {
  return tokens.map((count) => ({ tokens: count, keepForMs: fiveMinutes }));
}

describe("a prompt cache", () => {
  it("writes up to the breakpoint, and reads that the next time", () => {
    const cache = new PromptCache();
    expect(use(cache, 0, "system tools! question")).toEqual({ readTokens: 0, written: wrote(2_000) });
    expect(use(cache, 1, "system tools! other")).toEqual({ readTokens: 2_000, written: [] });
  });

  it("forgets after the time to live, which reading renews", () => {
    const cache = new PromptCache();
    use(cache, 0, "a b!");
    expect(use(cache, fiveMinutes - 1, "a b!").readTokens).toBe(2_000);
    expect(use(cache, 2 * fiveMinutes - 2, "a b!").readTokens).toBe(2_000);
    expect(use(cache, 3 * fiveMinutes - 2, "a b!").readTokens).toBe(0);
  });

  it("keeps for an hour what was to be kept for an hour", () => {
    const cache = new PromptCache();
    expect(use(cache, 0, "a b!! c!").written).toEqual([
      { tokens: 2_000, keepForMs: hourMs },
      { tokens: 1_000, keepForMs: fiveMinutes },
    ]);
    expect(use(cache, hourMs - 1, "a b!! c!")).toEqual({ readTokens: 2_000, written: wrote(1_000) });
  });

  it("reads what the last turn of a growing conversation wrote, and writes only the rest", () => {
    const cache = new PromptCache();
    use(cache, 0, "q1 a1 q2!");
    expect(use(cache, 1, "q1 a1 q2 a2 q3!")).toEqual({ readTokens: 3_000, written: wrote(2_000) });
  });

  it("looks back twenty blocks and no further", () => {
    const between = (count: number): string => Array.from({ length: count }, (_, index) => `m${index}`).join(" ");
    for (const [count, readTokens] of [
      [19, 2_000],
      [20, 0],
    ] as const) {
      const cache = new PromptCache();
      use(cache, 0, "a b!");
      expect(use(cache, 1, `a b ${between(count)} end!`).readTokens).toBe(readTokens);
    }
  });

  it("does not cache a prefix below the minimum, and says nothing", () => {
    const cache = new PromptCache();
    expect(use(cache, 0, "a b!", 4_096)).toEqual({ readTokens: 0, written: [] });
    expect(use(cache, 1, "a b!", 4_096).readTokens).toBe(0);
  });

  it("neither reads nor writes for a request without breakpoints", () => {
    const cache = new PromptCache();
    use(cache, 0, "a b!");
    expect(use(cache, 1, "a b c")).toEqual({ readTokens: 0, written: [] });
  });

  it("takes one changed block for another prompt from there on", () => {
    const cache = new PromptCache();
    use(cache, 0, "a b! c!");
    expect(use(cache, 1, "a x! c!")).toEqual({ readTokens: 0, written: wrote(2_000, 1_000) });
  });

  it("stays bounded: of many prompts the ones not used for longest are forgotten", () => {
    const cache = new PromptCache();
    use(cache, 0, "first x!");
    use(cache, 0, "second x!");
    for (let prompt = 0; prompt < 19_999; prompt++) {
      use(cache, 0, `p${prompt} x!`);
      if (prompt % 5_000 === 0) use(cache, 0, "first x!");
    }
    expect(use(cache, 0, "first x!").readTokens).toBe(2_000);
    expect(use(cache, 0, "second x!").readTokens).toBe(0);
  });
});
