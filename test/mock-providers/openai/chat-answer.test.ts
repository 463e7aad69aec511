import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import type { ResponsePlan } from "../../../behavior/provider.ts";
import { composeChoices, type ContentAsk } from "../../../mock-providers/openai/answer-content.ts";
import { type ChatAnswerFacts, chatStream, wholeChatBody } from "../../../mock-providers/openai/chat-answer.ts";
import type { RequestIdentity } from "../../../mock-providers/request-identity.ts";

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

const stop = { stopSequences: [], toolUse: undefined, output: { kind: "words" } } as const;

/** An answer of this many tokens in all, shared by so many choices. */
function facts(
  tokens: number,
  request: Partial<ChatAnswerFacts["request"]> = {},
  content: Partial<ContentAsk & { readonly reasoningShare: number }> = {},
): ChatAnswerFacts {
  const { choices = 1, reasoningShare = 0 } = content;
  const ask = { ...stop, choices, maxOutputTokens: undefined, ...content };
  return {
    id: "chatcmpl-x",
    start: 1,
    created: 1,
    model: "gpt-4o-mini-2024-07-18",
    choices: composeChoices(ask, reasoningShare, { ...identity, outputTokens: Math.floor(tokens / choices) }),
    inputTokens: 12,
    cachedTokens: 3,
    request: {
      includeUsage: false,
      obfuscation: true,
      logprobs: undefined,
      toolUse: ask.toolUse,
      serviceTier: "default",
      ...request,
    },
    additions: { answer: () => "", prompt: "", text: "", noText: "" },
  };
}

const identity: RequestIdentity = {
  marked: true,
  phase: "load",
  key: "u1.s0.t0",
  attempt: 1,
  inputTokens: 12,
  tokensBy: "marker",
  cachedTokens: 3,
  promptCharacters: 48,
  outputTokens: 0,
};

