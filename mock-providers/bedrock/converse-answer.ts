/**
 * What Converse answers, whole and as events (@aws-sdk/client-bedrock-runtime 3.1162.0, ConverseResponse, ConverseStreamOutput;
 * order of events [capture]).
 *
 *     messageStart
 *       contentBlockStart (of tools only)  contentBlockDelta...  contentBlockStop    for each block
 *     messageStop  metadata
 *
 * How an event becomes bytes is the caller's business: Converse has a message per event, Nova wraps the same events.
 */
import type { ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens, tokensThrough } from "../../behavior/stream-usage.ts";
import { assertNever } from "../../core/invariant.ts";
import type { AnswerBlock, AnswerContent } from "../anthropic/answer-content.ts";
import { placed, type PlacedBlock } from "../anthropic/message-answer.ts";
import type { CacheTokens } from "../anthropic/prompt-caching.ts";
import { asciiJson, type StreamWriter } from "../answer.ts";
import { quoted } from "../composed-text.ts";
import { reasoningSignature, toolUseId } from "./ids.ts";

export interface ConverseFacts {
  /** Names the answer's ids. */
  readonly start: number;
  readonly content: AnswerContent;
  readonly inputTokens: number;
  readonly cache: CacheTokens;
  /** Whole milliseconds since the request came. */
  readonly latencyMs: () => number;
}

export type ConverseEventType =
  | "messageStart"
  | "contentBlockStart"
  | "contentBlockDelta"
  | "contentBlockStop"
  | "messageStop"
  | "metadata";

/** Bytes of one event, a character each. `fields`: those of its JSON object, without the braces. */
export type WriteEvent = (type: ConverseEventType, fields: string) => string;

export function wholeConverseBody(facts: ConverseFacts, plan: ResponsePlan): string {
  const content = placed(facts.content, plan).map((block) => wholeBlock(block, facts));
  return `{"metrics":{"latencyMs":${facts.latencyMs()}},"output":{"message":{"content":[${content.join(",")}],"role":"assistant"}},"stopReason":"${stopReason(facts, plan)}","usage":${usage(facts, plan)}}`;
}

export function converseEvents(
  facts: ConverseFacts,
  plan: ResponsePlan,
  write: WriteEvent,
): Pick<StreamWriter, "head" | "content" | "tail"> {
  const blocks = placed(facts.content, plan);
  return {
    head: () => write("messageStart", `"role":"assistant"`),
    content: (from, to) => {
      let events = "";
      for (let chunk = from; chunk < to; chunk++) {
        const upTo = tokensThrough(plan, chunk + 1);
        for (const block of blocks) events += eventsOf(block, tokensThrough(plan, chunk), upTo, facts, write);
      }
      return events;
    },
    tail: () =>
      write("messageStop", `"stopReason":"${stopReason(facts, plan)}"`) +
      write("metadata", `"metrics":{"latencyMs":${facts.latencyMs()}},"usage":${usage(facts, plan)}`),
  };
}

/** What tokens `from` up to, but not including, `to` of the answer add to a block. */
function eventsOf(place: PlacedBlock, from: number, to: number, facts: ConverseFacts, write: WriteEvent): string {
  const { part: block, index } = place;
  const first = Math.max(0, from - place.from);
  const last = Math.min(place.length, to - place.from);
  if (first >= last) return "";
  const at = `"contentBlockIndex":${index}`;
  const delta = (change: string): string => write("contentBlockDelta", `${at},"delta":${change}`);
  let events = "";
  if (first === 0 && block.kind === "tool_use") {
    const start = `{"toolUse":{"name":"${block.name}","toolUseId":"${toolUseId(facts.start, index)}"}}`;
    events += write("contentBlockStart", `${at},"start":${start}`);
  }
  events += delta(deltaOf(block, block.text(first, last)));
  if (last < place.length) return events;
  if (block.kind === "thinking")
    events += delta(`{"reasoningContent":{"signature":"${reasoningSignature(facts.start)}"}}`);
  return events + write("contentBlockStop", at);
}

function deltaOf(block: AnswerBlock, text: string): string {
  switch (block.kind) {
    case "text":
      return `{"text":${quoted(text)}}`;
    case "thinking":
      return `{"reasoningContent":{"text":${quoted(text)}}}`;
    case "tool_use":
      return `{"toolUse":{"input":${quoted(text)}}}`;
    default:
      return assertNever(block);
  }
}

function wholeBlock({ part: block, index, length }: PlacedBlock, facts: ConverseFacts): string {
  const text = block.text(0, length);
  switch (block.kind) {
    case "text":
      return `{"text":${quoted(text)}}`;
    case "thinking":
      return `{"reasoningContent":{"reasoningText":{"signature":"${reasoningSignature(facts.start)}","text":${quoted(text)}}}}`;
    case "tool_use": {
      // Of a call that is cut short, nothing can be parsed.
      const input = length < block.tokens ? "{}" : asciiJson(block.input);
      return `{"toolUse":{"input":${input},"name":"${block.name}","toolUseId":"${toolUseId(facts.start, index)}"}}`;
    }
    default:
      return assertNever(block);
  }
}

function stopReason({ content }: ConverseFacts, { finish }: ResponsePlan): string {
  if (finish === "content_filter") return "content_filtered";
  return finish === "length" ? "max_tokens" : content.stopReason;
}

/** Input, cache reads and cache writes do not overlap; the total is the sum of all four ([capture]). */
function usage({ inputTokens, cache }: ConverseFacts, plan: ResponsePlan): string {
  const written = reportedTokens(plan, cache.written5m + cache.written1h);
  const read = reportedTokens(plan, cache.read);
  const plain = reportedTokens(plan, inputTokens - cache.read - cache.written5m - cache.written1h);
  const output = reportedTokens(plan, plan.outputTokens);
  return `{"cacheReadInputTokens":${read},"cacheWriteInputTokens":${written},"inputTokens":${plain},"outputTokens":${output},"totalTokens":${read + written + plain + output}}`;
}
