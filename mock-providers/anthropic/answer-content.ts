/**
 * What an answer says: its blocks in order, each with its share of the tokens.
 *
 * Thoughts come first, then the text or the call of the tool that the request forces. A mock has nothing to decide, so a tool
 * that is merely offered is not called. Words are those that the key of the request names.
 */
import { answerText, type AnswerText, charactersPerToken } from "../../behavior/prompt.ts";
import { randomStream } from "../../core/random.ts";
import { jsonSample } from "../json-sample.ts";
import type { RequestIdentity } from "../request-identity.ts";
import type { MessageRequest } from "./message-request.ts";

export type AnswerBlock =
  | { readonly kind: "thinking"; readonly tokens: number; readonly text: AnswerText; readonly shown: boolean }
  | { readonly kind: "text"; readonly tokens: number; readonly text: AnswerText }
  /** Its text is the JSON of `input`. */
  | {
      readonly kind: "tool_use";
      readonly tokens: number;
      readonly text: AnswerText;
      readonly name: string;
      readonly input: unknown;
    };

export interface AnswerContent {
  readonly blocks: readonly AnswerBlock[];
  /** Of all blocks. */
  readonly outputTokens: number;
  /** What it stops with unless it is cut short. */
  readonly stopReason: "end_turn" | "stop_sequence" | "tool_use";
  readonly stopSequence: string | null;
}

/** Thoughts take this share of an answer's tokens, up to their budget. No public measurement was found; assumed. */
const thinkingShare = 0.5;

/** What of a request shapes the answer. */
export type ContentAsk = Pick<MessageRequest, "thinking" | "forcedTool" | "outputSchema" | "stopSequences">;

export function composeContent(request: ContentAsk, identity: RequestIdentity): AnswerContent {
  const { thinking } = request;
  const thoughts =
    thinking === undefined ? 0 : Math.min(thinking.budgetTokens, Math.floor(identity.outputTokens * thinkingShare));
  const said = sayContent(request, identity, identity.outputTokens - thoughts);
  if (thinking === undefined || thoughts === 0) return said;
  const text = answerText(`${identity.key} thinking`);
  const block: AnswerBlock = { kind: "thinking", tokens: thoughts, text, shown: thinking.shown };
  return { ...said, blocks: [block, ...said.blocks], outputTokens: thoughts + said.outputTokens };
}

function sayContent(request: ContentAsk, identity: RequestIdentity, tokens: number): AnswerContent {
  const { forcedTool, outputSchema } = request;
  const random = randomStream(`answer ${identity.key}`);
  if (forcedTool !== undefined) {
    const input = jsonSample(forcedTool.inputSchema, random);
    const block = { kind: "tool_use", name: forcedTool.name, input, ...jsonBlock(input, identity, tokens) } as const;
    return { blocks: [block], outputTokens: block.tokens, stopReason: "tool_use", stopSequence: null };
  }
  if (outputSchema !== undefined) {
    const block = { kind: "text", ...jsonBlock(jsonSample(outputSchema, random), identity, tokens) } as const;
    return { blocks: [block], outputTokens: block.tokens, stopReason: "end_turn", stopSequence: null };
  }
  const text = answerText(identity.key);
  const stop = firstStop(text(0, tokens), request.stopSequences);
  if (stop === undefined) {
    const blocks = tokens === 0 ? [] : [{ kind: "text", tokens, text } as const];
    return { blocks, outputTokens: tokens, stopReason: "end_turn", stopSequence: null };
  }
  const stopped = Math.ceil((stop.at + stop.sequence.length) / charactersPerToken);
  const blocks = stop.at === 0 ? [] : [{ kind: "text", tokens: stopped, text: cutAt(text, stop.at) } as const];
  return { blocks, outputTokens: stopped, stopReason: "stop_sequence", stopSequence: stop.sequence };
}

/** JSON is as long as it is, unless a marker says how many tokens there are to be: then it is spread over those. */
function jsonBlock(
  value: unknown,
  identity: RequestIdentity,
  tokens: number,
): { readonly tokens: number; readonly text: AnswerText } {
  const json = JSON.stringify(value);
  const length = identity.marked ? tokens : Math.ceil(json.length / charactersPerToken);
  const upTo = (token: number): number => Math.floor((json.length * token) / Math.max(1, length));
  return { tokens: length, text: (from, to) => json.slice(upTo(from), upTo(to)) };
}

interface Stop {
  readonly at: number;
  readonly sequence: string;
}

/** The stop sequence that comes first, which is not part of the answer. */
function firstStop(text: string, sequences: readonly string[]): Stop | undefined {
  let first: Stop | undefined;
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    if (at !== -1 && (first === undefined || at < first.at)) first = { at, sequence };
  }
  return first;
}

function cutAt(text: AnswerText, characters: number): AnswerText {
  return (from, to) => text(from, to).slice(0, Math.max(0, characters - from * charactersPerToken));
}
