/**
 * What an answer says: choices, each made of parts that follow each other and share its tokens.
 *
 * Thoughts come first, then text or calls of tools. The cap on output is for all of them, so an answer may end before it has
 * said anything (guides/reasoning, "Allocating space for reasoning"). Words and arguments are those that the key of the
 * request names, so the same request is answered alike.
 */
import { answerText, type AnswerText } from "../../behavior/prompt.ts";
import { type RandomStream, randomStream } from "../../core/random.ts";
import { jsonText, stoppedText } from "../composed-text.ts";
import { type DrawnCall, drawnCalls } from "../drawn-calls.ts";
import { jsonSample } from "../json-sample.ts";
import type { RequestIdentity } from "../request-identity.ts";
import type { CallableTool, ToolUse } from "./tools.ts";

export type AnswerPart =
  | { readonly kind: "reasoning"; readonly tokens: number; readonly text: AnswerText }
  | { readonly kind: "text"; readonly tokens: number; readonly text: AnswerText }
  /** Its text is that of the arguments. */
  | { readonly kind: "call"; readonly tokens: number; readonly text: AnswerText; readonly tool: CallableTool };

export interface AnswerChoice {
  readonly parts: readonly AnswerPart[];
  /** Of all parts, within what the request allows. */
  readonly tokens: number;
  /** Of all parts, if nothing capped them. */
  readonly wishedTokens: number;
  /** What it ends with unless it is cut short. */
  readonly ending: "stop" | "tool_calls" | "function_call";
}

/** What of a request shapes its answer. */
export interface ContentAsk {
  readonly choices: number;
  /** Per choice. */
  readonly maxOutputTokens: number | undefined;
  /** The tools that it calls; undefined: none. */
  readonly toolUse: ToolUse | undefined;
  readonly output: { readonly kind: "words" } | { readonly kind: "json"; readonly schema: unknown };
  readonly stopSequences: readonly string[];
}

/** `reasoningShare`: part of an answer's tokens that the model thinks, 0 to 1. */
export function composeChoices(
  ask: ContentAsk,
  reasoningShare: number,
  identity: RequestIdentity,
): readonly AnswerChoice[] {
  // It has the words that the key itself names, as every engine knows them.
  const first = composeChoice(ask, reasoningShare, identity, identity.key);
  if (ask.choices === 1) return [first];
  return Array.from({ length: ask.choices }, (_, index) =>
    index === 0 ? first : composeChoice(ask, reasoningShare, identity, `${identity.key} ${index}`),
  );
}

/** Tokens of all choices that are thought, as far as their caps let them be. */
export function reasoningTokensOf(choices: readonly AnswerChoice[]): number {
  return choices.reduce((sum, { parts: [first], tokens }) => {
    return first?.kind === "reasoning" ? sum + Math.min(tokens, first.tokens) : sum;
  }, 0);
}

function composeChoice(ask: ContentAsk, reasoningShare: number, identity: RequestIdentity, key: string): AnswerChoice {
  const thoughts = Math.floor(identity.outputTokens * reasoningShare);
  const said = saidParts(ask, identity, key, identity.outputTokens - thoughts);
  const parts: readonly AnswerPart[] =
    thoughts === 0 ? said : [{ kind: "reasoning", tokens: thoughts, text: answerText(`${key} thoughts`) }, ...said];
  const wishedTokens = parts.reduce((sum, part) => sum + part.tokens, 0);
  const tokens = Math.min(wishedTokens, ask.maxOutputTokens ?? wishedTokens);
  return { parts, tokens, wishedTokens, ending: endingOf(ask.toolUse) };
}

/** A call of a tool that the request names ends with `stop` (recalled), any other with `tool_calls`. */
function endingOf(use: ToolUse | undefined): AnswerChoice["ending"] {
  if (use === undefined || use.mode === "named") return "stop";
  return use.legacy ? "function_call" : "tool_calls";
}

function saidParts(ask: ContentAsk, identity: RequestIdentity, key: string, tokens: number): readonly AnswerPart[] {
  const random = (): RandomStream => randomStream(`answer ${key}`);
  // JSON has a length of its own, unless a marker says how many tokens there are to be.
  const wished = identity.marked ? tokens : undefined;
  if (ask.toolUse !== undefined) {
    return drawnCalls(ask.toolUse.tools, ask.toolUse.parallel, random(), wished).map(callPart);
  }
  if (ask.output.kind === "words") {
    return [{ kind: "text", ...stoppedText(answerText(key), tokens, ask.stopSequences) }];
  }
  const { schema } = ask.output;
  const value =
    schema === undefined ? { answer: answerText(key)(0, Math.min(tokens, 64)) } : jsonSample(schema, random());
  return [{ kind: "text", ...jsonText(value, wished) }];
}

function callPart({ tool, random, wishedTokens }: DrawnCall<CallableTool>): AnswerPart {
  if (tool.kind === "function") {
    return { kind: "call", tool, ...jsonText(jsonSample(tool.schema, random), wishedTokens) };
  }
  const tokens = wishedTokens ?? 4 + random.integer(12);
  return { kind: "call", tool, tokens, text: answerText(`input ${random.integer(2 ** 32)}`) };
}
