/**
 * The bytes of a message, whole and streamed (@anthropic-ai/sdk 1.11.0, resources/messages; order of events [capture]).
 *
 * Put together from constant text around what differs, instead of serialising objects: at thousands of events a second the
 * difference is most of the work. Words of answers are ASCII without quotes and backslashes; JSON is escaped.
 */
import type { ResponsePlan } from "../../behavior/provider.ts";
import { asciiJson } from "../answer.ts";
import { reportedTokens, tokensThrough } from "../../behavior/stream-usage.ts";
import { quoted } from "../composed-text.ts";
import { type PlacedPart, placedParts } from "../placed-parts.ts";
import type { AnswerBlock, AnswerContent } from "./answer-content.ts";
import { faultError } from "./errors.ts";
import { thinkingSignature, toolUseId } from "./ids.ts";
import type { CacheTokens } from "./prompt-caching.ts";

export interface MessageFacts {
  /** `msg_...` */
  readonly id: string;
  /** Names the answer's other ids. */
  readonly start: number;
  /** Dated snapshot, which is what answers carry. */
  readonly model: string;
  readonly content: AnswerContent;
  readonly inputTokens: number;
  readonly cache: CacheTokens;
}

/** The body of an answer in one piece. */
export function wholeMessageBody(facts: MessageFacts, plan: ResponsePlan): string {
  const blocks = placed(facts.content, plan).map(({ part, index, length }) => wholeBlock(part, index, length, facts));
  const stop = stopOf(facts.content, plan);
  return `{"id":"${facts.id}","type":"message","role":"assistant","model":"${facts.model}","content":[${blocks.join(",")}],${stop},"container":null,"diagnostics":null,"usage":${fullUsage(facts, plan, plan.outputTokens)}}`;
}

export interface MessageStreamText {
  readonly head: () => string;
  readonly content: (from: number, to: number) => string;
  readonly tail: () => string;
}

/**
 * The events of a streamed answer. A ping follows the start of the first block ([capture]).
 *
 *     message_start
 *       content_block_start  content_block_delta...  content_block_stop    for each block
 *     message_delta  message_stop
 */
export function messageStream(facts: MessageFacts, plan: ResponsePlan): MessageStreamText {
  const blocks = placed(facts.content, plan);
  return {
    head: () =>
      event(
        "message_start",
        `"message":{"id":"${facts.id}","type":"message","role":"assistant","model":"${facts.model}","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,"container":null,"diagnostics":null,"usage":${fullUsage(facts, plan, Math.min(1, plan.outputTokens))}}`,
      ),
    content: (from, to) => {
      let events = "";
      for (let chunk = from; chunk < to; chunk++) {
        events += eventsOf(blocks, tokensThrough(plan, chunk), tokensThrough(plan, chunk + 1), facts);
      }
      return events;
    },
    tail: () =>
      event(
        "message_delta",
        `"delta":{${stopOf(facts.content, plan)},"container":null},"usage":{${inputUsage(facts, plan)},${outputUsage(facts, plan, plan.outputTokens)},"server_tool_use":null}`,
      ) + event("message_stop", ""),
  };
}

/** An event with its name, without which the SDK drops it ([ran]). */
export function event(name: string, fields: string): string {
  return `event: ${name}\ndata: {"type":"${name}"${fields === "" ? "" : ","}${fields}}\n\n`;
}

/** An error after the 200: the same object as in a body ([ran]). */
export function errorEvent(status: number, requestId: string): string {
  const { type, message } = faultError(status, undefined);
  return event("error", `"error":${asciiJson({ type, message })},"request_id":"${requestId}"`);
}

export type PlacedBlock = PlacedPart<AnswerBlock>;

/** The blocks as far as the planned tokens reach. */
export function placed({ blocks }: AnswerContent, { outputTokens }: ResponsePlan): readonly PlacedBlock[] {
  return placedParts(blocks, outputTokens);
}

/** What tokens `from` up to, but not including, `to` of the answer look like on the wire. */
function eventsOf(blocks: readonly PlacedBlock[], from: number, to: number, facts: MessageFacts): string {
  let events = "";
  for (const placedBlock of blocks) {
    const { part: block, index } = placedBlock;
    const first = Math.max(0, from - placedBlock.from);
    const last = Math.min(placedBlock.length, to - placedBlock.from);
    if (first >= last) continue;
    if (first === 0) events += startEvents(block, index, facts);
    events += deltaEvent(block, index, block.text(first, last));
    if (last === placedBlock.length) events += stopEvents(block, index, facts);
  }
  return events;
}

