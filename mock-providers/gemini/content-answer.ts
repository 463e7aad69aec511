/**
 * The bytes of generated content, whole and streamed (@google/genai 3.1.0, GenerateContentResponse; order of chunks [capture]).
 *
 * Every chunk is a whole response with what is new in it: its usage counts up to here, its id and model are those of all, and only
 * a candidate's last has a reason why it ended. Nothing is sent for tokens that show nothing, such as hidden thoughts.
 */
import type { Capacity, ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens, tokensThrough } from "../../behavior/stream-usage.ts";
import { asciiJson } from "../answer.ts";
import type { AnswerPart, Candidate } from "./answer-content.ts";
import type { CallMarks } from "./ids.ts";

export interface ContentAnswerFacts {
  readonly candidates: readonly Candidate[];
  readonly responseId: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  /** Of a candidate's function calls, where the model gives them some. */
  readonly marksOf: (candidate: number, nth: number) => CallMarks | undefined;
  readonly service: ServiceFields;
}

/** What one of the two services adds. */
export interface ServiceFields {
  /** RFC 3339 with microseconds. */
  readonly createTime?: string;
  readonly trafficType?: (capacity: Capacity | undefined) => string;
}

/** The body of an answer in one piece. */
export function wholeContentBody(facts: ContentAnswerFacts, plan: ResponsePlan): string {
  return response(facts, plan, 0, plan.outputTokens, "all") ?? "{}";
}

export interface ContentStreamText {
  readonly head: () => string;
  readonly content: (from: number, to: number) => string;
  readonly tail: () => string;
  readonly error: (error: object) => string;
}

/**
 * `events`: blocks ended by CRLF CRLF, even the last. `array`: the elements of one JSON array, separated by a comma and CRLF. The bracket
 * that ends it is on a line of its own: Portkey 1.15.2 takes two characters off the last piece ([ran]: without the line feed it loses the end).
 */
export type Framing = "events" | "array";

/** A streamed answer. The last chunk has the end of the last candidate in it. */
export function contentStream(facts: ContentAnswerFacts, plan: ResponsePlan, framing: Framing): ContentStreamText {
  let sent = 0;
  const frame = (chunk: string): string => {
    sent++;
    if (framing === "events") return `data: ${chunk}\r\n\r\n`;
    return sent === 1 ? `[${chunk}` : `,\r\n${chunk}`;
  };
  const close = (): string => (framing === "events" ? "" : sent === 0 ? "[]" : "\n]");
  return {
    head: () => "",
    content: (from, to) => {
      let text = "";
      for (let index = from; index < to; index++) {
        const chunk = response(facts, plan, tokensThrough(plan, index), tokensThrough(plan, index + 1), "new");
        if (chunk !== undefined) text += frame(chunk);
      }
      return text;
    },
    // An answer without any tokens has no content event that could carry its end.
    tail: () => (plan.chunks > 0 ? close() : frame(response(facts, plan, 0, 0, "all") ?? "{}") + close()),
    error: (error) => frame(asciiJson(error)) + close(),
  };
}

/**
 * What was generated from one token up to, but not including, another. `new`: undefined when that shows nothing; `all`:
 * every candidate, whatever it has to say.
 */
function response(
  facts: ContentAnswerFacts,
  plan: ResponsePlan,
  from: number,
  to: number,
  what: "new" | "all",
): string | undefined {
  if (plan.promptBlocked === true) return blockedPrompt(facts, plan);
  const written: string[] = [];
  const counted = { thoughts: 0, text: 0 };
  let start = 0;
  for (const [index, candidate] of facts.candidates.entries()) {
    const end = Math.min(start + candidate.tokens, plan.outputTokens);
    count(candidate, Math.min(end, to) - start, counted);
    const parts = partsBetween(facts, candidate, Math.max(from, start) - start, Math.min(to, end) - start, index);
    // A candidate without tokens ends with what comes next, or at the very end.
    const isNew = start === end ? from <= start && (start < to || to === plan.outputTokens) : from < end;
    const ends = to >= end && (isNew || what === "all");
    if (parts !== "" || ends || what === "all") {
      const reason = ends ? `,"finishReason":"${reasonOf(candidate, end - start, plan)}"` : "";
      const content = parts === "" ? `{"role":"model"}` : `{"parts":[${parts}],"role":"model"}`;
      written.push(`{"content":${content}${reason},"index":${index}}`);
    }
    start += candidate.tokens;
  }
  if (written.length === 0) return undefined;
  const { responseId, model, service } = facts;
  const created = service.createTime === undefined ? "" : `,"createTime":"${service.createTime}"`;
  return `{"candidates":[${written.join(",")}],"usageMetadata":${usage(facts, plan, counted)},"modelVersion":"${model}"${created},"responseId":"${responseId}"}`;
}

