/**
 * A response, whole and as events (openai 7.55.0, resources/responses, Response and ResponseStreamEvent).
 *
 *     response.created  response.in_progress
 *       response.output_item.added  ...  response.output_item.done      for each item: thoughts, a message, calls
 *     response.completed, or response.incomplete when the cap has cut it
 *
 * Every event names its type twice and carries a number that counts from 0. Strings are put together by hand where there is
 * one per event; the response itself is serialised, three times in a stream.
 */
import type { ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens, tokensThrough } from "../../behavior/stream-usage.ts";
import { asciiJson } from "../answer.ts";
import { quoted } from "../composed-text.ts";
import { type PlacedPart, placedParts } from "../placed-parts.ts";
import type { AnswerChoice, AnswerPart } from "./answer-content.ts";
import { paddingFor } from "./obfuscation.ts";
import { type ItemFacts, type ItemText, itemText } from "./response-items.ts";
import type { ResponseRequest } from "./response-request.ts";

export interface ResponseFacts extends ItemFacts {
  /** `resp_...` */
  readonly id: string;
  /** Seconds since 1970. */
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly epochMs: () => number;
  /** Dated snapshot, which is what answers carry. */
  readonly model: string;
  readonly content: AnswerChoice;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly request: Pick<ResponseRequest, "repeated" | "obfuscation" | "summary" | "encryptedReasoning" | "logprobs">;
  readonly additions: ResponseAdditions;
}

/** What a vendor adds to a response: fields, while it is made and when it is done. */
export interface ResponseAdditions {
  readonly begun: object;
  readonly done: object;
}

/** The body of a response that is done. */
export function wholeResponseBody(facts: ResponseFacts, plan: ResponsePlan): string {
  const parts = placedParts(facts.content.parts, plan.outputTokens);
  const output = parts.map((placed, index) => itemText(facts, placed, index).whole());
  const incomplete = incompleteDetails(facts, plan);
  return responseJson(facts, {
    status: incomplete === null ? "completed" : "incomplete",
    completedAt: incomplete === null ? Math.floor(facts.epochMs() / 1_000) : null,
    incomplete,
    output,
    usage: usage(facts, plan, parts),
    added: facts.additions.done,
  });
}

export interface ResponseStreamText {
  readonly head: () => string;
  readonly content: (from: number, to: number) => string;
  /** `body`: of the response as it is in the end. */
  readonly tail: (body: string) => string;
  readonly error: (code: string, message: string) => string;
}

export function responseStream(facts: ResponseFacts, plan: ResponsePlan): ResponseStreamText {
  let sequence = 0;
  const event = (type: string, fields: string): string =>
    `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},${fields}}\n\n`;
  const pad = (characters: number): string => (facts.request.obfuscation ? paddingFor(characters) : "");
  const items = placedParts(facts.content.parts, plan.outputTokens).map((placed, index) => ({
    placed,
    text: itemText(facts, placed, index),
  }));
  return {
    head: () => {
      const begun = responseJson(facts, {
        status: "in_progress",
        completedAt: null,
        incomplete: null,
        output: [],
        usage: "null",
        added: facts.additions.begun,
      });
      return event("response.created", `"response":${begun}`) + event("response.in_progress", `"response":${begun}`);
    },
    content: (from, to) => {
      let events = "";
      for (let chunk = from; chunk < to; chunk++) {
        const [first, end] = [tokensThrough(plan, chunk), tokensThrough(plan, chunk + 1)];
        for (const { placed, text } of items) events += itemEvents(placed, text, first, end, event, pad);
      }
      return events;
    },
    tail: (body) =>
      event(
        incompleteDetails(facts, plan) === null ? "response.completed" : "response.incomplete",
        `"response":${body}`,
      ),
    error: (code, message) => event("error", `"code":${asciiJson(code)},"message":${asciiJson(message)},"param":null`),
  };
}

/** What tokens `from` up to, but not including, `to` of the answer are of one item. */
function itemEvents(
  placed: PlacedPart<AnswerPart>,
  text: ItemText,
  from: number,
  to: number,
  event: (type: string, fields: string) => string,
  pad: (characters: number) => string,
): string {
  const first = Math.max(0, from - placed.from);
  const last = Math.min(placed.length, to - placed.from);
  if (first >= last) return "";
  const begun = first === 0 ? text.begin(event) : "";
  const said = placed.part.text(first, last);
  const grown = text.shown && said !== "" ? text.grow(event, quoted(said), pad(said.length), first, last) : "";
  return begun + grown + (last === placed.length ? text.end(event) : "");
}

interface ResponseState {
  readonly status: "in_progress" | "completed" | "incomplete";
  readonly completedAt: number | null;
  readonly incomplete: object | null;
  /** Items, as JSON. */
  readonly output: readonly string[];
  /** As JSON. */
  readonly usage: string;
  readonly added: object;
}

function responseJson(facts: ResponseFacts, state: ResponseState): string {
  const { id, created, model, request } = facts;
  const fields = asciiJson({
    id,
    object: "response",
    created_at: Math.floor(created / 1_000),
    status: state.status,
    background: false,
    completed_at: state.completedAt,
    error: null,
    frequency_penalty: 0,
    incomplete_details: state.incomplete,
    model,
    presence_penalty: 0,
    ...request.repeated(),
    ...state.added,
  });
  return `${fields.slice(0, -1)},"output":[${state.output.join(",")}],"usage":${state.usage}}`;
}

/** Why it is not all that it was to be; null when it is. */
function incompleteDetails({ content }: ResponseFacts, plan: ResponsePlan): { readonly reason: string } | null {
  if (plan.finish === "content_filter") return { reason: "content_filter" };
  return plan.outputTokens < content.wishedTokens ? { reason: "max_output_tokens" } : null;
}

function usage(facts: ResponseFacts, plan: ResponsePlan, parts: readonly PlacedPart<AnswerPart>[]): string {
  const inputTokens = reportedTokens(plan, facts.inputTokens);
  const cachedTokens = reportedTokens(plan, facts.cachedTokens);
  const outputTokens = reportedTokens(plan, plan.outputTokens);
  const thought = reportedTokens(plan, thoughtTokens(parts));
  return `{"input_tokens":${inputTokens},"input_tokens_details":{"cached_tokens":${cachedTokens},"cache_write_tokens":0},"output_tokens":${outputTokens},"output_tokens_details":{"reasoning_tokens":${thought}},"total_tokens":${inputTokens + outputTokens}}`;
}

/** Tokens of the answer that were thought. */
export function thoughtTokens(parts: readonly PlacedPart<AnswerPart>[]): number {
  return parts.reduce((sum, { part, length }) => (part.kind === "reasoning" ? sum + length : sum), 0);
}
