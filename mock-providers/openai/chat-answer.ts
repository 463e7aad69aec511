/**
 * The bytes of a chat completion, whole and streamed (openai 7.55.0, resources/chat/completions; order of chunks [capture]).
 *
 * Put together from constant text around what differs, instead of serialising objects: at thousands of events a second the
 * difference is most of the work. Nothing that goes in needs escaping: ids, configured names and the words of answers are
 * ASCII without quotes and backslashes.
 */
import { answerText, type AnswerText } from "../../behavior/prompt.ts";
import type { ResponsePlan } from "../../behavior/provider.ts";
import { tokensThrough } from "../../behavior/stream-usage.ts";
import type { ChatRequest } from "./chat-request.ts";

export interface ChatAnswerFacts {
  /** `chatcmpl-...` */
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Dated snapshot, which is what answers carry. */
  readonly model: string;
  /** Names the words of the answer. */
  readonly key: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly request: Pick<ChatRequest, "choices" | "includeUsage" | "obfuscation">;
  readonly additions: ChatAdditions;
}

/** What a vendor adds to the common shapes: JSON fields with the comma that comes before them, or nothing. */
export interface ChatAdditions {
  /** To a whole answer and to every event. */
  readonly answer: string;
  /** To a whole answer and, in a stream, to an event of its own before all others, which has no choices. */
  readonly prompt: string;
  /** To a choice that has text; and to the choice of an event that has none. */
  readonly text: string;
  readonly noText: string;
}

const systemFingerprint = "fp_squall0000";

/** The body of an answer in one piece. */
export function wholeChatBody(facts: ChatAnswerFacts, plan: ResponsePlan): string {
  const texts = choiceTexts(facts);
  const { additions } = facts;
  let choices = "";
  for (const [index, text] of texts.entries()) {
    const words = text(0, tokensOfChoice(plan, index, texts.length));
    choices += `${index === 0 ? "" : ","}{"index":${index},"message":{"role":"assistant","content":"${words}","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"${plan.finish}"${additions.text}}`;
  }
  return `{"id":"${facts.id}","object":"chat.completion","created":${facts.created},"model":"${facts.model}","choices":[${choices}],"usage":${usage(facts, plan)},"system_fingerprint":"${systemFingerprint}"${additions.answer}${additions.prompt}}`;
}

export interface ChatStreamText {
  readonly head: () => string;
  readonly content: (from: number, to: number) => string;
  readonly tail: () => string;
}

/** The events of a streamed answer. With several answers their events take turns. */
export function chatStream(facts: ChatAnswerFacts, plan: ResponsePlan): ChatStreamText {
  const { choices, includeUsage, obfuscation } = facts.request;
  const texts = choiceTexts(facts);
  const { answer, prompt, text, noText } = facts.additions;
  const before = `data: {"id":"${facts.id}","object":"chat.completion.chunk","created":${facts.created},"model":"${facts.model}","system_fingerprint":"${systemFingerprint}"${answer},"choices":[`;
  const after = includeUsage ? `],"usage":null` : "]";
  const chunk = (choice: number, delta: string, added: string, finish: string, padding: string): string =>
    `${before}{"index":${choice},"delta":${delta},"logprobs":null,"finish_reason":${finish}${added}}${after}${padding}}\n\n`;
  const aboutPrompt = `data: {"choices":[],"created":0,"id":"","model":"","object":""${prompt}}\n\n`;
  const pad = obfuscation ? paddingFor : noPadding;
  const forEachChoice = (event: (choice: number) => string): string => texts.map((_, choice) => event(choice)).join("");
  return {
    head: () => {
      const opening = `{"role":"assistant","content":"","refusal":null}`;
      const opened = forEachChoice((choice) => chunk(choice, opening, noText, "null", pad(0)));
      return prompt === "" ? opened : aboutPrompt + opened;
    },
    content: (from, to) => {
      let events = "";
      for (let index = from; index < to; index++) {
        const choice = choices === 1 ? 0 : index % choices;
        const words = texts[choice]?.(tokensThrough(plan, index), tokensThrough(plan, index + 1)) ?? "";
        events += chunk(choice, `{"content":"${words}"}`, text, "null", pad(words.length));
      }
      return events;
    },
    tail: () => {
      const finished = forEachChoice((choice) => chunk(choice, "{}", noText, `"${plan.finish}"`, pad(0)));
      const used = includeUsage ? `${before}],"usage":${usage(facts, plan)}${pad(0)}}\n\n` : "";
      return `${finished}${used}data: [DONE]\n\n`;
    },
  };
}

/** Each answer has its own words; the first those that its key names, as every engine knows them. */
function choiceTexts(facts: ChatAnswerFacts): readonly AnswerText[] {
  if (facts.request.choices === 1) return [answerText(facts.key)];
  return Array.from({ length: facts.request.choices }, (_, choice) =>
    answerText(choice === 0 ? facts.key : `${facts.key} ${choice}`),
  );
}

/** The planned tokens shared out among the answers. */
function tokensOfChoice(plan: ResponsePlan, choice: number, choices: number): number {
  const through = (count: number): number => Math.floor((plan.outputTokens * count) / choices);
  return through(choice + 1) - through(choice);
}

function usage(facts: ChatAnswerFacts, plan: ResponsePlan): string {
  const { inputTokens, cachedTokens } = facts;
  const { outputTokens } = plan;
  return `{"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${inputTokens + outputTokens},"prompt_tokens_details":{"cached_tokens":${cachedTokens},"cache_write_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`;
}

/** Sizes that padding evens out to, in characters of text and padding together. */
const paddedTo = 16;

/** What padding is cut from. */
const paddingText = "kX3vQ9mZ1rTb7LwY";

const paddings: readonly string[] = Array.from(
  { length: paddedTo },
  (_, missing) => `,"obfuscation":"${paddingText.slice(0, missing)}"`,
);

/**
 * On unless `stream_options.include_obfuscation` is false: "adds random characters to an obfuscation field on streaming delta events to
 * normalize payload sizes" (openai 7.55.0, ChatCompletionStreamOptions). To which size is not published.
 */
function paddingFor(characters: number): string {
  return paddings[paddedTo - 1 - (characters % paddedTo)] ?? "";
}

function noPadding(): string {
  return "";
}
