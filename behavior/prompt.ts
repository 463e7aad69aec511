/**
 * The text of prompts and answers: plain words of an exact length, the same for the same conversation.
 *
 * What a prompt says does not matter to a mock; how long it is does, because OpenAI's limiter estimates tokens from
 * characters, and because a gateway parses and copies every byte. So a prompt of n tokens has exactly
 * n * `charactersPerToken` characters, cut from one text that is made once: a prompt of 100,000 tokens is a few slices.
 *
 * A question and its answer are seeded by the key of their request, so that turn 2 of a conversation sends the questions
 * and answers of turns 0 and 1 word for word, as a chat client does.
 */
import { randomStream } from "../core/random.ts";
import type { PhaseName } from "../core/record.ts";
import { cutText } from "../core/text-cut.ts";
import { formatMarker } from "./marker.ts";
import { turnKey, type PlannedRequest } from "./workload.ts";

export interface ChatMessage {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Text of an answer from one token up to, but not including, another; O(1) in the position. */
export type AnswerText = (fromToken: number, toToken: number) => string;

/** "1 token ~= 4 chars in English" (OpenAI help centre, "What are tokens and how to count them?"). */
export const charactersPerToken = 4;

/** The conversation as it is sent: 2 * turn + 1 messages, the first one headed by the marker. */
export function chatMessages(phase: PhaseName, planned: PlannedRequest): readonly ChatMessage[] {
  const marker = formatMarker(phase, planned);
  return messageCuts(planned).map(([from, characters], index) => {
    const content = cutText(corpus.text, from, characters);
    return { role: index % 2 === 0 ? "user" : "assistant", content: index === 0 ? marker + content : content };
  });
}

/** Where a message is cut from the text that all of them share: position and length. */
export type TextCut = readonly [from: number, characters: number];

/** The messages of `chatMessages`, without the marker, as cuts of `promptCorpus()`; users and assistant take turns. */
export function messageCuts(planned: PlannedRequest): readonly TextCut[] {
  return messageTokens(planned).map((tokens, index, all) => {
    const key = index === all.length - 1 ? planned.key : turnKey(planned.session, Math.floor(index / 2));
    return [startOf(index % 2 === 0 ? `question ${key}` : `answer ${key}`), tokens * charactersPerToken];
  });
}

/** The text that all messages are cut from (`core/text-cut.ts`). */
export function promptCorpus(): string {
  return corpus.text;
}

/** Characters of prompt text in all messages, markers not counted, without building them. */
export function promptCharacters(planned: PlannedRequest): number {
  return planned.inputTokens * charactersPerToken;
}

/** The answer to the request with this key: `charactersPerToken` characters a token. */
export function answerText(key: string): AnswerText {
  const text = textOf(`answer ${key}`);
  return (fromToken, toToken) => text(fromToken * charactersPerToken, toToken * charactersPerToken);
}

/** Tokens of each message, oldest first. They add up to the tokens of the prompt. */
function messageTokens(planned: PlannedRequest): readonly number[] {
  const history = planned.historyTokens ?? [];
  return [...history, history.reduce((rest, tokens) => rest - tokens, planned.inputTokens)];
}

/** The endless text with this name: the corpus read round and round from the start of one of its sentences. */
function textOf(name: string): (from: number, to: number) => string {
  const start = startOf(name);
  return (from, to) => cutText(corpus.text, start + from, to - from);
}

function startOf(name: string): number {
  return corpus.sentenceStarts[randomStream(name).integer(corpus.sentenceStarts.length)] ?? 0;
}

/** ASCII without quotes or line breaks, so that a character is a byte in JSON too. */
const words =
  `a the one each every some this our their no gateway provider model token prompt answer request user team day hour
  minute budget price limit queue region stream cache retry route tenant replica alert dashboard pager engineer customer
  contract report question word page cloud storm harbor river mountain garden kitchen window letter morning evening winter
  summer bread coffee bicycle train keeps holds makes takes gives sends reads writes waits asks finds shows turns opens
  closes moves grows falls counts costs learns helps small large quiet early late warm cold bright slow quick steady
  careful old new long short plain open and but while because before after when where so with without under over near from
  into about between again often never always today soon`.split(/\s+/);

const corpusCharacters = 32_768;

const corpus = writeCorpus();

function writeCorpus(): { readonly text: string; readonly sentenceStarts: readonly number[] } {
  const random = randomStream("squall corpus");
  const sentenceStarts: number[] = [];
  let text = "";
  while (text.length < corpusCharacters) {
    sentenceStarts.push(text.length);
    const sentence = Array.from({ length: 6 + random.integer(9) }, () => words[random.integer(words.length)]).join(" ");
    text += `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. `;
  }
  return { text, sentenceStarts };
}
