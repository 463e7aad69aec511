import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import type { ResponsePlan } from "../../../behavior/provider.ts";
import { type ChatAnswerFacts, chatStream, wholeChatBody } from "../../../mock-providers/openai/chat-answer.ts";

interface Chunk {
  readonly id: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: object | null;
  readonly obfuscation?: string;
}

function facts(request: Partial<ChatAnswerFacts["request"]> = {}): ChatAnswerFacts {
  return {
    id: "chatcmpl-x",
    created: 1,
    model: "gpt-4o-mini-2024-07-18",
    key: "u1.s0.t0",
    inputTokens: 12,
    cachedTokens: 3,
    request: { choices: 1, includeUsage: false, obfuscation: true, ...request },
    additions: { answer: "", prompt: "", text: "", noText: "" },
  };
}

function plan(outputTokens: number, chunks: number): ResponsePlan {
  return {
    ttftMs: 0,
    chunks,
    chunkAtMs: () => 0,
    totalMs: 0,
    outputTokens,
    finish: "length",
    breakAfterChunks: undefined,
    breakHow: undefined,
  };
}

/** The events of a whole stream, without the closing `[DONE]`. */
function chunksOf(text: string): readonly Chunk[] {
  const blocks = text.split("\n\n");
  expect(blocks.slice(-2)).toEqual(["data: [DONE]", ""]);
  return blocks.slice(0, -2).map((block) => {
    expect(block.startsWith("data: ")).toBe(true);
    return JSON.parse(block.slice("data: ".length)) as Chunk;
  });
}

/** Any plan: tokens, no more chunks than tokens, where the writes fall, answers asked for. */
const plans = fc
  .record({ outputTokens: fc.integer({ min: 0, max: 300 }), perEvent: fc.integer({ min: 1, max: 20 }) })
  .chain(({ outputTokens, perEvent }) => {
    const chunks = Math.ceil(outputTokens / perEvent);
    return fc.record({
      outputTokens: fc.constant(outputTokens),
      chunks: fc.constant(chunks),
      cuts: fc.array(fc.integer({ min: 0, max: chunks }), { maxLength: 5 }),
      choices: fc.integer({ min: 1, max: 4 }),
    });
  });

describe("the bytes of a chat completion", () => {
  it("say the same words whole and streamed, however the events are gathered into writes", () => {
    fc.assert(
      fc.property(plans, ({ outputTokens, chunks, cuts }) => {
        const planned = plan(outputTokens, chunks);
        const whole = JSON.parse(wholeChatBody(facts(), planned)) as { choices: { message: { content: string } }[] };
        const stream = chatStream(facts(), planned);
        const edges = [0, ...cuts.toSorted((left, right) => left - right), chunks];
        const parts = edges.slice(1).map((to, index) => stream.content(edges[index] ?? 0, to));
        const events = chunksOf(stream.head() + parts.join("") + stream.tail());
        const streamed = events.map((event) => event.choices[0]?.delta.content ?? "").join("");
        expect(streamed).toBe(answerText("u1.s0.t0")(0, outputTokens));
        expect(whole.choices[0]?.message.content).toBe(streamed);
        expect(events).toHaveLength(chunks + 2);
        expect(events.map((event) => event.id)).toEqual(events.map(() => "chatcmpl-x"));
      }),
      { seed: 23 },
    );
  });

  it("open every choice with its role, fill it in turn and finish it", () => {
    fc.assert(
      fc.property(plans, ({ outputTokens, chunks, choices }) => {
        const stream = chatStream(facts({ choices }), plan(outputTokens, chunks));
        const events = chunksOf(stream.head() + stream.content(0, chunks) + stream.tail());
        const all = events.flatMap((event) => event.choices);
        for (let index = 0; index < choices; index++) {
          const mine = all.filter((choice) => choice.index === index);
          expect(mine[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
          expect(mine.at(-1)).toMatchObject({ delta: {}, finish_reason: "length" });
          expect(mine.slice(0, -1).every((choice) => choice.finish_reason === null)).toBe(true);
        }
        expect(all).toHaveLength(chunks + 2 * choices);
      }),
      { seed: 29 },
    );
  });

  it("share the tokens out among the choices of a whole answer", () => {
    const body = JSON.parse(wholeChatBody(facts({ choices: 3 }), plan(10, 10))) as {
      choices: { index: number; message: { content: string } }[];
      usage: object;
    };
    expect(body.choices.map(({ index, message }) => [index, message.content.length])).toEqual([
      [0, 12],
      [1, 12],
      [2, 16],
    ]);
    expect(body.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 10, total_tokens: 22 });
  });

  it("carry usage in a chunk of its own when asked, null in the others, and not at all when not", () => {
    const asked = chatStream(facts({ includeUsage: true }), plan(2, 2));
    const events = chunksOf(asked.head() + asked.content(0, 2) + asked.tail());
    expect(events.slice(0, -1).map((event) => event.usage)).toEqual([null, null, null, null]);
    expect(events.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 12, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } },
    });
    const silent = chatStream(facts(), plan(2, 2));
    expect(silent.head() + silent.content(0, 2) + silent.tail()).not.toContain("usage");
  });

  it("pad every event to one of few sizes, unless padding is refused", () => {
    const padded = chatStream(facts(), plan(40, 13));
    const sizes = chunksOf(padded.head() + padded.content(0, 13) + padded.tail())
      .filter((event) => event.choices[0]?.finish_reason === null)
      .map((event) => (event.choices[0]?.delta.content?.length ?? 0) + (event.obfuscation?.length ?? 0));
    for (const size of sizes) expect(size % 16).toBe(15);
    const plain = chatStream(facts({ obfuscation: false }), plan(40, 13));
    expect(plain.head() + plain.content(0, 13) + plain.tail()).not.toContain("obfuscation");
  });
});
