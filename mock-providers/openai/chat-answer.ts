/**
 * The bytes of a chat completion, whole and streamed (openai 7.55.0, resources/chat/completions; order of chunks [capture]).
 *
 * Put together from constant text around what differs, instead of serialising objects: at thousands of events a second the
 * difference is most of the work. Ids, configured names and plain words need no escaping; JSON does.
 */
import type { ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens, tokensThrough } from "../../behavior/stream-usage.ts";
import { quoted } from "../composed-text.ts";
import { type PlacedPart, placedParts } from "../placed-parts.ts";
import type { AnswerChoice, AnswerPart } from "./answer-content.ts";
import type { ChatRequest } from "./chat-request.ts";
import { callId } from "./ids.ts";
import { tokenLogprobs } from "./logprobs.ts";
import { paddingFor } from "./obfuscation.ts";

export interface ChatAnswerFacts {
  /** `chatcmpl-...` */
  readonly id: string;
  /** Names the answer's other ids. */
  readonly start: number;
  /** Seconds since 1970. */
  readonly created: number;
  /** Dated snapshot, which is what answers carry. */
  readonly model: string;
  readonly choices: readonly AnswerChoice[];
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly request: Pick<ChatRequest, "includeUsage" | "obfuscation" | "logprobs" | "toolUse" | "serviceTier">;
  readonly additions: ChatAdditions;
}

/** What a vendor adds to the common shapes: JSON fields with the comma that comes before them, or nothing. */
export interface ChatAdditions {
  /** To a whole answer and to every event. */
  readonly answer: (serviceTier: string) => string;
  /** To a whole answer and, in a stream, to an event of its own before all others, which has no choices. */
  readonly prompt: string;
  /** To a choice that has text; and to the choice of an event that has none. */
  readonly text: string;
  readonly noText: string;
}

const systemFingerprint = "fp_squall0000";

/** The body of an answer in one piece. */
export function wholeChatBody(facts: ChatAnswerFacts, plan: ResponsePlan): string {
  const choices = reached(facts, plan).map((choice) => wholeChoice(facts, choice));
  const { answer, prompt } = facts.additions;
  return `{"id":"${facts.id}","object":"chat.completion","created":${facts.created},"model":"${facts.model}","choices":[${choices.join(",")}],"usage":${usage(facts, plan)},"system_fingerprint":"${systemFingerprint}"${answer(facts.request.serviceTier)}${prompt}}`;
}

export interface ChatStreamText {
  readonly head: () => string;
  readonly content: (from: number, to: number) => string;
  readonly tail: () => string;
}

/** The events of a streamed answer. Several choices go forward together. */
export function chatStream(facts: ChatAnswerFacts, plan: ResponsePlan): ChatStreamText {
  const { includeUsage, obfuscation, serviceTier } = facts.request;
  const choices = reached(facts, plan);
  const { answer, prompt, noText } = facts.additions;
  const before = `data: {"id":"${facts.id}","object":"chat.completion.chunk","created":${facts.created},"model":"${facts.model}","system_fingerprint":"${systemFingerprint}"${answer(serviceTier)},"choices":[`;
  const after = includeUsage ? `],"usage":null` : "]";
  const aboutPrompt = `data: {"choices":[],"created":0,"id":"","model":"","object":""${prompt}}\n\n`;
  const pad = (characters: number): string => (obfuscation ? paddingFor(characters) : "");
  const chunk: WriteChunk = (choice, delta, added, characters, logprobs = "null", finish = "null") =>
    `${before}{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finish}${added}}${after}${pad(characters)}}\n\n`;
  return {
    head: () => {
      const opened = choices.map(({ index, calls }) =>
        chunk(index, `{"role":"assistant","content":${calls ? "null" : `""`},"refusal":null}`, noText, 0),
      );
      return (prompt === "" ? "" : aboutPrompt) + opened.join("");
    },
    content: (from, to) => {
      let events = "";
      for (let event = from; event < to; event++) {
        const [first, end] = [tokensThrough(plan, event), tokensThrough(plan, event + 1)];
        for (const choice of choices)
          events += eventsOf(facts, choice, choice.through(first), choice.through(end), chunk);
      }
      return events;
    },
    tail: () => {
      const finished = choices.map(({ index, finish }) => chunk(index, "{}", noText, 0, "null", `"${finish}"`));
      const used = includeUsage ? `${before}],"usage":${usage(facts, plan)}${pad(0)}}\n\n` : "";
      return `${finished.join("")}${used}data: [DONE]\n\n`;
    },
  };
}

