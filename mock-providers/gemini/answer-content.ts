/**
 * What an answer says: its parts in order, each with its share of the tokens.
 *
 * Thoughts come first, then the text or the calls of functions. Thoughts and text share what is allowed
 * (`maxOutputTokens` is for both), and so an answer may end before it has said anything. With several candidates each has words
 * of its own; they follow each other.
 */
import { answerText, type AnswerText } from "../../behavior/prompt.ts";
import { randomStream } from "../../core/random.ts";
import { jsonText, spreadText, stoppedText } from "../composed-text.ts";
import { type DrawnCall, drawnCalls } from "../drawn-calls.ts";
import { jsonSample } from "../json-sample.ts";
import type { RequestIdentity } from "../request-identity.ts";
import type { ContentRequest, FunctionDeclaration } from "./content-request.ts";

export type AnswerPart =
  | { readonly kind: "thought"; readonly tokens: number; readonly text: AnswerText; readonly shown: boolean }
  | { readonly kind: "text"; readonly tokens: number; readonly text: AnswerText }
  /** It comes whole, when its last token does. */
  | {
      readonly kind: "call";
      readonly tokens: number;
      readonly name: string;
      readonly args: unknown;
      /** Among the calls of its candidate, from 0 on. */
      readonly nth: number;
    };

export interface Candidate {
  readonly parts: readonly AnswerPart[];
  /** Of all parts, within what the request allows. */
  readonly tokens: number;
  /** Whether what the request allows ended it. */
  readonly cut: boolean;
}

/** Thoughts take this share of an answer's tokens, up to their budget. No public measurement was found; assumed. */
const thinkingShare = 0.5;

export function composeCandidates(request: ContentRequest, identity: RequestIdentity): readonly Candidate[] {
  const { candidates, maxOutputTokens } = request;
  return Array.from({ length: candidates }, (_, index) => {
    const parts = partsOf(request, identity, index === 0 ? identity.key : `${identity.key} ${index}`);
    const wished = parts.reduce((sum, part) => sum + part.tokens, 0);
    const tokens = Math.min(wished, maxOutputTokens ?? wished);
    return { parts, tokens, cut: tokens < wished };
  });
}

/** Tokens of all candidates that are thought, as far as their caps let them be. */
export function thoughtTokensOf(candidates: readonly Candidate[]): number {
  return candidates.reduce(
    (sum, { parts: [first], tokens }) => (first?.kind === "thought" ? sum + Math.min(tokens, first.tokens) : sum),
    0,
  );
}

function partsOf(request: ContentRequest, identity: RequestIdentity, key: string): readonly AnswerPart[] {
  const { thinking } = request;
  const { outputTokens, marked } = identity;
  const thoughts =
    thinking === undefined
      ? 0
      : Math.min(thinking.budgetTokens ?? outputTokens, Math.floor(outputTokens * thinkingShare));
  const left = outputTokens - thoughts;
  const said = saidParts(request, key, left, marked ? left : undefined);
  if (thinking === undefined || thoughts === 0) return said;
  return [{ kind: "thought", tokens: thoughts, text: answerText(`${key} thoughts`), shown: thinking.shown }, ...said];
}

/** `wishedTokens`: how long somebody wants even that to be which has a length of its own. */
function saidParts(
  request: ContentRequest,
  key: string,
  tokens: number,
  wishedTokens: number | undefined,
): readonly AnswerPart[] {
  const { callableFunctions, output, stopSequences } = request;
  const random = randomStream(`answer ${key}`);
  if (callableFunctions.length > 0) {
    return drawnCalls(callableFunctions, true, random, wishedTokens).map(callPart);
  }
  switch (output.kind) {
    case "words":
      return [{ kind: "text", ...stoppedText(answerText(key), tokens, stopSequences) }];
    case "enum":
      return [{ kind: "text", ...spreadText(String(jsonSample(output.schema, random)), wishedTokens) }];
    case "json": {
      const value =
        output.schema === undefined ? { answer: answerText(key)(0, tokens) } : jsonSample(output.schema, random);
      return [{ kind: "text", ...jsonText(value, wishedTokens) }];
    }
  }
}

function callPart({ tool, random, wishedTokens }: DrawnCall<FunctionDeclaration>, nth: number): AnswerPart {
  const args = jsonSample(tool.schema, random);
  return { kind: "call", name: tool.name, args, nth, tokens: jsonText(args, wishedTokens).tokens };
}
