/**
 * The items of a response's output: as they stand in it, and the events in which each comes (openai 7.55.0, ResponseOutputItem,
 * lib/responses/response-accumulator).
 *
 *     message    output_item.added  content_part.added  output_text.delta...  output_text.done  content_part.done  output_item.done
 *     function   output_item.added  function_call_arguments.delta...  .done  output_item.done
 *     custom     output_item.added  custom_tool_call_input.delta...  .done  output_item.done
 *     reasoning  output_item.added  output_item.done, and where a summary is wanted between them
 *                reasoning_summary_part.added  reasoning_summary_text.delta...  .done  reasoning_summary_part.done
 */
import { quoted } from "../composed-text.ts";
import type { PlacedPart } from "../placed-parts.ts";
import type { AnswerPart } from "./answer-content.ts";
import { callId, encryptedReasoning, itemId } from "./ids.ts";
import { tokenLogprobs } from "./logprobs.ts";

export interface ItemFacts {
  /** Names the answer's ids. */
  readonly start: number;
  readonly request: {
    readonly summary: boolean;
    readonly encryptedReasoning: boolean;
    readonly logprobs: number | undefined;
  };
}

type Event = (type: string, fields: string) => string;

export interface ItemText {
  /** Whether the words of the part are to be seen. */
  readonly shown: boolean;
  /** As JSON. */
  readonly whole: () => string;
  readonly begin: (event: Event) => string;
  /** `delta`: JSON of a string; it is tokens `from` to `to` of the part. */
  readonly grow: (event: Event, delta: string, padding: string, from: number, to: number) => string;
  readonly end: (event: Event) => string;
}

/** `index`: of the item in the output. */
export function itemText(facts: ItemFacts, placed: PlacedPart<AnswerPart>, index: number): ItemText {
  switch (placed.part.kind) {
    case "text":
      return messageText(facts, placed, index);
    case "call":
      return callText(facts, placed, placed.part, index);
    case "reasoning":
      return reasoningText(facts, placed, index);
  }
}

function messageText(facts: ItemFacts, placed: PlacedPart<AnswerPart>, index: number): ItemText {
  const id = itemId("msg_", facts.start, index);
  const at = `"item_id":"${id}","output_index":${index},"content_index":0`;
  const { part, length } = placed;
  const text = (): string => quoted(part.text(0, length));
  const logprobs = (from: number, to: number): string =>
    facts.request.logprobs === undefined
      ? "[]"
      : JSON.stringify(tokenLogprobs(part.text, from, to, facts.request.logprobs));
  const content = (said: string, probabilities: string): string =>
    `{"type":"output_text","annotations":[],"logprobs":${probabilities},"text":${said}}`;
  const item = (status: string, parts: string): string =>
    `{"id":"${id}","type":"message","status":"${status}","content":[${parts}],"role":"assistant"}`;
  const whole = (): string => item(statusOf(placed), content(text(), logprobs(0, length)));
  return {
    shown: true,
    whole,
    begin: (event) =>
      event("response.output_item.added", `"output_index":${index},"item":${item("in_progress", "")}`) +
      event("response.content_part.added", `${at},"part":${content(`""`, "[]")}`),
    grow: (event, delta, padding, from, to) =>
      event("response.output_text.delta", `${at},"delta":${delta},"logprobs":${logprobs(from, to)}${padding}`),
    end: (event) =>
      event("response.output_text.done", `${at},"text":${text()},"logprobs":${logprobs(0, length)}`) +
      event("response.content_part.done", `${at},"part":${content(text(), logprobs(0, length))}`) +
      event("response.output_item.done", `"output_index":${index},"item":${whole()}`),
  };
}

function callText(
  facts: ItemFacts,
  placed: PlacedPart<AnswerPart>,
  { tool, text }: Extract<AnswerPart, { kind: "call" }>,
  index: number,
): ItemText {
  const [type, prefix, field, event_] =
    tool.kind === "function"
      ? ["function_call", "fc_", "arguments", "response.function_call_arguments"]
      : ["custom_tool_call", "ctc_", "input", "response.custom_tool_call_input"];
  const id = itemId(prefix, facts.start, index);
  const at = `"item_id":"${id}","output_index":${index}`;
  const said = (): string => quoted(text(0, placed.length));
  const item = (status: string, value: string): string =>
    `{"id":"${id}","type":"${type}","status":"${status}","${field}":${value},"call_id":"${callId(facts.start, index)}","name":"${tool.name}"}`;
  const whole = (): string => item(statusOf(placed), said());
  return {
    shown: true,
    whole,
    begin: (event) =>
      event("response.output_item.added", `"output_index":${index},"item":${item("in_progress", `""`)}`),
    grow: (event, delta, padding) => event(`${event_}.delta`, `${at},"delta":${delta}${padding}`),
    end: (event) =>
      event(`${event_}.done`, `${at},"${field}":${said()}`) +
      event("response.output_item.done", `"output_index":${index},"item":${whole()}`),
  };
}

function reasoningText(facts: ItemFacts, placed: PlacedPart<AnswerPart>, index: number): ItemText {
  const { summary, encryptedReasoning: sealed } = facts.request;
  const id = itemId("rs_", facts.start, index);
  const at = `"item_id":"${id}","output_index":${index},"summary_index":0`;
  const text = (): string => quoted(placed.part.text(0, placed.length));
  const part = (said: string): string => `{"type":"summary_text","text":${said}}`;
  const item = (parts: string, content: string): string =>
    `{"id":"${id}","type":"reasoning","summary":[${parts}]${content}}`;
  const whole = (): string =>
    item(summary ? part(text()) : "", sealed ? `,"encrypted_content":"${encryptedReasoning(facts.start)}"` : "");
  return {
    shown: summary,
    whole,
    begin: (event) =>
      event("response.output_item.added", `"output_index":${index},"item":${item("", "")}`) +
      (summary ? event("response.reasoning_summary_part.added", `${at},"part":${part(`""`)}`) : ""),
    grow: (event, delta, padding) => event("response.reasoning_summary_text.delta", `${at},"delta":${delta}${padding}`),
    end: (event) =>
      (summary
        ? event("response.reasoning_summary_text.done", `${at},"text":${text()}`) +
          event("response.reasoning_summary_part.done", `${at},"part":${part(text())}`)
        : "") + event("response.output_item.done", `"output_index":${index},"item":${whole()}`),
  };
}

function statusOf({ part, length }: PlacedPart<AnswerPart>): "completed" | "incomplete" {
  return length < part.tokens ? "incomplete" : "completed";
}