function startEvents(block: AnswerBlock, index: number, facts: MessageFacts): string {
  const started = event("content_block_start", `"index":${index},"content_block":${emptyBlock(block, index, facts)}`);
  const ping = index === 0 ? event("ping", "") : "";
  return started + ping + (block.kind === "tool_use" ? inputDelta(index, "") : "");
}

function emptyBlock(block: AnswerBlock, index: number, facts: MessageFacts): string {
  switch (block.kind) {
    case "thinking":
      return `{"type":"thinking","thinking":"","signature":""}`;
    case "text":
      return `{"type":"text","text":"","citations":null}`;
    case "tool_use":
      return toolUseBlock(block.name, index, "{}", facts);
  }
}

function toolUseBlock(name: string, index: number, input: string, facts: MessageFacts): string {
  return `{"type":"tool_use","id":"${toolUseId(facts.start, index)}","name":"${name}","input":${input},"caller":{"type":"direct"}}`;
}

function deltaEvent(block: AnswerBlock, index: number, text: string): string {
  switch (block.kind) {
    case "thinking":
      return block.shown ? delta(index, `{"type":"thinking_delta","thinking":"${text}"}`) : "";
    case "text":
      return text === "" ? "" : delta(index, `{"type":"text_delta","text":${quoted(text)}}`);
    case "tool_use":
      return inputDelta(index, text);
  }
}

function inputDelta(index: number, json: string): string {
  return delta(index, `{"type":"input_json_delta","partial_json":${quoted(json)}}`);
}

function delta(index: number, change: string): string {
  return event("content_block_delta", `"index":${index},"delta":${change}`);
}

function stopEvents(block: AnswerBlock, index: number, facts: MessageFacts): string {
  const signature =
    block.kind === "thinking"
      ? delta(index, `{"type":"signature_delta","signature":"${thinkingSignature(facts.start)}"}`)
      : "";
  return signature + event("content_block_stop", `"index":${index}`);
}

function wholeBlock(block: AnswerBlock, index: number, length: number, facts: MessageFacts): string {
  const text = block.text(0, length);
  switch (block.kind) {
    case "thinking":
      return `{"type":"thinking","thinking":"${block.shown ? text : ""}","signature":"${thinkingSignature(facts.start)}"}`;
    case "text":
      return `{"type":"text","text":${quoted(text)},"citations":null}`;
    case "tool_use":
      // Of a call that is cut short, nothing can be parsed.
      return toolUseBlock(block.name, index, length < block.tokens ? "{}" : asciiJson(block.input), facts);
  }
}

function stopOf({ stopReason, stopSequence }: AnswerContent, { finish }: ResponsePlan): string {
  if (finish === "content_filter") return `"stop_reason":"refusal","stop_sequence":null,"stop_details":null`;
  const cutShort = finish === "length";
  const reason = cutShort ? "max_tokens" : stopReason;
  const sequence = cutShort || stopSequence === null ? "null" : asciiJson(stopSequence);
  return `"stop_reason":"${reason}","stop_sequence":${sequence},"stop_details":null`;
}

function fullUsage(facts: MessageFacts, plan: ResponsePlan, outputTokens: number): string {
  const written5m = reportedTokens(plan, facts.cache.written5m);
  const written1h = reportedTokens(plan, facts.cache.written1h);
  return `{${inputUsage(facts, plan)},"cache_creation":{"ephemeral_5m_input_tokens":${written5m},"ephemeral_1h_input_tokens":${written1h}},${outputUsage(facts, plan, outputTokens)},"server_tool_use":null,"service_tier":"standard","inference_geo":null,"speed":null}`;
}

/** Three counters that do not overlap: plain input, written to the cache, read from it. */
function inputUsage({ inputTokens, cache }: MessageFacts, plan: ResponsePlan): string {
  const written = cache.written5m + cache.written1h;
  const plain = reportedTokens(plan, inputTokens - cache.read - written);
  return `"input_tokens":${plain},"cache_creation_input_tokens":${reportedTokens(plan, written)},"cache_read_input_tokens":${reportedTokens(plan, cache.read)}`;
}

function outputUsage(facts: MessageFacts, plan: ResponsePlan, outputTokens: number): string {
  const thinking = reportedTokens(plan, Math.min(outputTokens, thinkingTokens(facts, plan)));
  return `"output_tokens":${reportedTokens(plan, outputTokens)},"output_tokens_details":{"thinking_tokens":${thinking}}`;
}

function thinkingTokens({ content }: MessageFacts, { outputTokens }: ResponsePlan): number {
  const thinking = content.blocks.find(({ kind }) => kind === "thinking")?.tokens ?? 0;
  return Math.min(thinking, outputTokens);
}
