import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMarker } from "../../behavior/marker.ts";
import { answerText, charactersPerToken, chatMessages, promptCharacters } from "../../behavior/prompt.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
import { planned } from "../load/planned.ts";

/** Turn 2 of a conversation: question, answer, question, answer, and the question now asked. */
function turnOf(turn: number): PlannedRequest {
  const historyTokens = [20, 9, 31, 7].slice(0, 2 * turn);
  const inputTokens = historyTokens.reduce((sum, tokens) => sum + tokens, 40);
  return planned({ key: `u3.s0.t${turn}`, session: "u3.s0", turn, historyTokens, inputTokens });
}

/** The texts of a conversation, without the marker. */
function textsOf(request: PlannedRequest): readonly string[] {
  const texts = chatMessages("load", request).map((message) => message.content);
  const marker = parseMarker(texts[0] ?? "");
  return texts.map((text, index) => (index === 0 ? text.slice(marker?.length) : text));
}

describe("chatMessages", () => {
  it("takes turns, begins and ends with the user, and carries the marker at its head", () => {
    const messages = chatMessages("baseline", turnOf(2));
    expect(messages.map((message) => message.role)).toEqual(["user", "assistant", "user", "assistant", "user"]);
    expect(parseMarker(messages[0]?.content ?? "")).toMatchObject({
      phase: "baseline",
      key: "u3.s0.t2",
      inputTokens: 107,
    });
  });

  it("repeats its own history word for word, with only the question now asked being new", () => {
    const [first, second, third] = [turnOf(0), turnOf(1), turnOf(2)].map(textsOf);
    const questionsAsked = [first?.[0]?.slice(0, 80), second?.[2]?.slice(0, 124)];
    expect([third?.[0], third?.[2]]).toEqual(questionsAsked);
    expect(third?.[1]).toBe(second?.[1]);
  });

  it("quotes the very answers that the mock gave", () => {
    expect(textsOf(turnOf(2))[1]).toBe(answerText("u3.s0.t0")(0, 9));
    expect(textsOf(turnOf(2))[3]).toBe(answerText("u3.s0.t1")(0, 7));
  });

  it("is as long as its tokens say, to the character, and plain ASCII that JSON leaves alone", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 0, max: 1_000 }), (inputTokens, number) => {
        const request = planned({ key: `a${number}`, inputTokens });
        const text = textsOf(request).join("");
        expect(text.length).toBe(inputTokens * charactersPerToken);
        expect(text.length).toBe(promptCharacters(request));
        expect(JSON.stringify(text).length).toBe(text.length + 2);
        expect(/^[A-Za-z., -]*$/.test(text)).toBe(true);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it("gives different requests different words, and the same request the same", () => {
    const texts = Array.from({ length: 50 }, (_, index) => textsOf(planned({ key: `a${index}`, inputTokens: 60 }))[0]);
    expect(new Set(texts).size).toBeGreaterThan(45);
    expect(textsOf(planned({ key: "a7", inputTokens: 60 }))[0]).toBe(texts[7]);
  });
});

describe("answerText", () => {
  it("is the same text however it is cut into pieces", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(fc.integer({ min: 1, max: 3_000 })),
        (tokens, sizes) => {
          const answer = answerText("r12");
          let [at, pieces] = [0, ""];
          for (const size of [...sizes, tokens]) {
            const end = Math.min(tokens, at + size);
            pieces += answer(at, end);
            at = end;
          }
          expect(pieces).toBe(answer(0, tokens));
          expect(pieces.length).toBe(tokens * charactersPerToken);
        },
      ),
      { seed: 1, numRuns: 40 },
    );
  });

  it("has no text for no tokens", () => {
    expect(answerText("r12")(5, 5)).toBe("");
  });
});