/** One event. `characters`: of what its delta says, which padding goes by. */
type WriteChunk = (
  choice: number,
  delta: string,
  added: string,
  characters: number,
  logprobs?: string,
  finish?: string,
) => string;

/** A choice as far as the planned tokens reach. */
interface ReachedChoice {
  readonly index: number;
  readonly parts: readonly PlacedPart<AnswerPart>[];
  readonly finish: AnswerChoice["ending"] | "length" | "content_filter";
  /** It calls tools. */
  readonly calls: boolean;
  /** Tokens of this choice among the first `tokens` of the whole answer, which the choices share by their lengths. */
  readonly through: (tokens: number) => number;
}

function reached({ choices }: ChatAnswerFacts, { outputTokens, finish }: ResponsePlan): readonly ReachedChoice[] {
  const all = choices.reduce((sum, { tokens }) => sum + tokens, 0);
  return choices.map(({ parts, tokens, wishedTokens, ending }, index) => {
    const through = (count: number): number => (all === 0 ? 0 : Math.floor((count * tokens) / all));
    const length = through(outputTokens);
    return {
      index,
      parts: placedParts(parts, length),
      finish: finish === "content_filter" ? finish : length < wishedTokens ? "length" : ending,
      calls: parts.some(({ kind }) => kind === "call"),
      through,
    };
  });
}

/** What tokens `from` up to, but not including, `to` of a choice look like on the wire. */
function eventsOf(facts: ChatAnswerFacts, choice: ReachedChoice, from: number, to: number, chunk: WriteChunk): string {
  let events = "";
  for (const placed of choice.parts) {
    const { part } = placed;
    const first = Math.max(0, from - placed.from);
    const last = Math.min(placed.length, to - placed.from);
    if (first >= last || part.kind === "reasoning") continue; // thoughts are silence on this wire
    const text = part.text(first, last);
    if (part.kind === "text") {
      if (text === "") continue;
      const delta = `{"content":${quoted(text)}}`;
      events += chunk(choice.index, delta, facts.additions.text, text.length, logprobs(facts, part, first, last));
      continue;
    }
    const { noText } = facts.additions;
    if (first === 0) events += chunk(choice.index, callDelta(facts, choice, placed, ""), noText, 0);
    if (text === "") continue;
    events += chunk(choice.index, argumentsDelta(facts, choice, placed, quoted(text)), noText, text.length);
  }
  return events;
}

type CallPart = Extract<AnswerPart, { kind: "call" }>;

function wholeChoice(facts: ChatAnswerFacts, choice: ReachedChoice): string {
  const { additions, request } = facts;
  const calls = choice.calls ? wholeCalls(facts, choice) : [];
  const said = choice.parts.find(({ part }) => part.kind === "text");
  const content = choice.calls ? "null" : said === undefined ? `""` : quoted(said.part.text(0, said.length));
  const listed = request.toolUse?.legacy === true ? calls.join("") : `"tool_calls":[${calls.join(",")}]`;
  const called = calls.length === 0 ? "" : `,${listed}`;
  const probabilities = said === undefined ? "null" : logprobs(facts, said.part, 0, said.length);
  return `{"index":${choice.index},"message":{"role":"assistant","content":${content}${called},"refusal":null,"annotations":[]},"logprobs":${probabilities},"finish_reason":"${choice.finish}"${choice.calls ? additions.noText : additions.text}}`;
}