/** No candidates, and why (@google/genai 3.1.0, GenerateContentResponsePromptFeedback). */
function blockedPrompt(facts: ContentAnswerFacts, plan: ResponsePlan): string {
  const { responseId, model } = facts;
  const counted = usage(facts, plan, { thoughts: 0, text: 0 });
  return `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":${counted},"modelVersion":"${model}","responseId":"${responseId}"}`;
}

/** Calls end with STOP too; only what was allowed makes a difference. */
function reasonOf(candidate: Candidate, tokens: number, { finish }: ResponsePlan): string {
  if (finish === "content_filter") return "SAFETY";
  return candidate.cut || tokens < candidate.tokens ? "MAX_TOKENS" : "STOP";
}

/** The parts of a candidate between two of its tokens, separated by commas. */
function partsBetween(
  facts: ContentAnswerFacts,
  candidate: Candidate,
  from: number,
  to: number,
  index: number,
): string {
  const written: string[] = [];
  let start = 0;
  for (const part of candidate.parts) {
    const [first, last] = [Math.max(0, from - start), Math.min(part.tokens, to - start)];
    if (first < last || (part.tokens === 0 && from <= start && start <= to)) {
      const text = partText(facts, part, first, last, index);
      if (text !== "") written.push(text);
    }
    start += part.tokens;
  }
  return written.join(",");
}

function partText(facts: ContentAnswerFacts, part: AnswerPart, first: number, last: number, index: number): string {
  switch (part.kind) {
    case "thought": {
      const text = part.shown ? part.text(first, last) : "";
      return text === "" ? "" : `{"text":${asciiJson(text)},"thought":true}`;
    }
    case "text": {
      const text = part.text(first, last);
      return text === "" ? "" : `{"text":${asciiJson(text)}}`;
    }
    case "call": {
      const { name, args, tokens, nth } = part;
      if (last < tokens) return "";
      const marks = facts.marksOf(index, nth);
      if (marks === undefined) return asciiJson({ functionCall: { name, args } });
      const { id, ...signed } = marks;
      return asciiJson({ functionCall: { id, name, args }, ...signed });
    }
  }
}

/** Adds the first `tokens` of a candidate. */
function count(candidate: Candidate, tokens: number, counted: { thoughts: number; text: number }): void {
  let left = Math.max(0, tokens);
  for (const part of candidate.parts) {
    const here = Math.min(left, part.tokens);
    if (part.kind === "thought") counted.thoughts += here;
    else counted.text += here;
    left -= here;
  }
}

/** Prompt tokens include cached ones; thoughts are counted beside candidates, and the total has all (@google/genai 3.1.0). */
function usage(
  facts: ContentAnswerFacts,
  plan: ResponsePlan,
  counted: { readonly thoughts: number; readonly text: number },
): string {
  const { service } = facts;
  const inputTokens = reportedTokens(plan, facts.inputTokens);
  const cachedTokens = reportedTokens(plan, facts.cachedTokens);
  const thoughts = reportedTokens(plan, counted.thoughts);
  const text = reportedTokens(plan, counted.text);
  const candidates = text === 0 ? "" : `"candidatesTokenCount":${text},`;
  const thinking = thoughts === 0 ? "" : `,"thoughtsTokenCount":${thoughts}`;
  const cached =
    cachedTokens === 0
      ? ""
      : `,"cachedContentTokenCount":${cachedTokens},"cacheTokensDetails":[{"modality":"TEXT","tokenCount":${cachedTokens}}]`;
  const traffic = service.trafficType === undefined ? "" : `,"trafficType":"${service.trafficType(plan.capacity)}"`;
  return `{"promptTokenCount":${inputTokens},${candidates}"totalTokenCount":${inputTokens + text + thoughts}${cached},"promptTokensDetails":[{"modality":"TEXT","tokenCount":${inputTokens}}]${thinking}${traffic}}`;
}
