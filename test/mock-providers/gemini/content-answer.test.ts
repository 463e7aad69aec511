import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import type { ResponsePlan } from "../../../behavior/provider.ts";
import type { AnswerPart, Candidate } from "../../../mock-providers/gemini/answer-content.ts";
import {
  type ContentAnswerFacts,
  contentStream,
  type Framing,
  wholeContentBody,
} from "../../../mock-providers/gemini/content-answer.ts";
import { errorObject, faultError } from "../../../mock-providers/gemini/errors.ts";

const seed = 20_261_121;

interface Chunk {
  readonly candidates: readonly {
    readonly index: number;
    readonly finishReason?: string;
    readonly content: { readonly parts?: readonly { readonly text?: string; readonly functionCall?: object }[] };
  }[];
  readonly usageMetadata: { readonly totalTokenCount: number };
  readonly responseId: string;
}

const part: fc.Arbitrary<AnswerPart> = fc.oneof(
  fc
    .record({ kind: fc.constant("thought" as const), tokens: fc.integer({ min: 1, max: 9 }), shown: fc.boolean() })
    .map((one): AnswerPart => ({ ...one, text: answerText("thoughts") })),
  fc.integer({ min: 0, max: 30 }).map((tokens): AnswerPart => ({ kind: "text", tokens, text: answerText("text") })),
  fc.integer({ min: 1, max: 9 }).map((tokens): AnswerPart => ({
    kind: "call",
    tokens,
    name: "f",
    nth: 0,
    args: { quoted: 'a "b"', accented: "é" },
  })),
);

const answer = fc.record({
  candidates: fc.array(
    fc
      .record({ parts: fc.array(part, { minLength: 1, maxLength: 3 }), cutBy: fc.integer({ min: 0, max: 12 }) })
      .map(({ parts, cutBy }): Candidate => {
        const wished = parts.reduce((sum, { tokens }) => sum + tokens, 0);
        const tokens = Math.max(0, wished - cutBy);
        return { parts, tokens, cut: tokens < wished };
      }),
    { minLength: 1, maxLength: 3 },
  ),
  chunks: fc.integer({ min: 1, max: 12 }),
  framing: fc.constantFrom<Framing>("events", "array"),
});

describe("a stream of content", () => {
  it("says in its chunks what the whole answer says at once, and ends each candidate once", () => {
    fc.assert(
      fc.property(answer, ({ candidates, chunks, framing }) => {
        const plan = planOf(candidates, chunks);
        const facts = factsOf(candidates);
        const whole = JSON.parse(wholeContentBody(facts, plan)) as Chunk;
        const streamed = played(facts, plan, framing);
        for (const { index } of whole.candidates) {
          expect(saidBy(streamed, index)).toEqual(saidBy([whole], index));
          const ends = streamed.flatMap((chunk) =>
            chunk.candidates.filter((one) => one.index === index && one.finishReason !== undefined),
          );
          expect(ends.map(({ finishReason }) => finishReason)).toEqual([whole.candidates[index]?.finishReason]);
        }
        const totals = streamed.map((chunk) => chunk.usageMetadata.totalTokenCount);
        expect(totals).toEqual(totals.toSorted((one, other) => one - other));
        expect(totals.at(-1)).toBe(whole.usageMetadata.totalTokenCount);
        expect(whole.usageMetadata.totalTokenCount).toBe(7 + plan.outputTokens);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("is well formed to the last byte when an error ends it, wherever that is", () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 0, max: 12 }), ({ candidates, chunks, framing }, broken) => {
        const plan = planOf(candidates, chunks);
        const stream = contentStream(factsOf(candidates), plan, framing);
        const text =
          stream.head() +
          stream.content(0, Math.min(broken, plan.chunks)) +
          stream.error(errorObject(faultError(503, undefined)));
        expect(parsed(text, framing).at(-1)).toEqual({
          error: { code: 503, message: "The model is overloaded. Please try again later.", status: "UNAVAILABLE" },
        });
      }),
      { seed },
    );
  });

  it.each(["events", "array"] as const)("has one chunk when there is nothing to say, as %s", (framing) => {
    const candidates = [{ parts: [], tokens: 0, cut: false }];
    const chunks = played(factsOf(candidates), planOf(candidates, 0), framing);
    expect(chunks).toMatchObject([{ candidates: [{ finishReason: "STOP", content: { role: "model" } }] }]);
  });
});

function factsOf(candidates: readonly Candidate[]): ContentAnswerFacts {
  return {
    candidates,
    responseId: "id",
    model: "m",
    inputTokens: 7,
    cachedTokens: 0,
    marksOf: () => undefined,
    service: {},
  };
}

function planOf(candidates: readonly Candidate[], chunks: number): ResponsePlan {
  const outputTokens = candidates.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    ttftMs: 0,
    chunks: outputTokens === 0 ? 0 : Math.min(chunks, outputTokens),
    chunkAtMs: () => 0,
    totalMs: 0,
    outputTokens,
    finish: "stop",
  };
}

function played(facts: ContentAnswerFacts, plan: ResponsePlan, framing: Framing): readonly Chunk[] {
  const stream = contentStream(facts, plan, framing);
  let text = stream.head();
  for (let chunk = 0; chunk < plan.chunks; chunk++) text += stream.content(chunk, chunk + 1);
  return parsed(text + stream.tail(), framing) as readonly Chunk[];
}

function parsed(text: string, framing: Framing): readonly unknown[] {
  if (framing === "array") return JSON.parse(text) as readonly unknown[];
  expect(text.endsWith("\r\n\r\n")).toBe(true);
  return text
    .slice(0, -4)
    .split("\r\n\r\n")
    .map((block) => JSON.parse(block.slice("data: ".length)) as unknown);
}

/** All text of a candidate, and its calls. */
function saidBy(chunks: readonly Chunk[], index: number): { readonly text: string; readonly calls: readonly object[] } {
  const parts = chunks.flatMap(({ candidates }) =>
    candidates.filter((one) => one.index === index).flatMap(({ content }) => content.parts ?? []),
  );
  return {
    text: parts.map(({ text }) => text ?? "").join(""),
    calls: parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall])),
  };
}