function wholeCalls(facts: ChatAnswerFacts, choice: ReachedChoice): readonly string[] {
  return choice.parts.flatMap((placed) =>
    placed.part.kind === "call" ? [wholeCall(facts, choice, placed, quoted(placed.part.text(0, placed.length)))] : [],
  );
}

/** `text`: JSON of a string, as far as it goes. */
function wholeCall(
  facts: ChatAnswerFacts,
  choice: ReachedChoice,
  { part, index }: PlacedPart<AnswerPart>,
  text: string,
): string {
  if (part.kind !== "call") return "";
  if (facts.request.toolUse?.legacy === true) return `"function_call":{"name":"${part.tool.name}","arguments":${text}}`;
  return `{"id":"${idOf(facts, choice, index)}","type":"${part.tool.kind}",${saidBy(part, text, true)}}`;
}

/** The first event of a call, which names it. */
function callDelta(
  facts: ChatAnswerFacts,
  choice: ReachedChoice,
  placed: PlacedPart<AnswerPart>,
  text: string,
): string {
  const { part, index } = placed;
  if (part.kind !== "call") return "{}";
  if (facts.request.toolUse?.legacy === true)
    return `{"function_call":{"name":"${part.tool.name}","arguments":"${text}"}}`;
  return `{"tool_calls":[{"index":${callIndex(choice, index)},"id":"${idOf(facts, choice, index)}","type":"${part.tool.kind}",${saidBy(part, `"${text}"`, true)}}]}`;
}

function argumentsDelta(
  facts: ChatAnswerFacts,
  choice: ReachedChoice,
  placed: PlacedPart<AnswerPart>,
  text: string,
): string {
  const { part, index } = placed;
  if (part.kind !== "call") return "{}";
  if (facts.request.toolUse?.legacy === true) return `{"function_call":{"arguments":${text}}}`;
  return `{"tool_calls":[{"index":${callIndex(choice, index)},${saidBy(part, text, false)}}]}`;
}

/** `"function":{"name":"f","arguments":"{}"}`, `"custom":{"input":"..."}`. */
function saidBy({ tool }: CallPart, text: string, named: boolean): string {
  const name = named ? `"name":"${tool.name}",` : "";
  return `"${tool.kind}":{${name}"${tool.kind === "function" ? "arguments" : "input"}":${text}}`;
}

/** Which of the choice's calls it is. */
function callIndex({ parts }: ReachedChoice, index: number): number {
  return parts.filter((placed) => placed.part.kind === "call" && placed.index < index).length;
}

function idOf({ start }: ChatAnswerFacts, choice: ReachedChoice, index: number): string {
  return callId(start, choice.index * 1_000 + index);
}

function logprobs({ request }: ChatAnswerFacts, { text }: AnswerPart, from: number, to: number): string {
  if (request.logprobs === undefined) return "null";
  return `{"content":${JSON.stringify(tokenLogprobs(text, from, to, request.logprobs))},"refusal":null}`;
}

function usage(facts: ChatAnswerFacts, plan: ResponsePlan): string {
  const inputTokens = reportedTokens(plan, facts.inputTokens);
  const cachedTokens = reportedTokens(plan, facts.cachedTokens);
  const outputTokens = reportedTokens(plan, plan.outputTokens);
  const reasoned = reportedTokens(plan, reasoningTokens(facts, plan));
  return `{"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${inputTokens + outputTokens},"prompt_tokens_details":{"cached_tokens":${cachedTokens},"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":${reasoned},"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`;
}

function reasoningTokens(facts: ChatAnswerFacts, plan: ResponsePlan): number {
  if (facts.choices.every(({ parts }) => parts[0]?.kind !== "reasoning")) return 0;
  return reached(facts, plan)
    .flatMap(({ parts }) => parts)
    .reduce((sum, { part, length }) => (part.kind === "reasoning" ? sum + length : sum), 0);
}
