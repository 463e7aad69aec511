/**
 * What an answer says: its blocks in order, each with its share of the tokens.
 *
 * Thoughts come first, then the text or the calls of tools. Words and arguments are those that the key of the request names, so
 * the same request is answered alike.
 */
import { answerText, type AnswerText } from "../../behavior/prompt.ts";
import { randomStream } from "../../core/random.ts";
import { jsonText, stoppedText } from "../composed-text.ts";
import { type DrawnCall, drawnCalls } from "../drawn-calls.ts";
import { jsonSample } from "../json-sample.ts";
import type { RequestIdentity } from "../request-identity.ts";
import type { MessageRequest } from "./message-request.ts";
import type { ClientTool } from "./tools.ts";

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
export type ContentAsk = Pick<
  MessageRequest,
  "thinking" | "callableTools" | "parallelCalls" | "outputSchema" | "stopSequences"
>;

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

/** Tokens that are thought, if nothing cuts them short. */
export function thinkingTokensOf({ blocks: [first] }: AnswerContent): number {
  return first?.kind === "thinking" ? first.tokens : 0;
}

function sayContent(request: ContentAsk, identity: RequestIdentity, tokens: number): AnswerContent {
  const { callableTools, parallelCalls, outputSchema, stopSequences } = request;
  const random = randomStream(`answer ${identity.key}`);
  const wishedTokens = identity.marked ? tokens : undefined;
  if (callableTools.length > 0) {
    const blocks = drawnCalls(callableTools, parallelCalls, random, wishedTokens).map(toolUseBlock);
    const outputTokens = blocks.reduce((sum, block) => sum + block.tokens, 0);
    return { blocks, outputTokens, stopReason: "tool_use", stopSequence: null };
  }
  if (outputSchema !== undefined) {
    const block = { kind: "text", ...jsonText(jsonSample(outputSchema, random), wishedTokens) } as const;
    return { blocks: [block], outputTokens: block.tokens, stopReason: "end_turn", stopSequence: null };
  }
  const { stoppedBy, ...said } = stoppedText(answerText(identity.key), tokens, stopSequences);
  return {
    blocks: said.tokens === 0 || said.text(0, 1) === "" ? [] : [{ kind: "text", ...said }],
    outputTokens: said.tokens,
    stopReason: stoppedBy === undefined ? "end_turn" : "stop_sequence",
    stopSequence: stoppedBy ?? null,
  };
}

function toolUseBlock({ tool, random, wishedTokens }: DrawnCall<ClientTool>): AnswerBlock {
  const input = jsonSample(tool.inputSchema, random);
  return { kind: "tool_use", name: tool.name, input, ...jsonText(input, wishedTokens) };
}