function plan(outputTokens: number, chunks: number): ResponsePlan {
  return {
    ttftMs: 0,
    chunks,
    chunkAtMs: () => 0,
    totalMs: 0,
    outputTokens,
    finish: "stop",
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

/** All that a plan brings, in writes that fall where they fall. */
function streamed(made: ChatAnswerFacts, planned: ResponsePlan, cuts: readonly number[] = []): readonly Chunk[] {
  const stream = chatStream(made, planned);
  const edges = [0, ...cuts.toSorted((left, right) => left - right), planned.chunks];
  const parts = edges.slice(1).map((to, index) => stream.content(edges[index] ?? 0, to));
  return chunksOf(stream.head() + parts.join("") + stream.tail());
}

/** What the choices of a whole answer say. */
function wholeTexts(made: ChatAnswerFacts, planned: ResponsePlan): readonly string[] {
  const body = JSON.parse(wholeChatBody(made, planned)) as { choices: { message: { content: string } }[] };
  return body.choices.map(({ message }) => message.content);
}

describe("the bytes of a chat completion", () => {
  it("say the same words whole and streamed, however many choices and however the events are gathered into writes", () => {
    fc.assert(
      fc.property(plans, ({ outputTokens, chunks, cuts, choices }) => {
        const made = facts(outputTokens, {}, { choices });
        const planned = plan(
          made.choices.reduce((sum, { tokens }) => sum + tokens, 0),
          chunks,
        );
        const events = streamed(made, planned, cuts);
        const said = made.choices.map((_, index) =>
          events
            .flatMap((event) => event.choices)
            .map((choice) => (choice.index === index ? (choice.delta.content ?? "") : ""))
            .join(""),
        );
        expect(said).toEqual(wholeTexts(made, planned));
        expect(said[0]).toBe(answerText("u1.s0.t0")(0, Math.floor(outputTokens / choices)));
        expect(events.every((event) => event.id === "chatcmpl-x")).toBe(true);
      }),
      { seed: 23 },
    );
  });

  it("open every choice with its role and finish it", () => {
    fc.assert(
      fc.property(plans, ({ outputTokens, chunks, choices }) => {
        const made = facts(outputTokens, {}, { choices });
        const all = streamed(made, plan(Math.floor(outputTokens / choices) * choices, chunks)).flatMap(
          (event) => event.choices,
        );
        for (let index = 0; index < choices; index++) {
          const mine = all.filter((choice) => choice.index === index);
          expect(mine[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
          expect(mine.at(-1)).toMatchObject({ delta: {}, finish_reason: "stop" });
          expect(mine.slice(0, -1).every((choice) => choice.finish_reason === null)).toBe(true);
        }
      }),
      { seed: 29 },
    );
  });

  it("cut each choice where its cap falls, and all where the context ends", () => {
    const capped = facts(30, {}, { choices: 3, maxOutputTokens: 4 });
    expect(wholeTexts(capped, plan(12, 12)).map(({ length }) => length)).toEqual([16, 16, 16]);
    const body = JSON.parse(wholeChatBody(capped, plan(12, 12))) as { choices: object[]; usage: object };
    expect(body.choices).toMatchObject([
      { finish_reason: "length" },
      { finish_reason: "length" },
      { finish_reason: "length" },
    ]);
    expect(body.usage).toMatchObject({ prompt_tokens: 12, completion_tokens: 12, total_tokens: 24 });
    const short = JSON.parse(wholeChatBody(facts(10), plan(7, 7))) as { choices: object[] };
    expect(short.choices).toMatchObject([
      { finish_reason: "length", message: { content: answerText("u1.s0.t0")(0, 7) } },
    ]);
  });

  it("carry usage in a chunk of its own when asked, null in the others, and not at all when not", () => {
    const events = streamed(facts(2, { includeUsage: true }), plan(2, 2));
    expect(events.slice(0, -1).map((event) => event.usage)).toEqual([null, null, null, null]);
    expect(events.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 12, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } },
    });
    const silent = chatStream(facts(2), plan(2, 2));
    expect(silent.head() + silent.content(0, 2) + silent.tail()).not.toContain("usage");
  });

  it("pad every event to one of few sizes, unless padding is refused", () => {
    const sizes = streamed(facts(40), plan(40, 13))
      .filter((event) => event.choices[0]?.finish_reason === null)
      .map((event) => (event.choices[0]?.delta.content?.length ?? 0) + (event.obfuscation?.length ?? 0));
    for (const size of sizes) expect(size % 16).toBe(15);
    const plain = chatStream(facts(40, { obfuscation: false }), plan(40, 13));
    expect(plain.head() + plain.content(0, 13) + plain.tail()).not.toContain("obfuscation");
  });

  it("keep thoughts to themselves but count them, and think first when the cap is small", () => {
    const thinking = { reasoningShare: 0.5 };
    const body = JSON.parse(wholeChatBody(facts(20, {}, thinking), plan(20, 20))) as {
      usage: object;
      choices: object[];
    };
    expect(body.usage).toMatchObject({ completion_tokens: 20, completion_tokens_details: { reasoning_tokens: 10 } });
    expect(streamed(facts(20, {}, thinking), plan(20, 20))).toHaveLength(12);
    const capped = JSON.parse(wholeChatBody(facts(20, {}, { ...thinking, maxOutputTokens: 8 }), plan(8, 8))) as object;
    expect(capped).toMatchObject({
      choices: [{ finish_reason: "length", message: { content: "" } }],
      usage: { completion_tokens_details: { reasoning_tokens: 8 } },
    });
  });

  it("say that the content filter has ended them", () => {
    const filtered = { ...plan(7, 7), finish: "content_filter" } as const;
    const body = JSON.parse(wholeChatBody(facts(10), filtered)) as object;
    expect(body).toMatchObject({ choices: [{ finish_reason: "content_filter" }] });
    expect(streamed(facts(10), filtered).at(-1)?.choices[0]?.finish_reason).toBe("content_filter");
  });
});
