/**
 * Whose request a call is, how long its prompt is and how long an answer it gets.
 *
 * A prompt that starts with a marker says so itself, so that a live run and a simulation charge the same; its key and phase
 * name the request, and calls are counted per request, which gives retries their number. The marker is not billed.
 *
 * Any other prompt is a foreign client's. Its tokens are counted, and its key is made from its body and how often that very
 * body was seen, so the same requests draw the same latencies whatever else goes on. Every call is then a first attempt.
 */
import { hash } from "node:crypto";
import { parseMarker } from "../behavior/marker.ts";
import { distribution, lognormalSigma } from "../core/distributions.ts";
import type { PhaseName } from "../core/record.ts";
import type { MockState } from "./mock.ts";
import { isCounted, loadTokenCount, tokenCount, type TokenCount, type TokensBy } from "./tokenizer.ts";

/** What a dialect found in a request. */
export interface PromptText {
  /** All text, in order. The first is where a marker stands. */
  readonly texts: readonly string[];
  /** Tokens that the format adds to those of the texts. */
  readonly formatTokens: number;
  /** A marker among them. */
  readonly characters: number;
}

export interface RequestIdentity {
  /** A marker says how long prompt and answer are. */
  readonly marked: boolean;
  readonly phase: PhaseName;
  readonly key: string;
  readonly attempt: number;
  readonly inputTokens: number;
  readonly tokensBy: TokensBy;
  readonly cachedTokens: number;
  readonly promptCharacters: number;
  /** Length of the answer if nothing caps it. */
  readonly outputTokens: number;
}

/**
 * Length of an answer that nobody wished for: median and 95th percentile of the 19,366 conversation requests in Microsoft's
 * Azure LLM inference trace of 2023 (AzurePublicDataset, AzureLLMInferenceTrace_conv.csv, column GeneratedTokens).
 */
const foreignAnswerTokens = distribution({ kind: "lognormal", median: 129, sigma: lognormalSigma(129, 451) });

/** Calls back once, at once unless the tokenizer has yet to be loaded. `body`: the whole request. */
export function identify(
  state: MockState,
  prompt: PromptText,
  body: string,
  done: (identity: RequestIdentity) => void,
): void {
  const marked = identifyMarked(state, prompt);
  if (marked !== undefined) {
    done(marked);
    return;
  }
  const count = tokenCount();
  if (count !== undefined) done(identifyForeign(state, prompt, body, count));
  else void identifyOnceLoaded(state, prompt, body, done);
}

/** Tokens of a prompt that asks for no answer. Calls back once, at once unless the tokenizer has yet to be loaded. */
export function countPrompt(prompt: PromptText, done: (tokens: number) => void): void {
  const marker = parseMarker(prompt.texts[0] ?? "");
  const count = tokenCount();
  if (marker !== undefined) done(marker.inputTokens);
  else if (count !== undefined) done(tokensOf(prompt, count));
  else void countOnceLoaded(prompt, done);
}

async function countOnceLoaded(prompt: PromptText, done: (tokens: number) => void): Promise<void> {
  done(tokensOf(prompt, await loadTokenCount()));
}

function tokensOf({ texts, formatTokens }: PromptText, count: TokenCount): number {
  return texts.reduce((sum, text) => sum + count(text), formatTokens);
}

async function identifyOnceLoaded(
  state: MockState,
  prompt: PromptText,
  body: string,
  done: (identity: RequestIdentity) => void,
): Promise<void> {
  const count = await loadTokenCount();
  done(identifyForeign(state, prompt, body, count));
}

function identifyMarked(state: MockState, prompt: PromptText): RequestIdentity | undefined {
  const marker = parseMarker(prompt.texts[0] ?? "");
  if (marker === undefined) return undefined;
  const { phase, inputTokens, outputTokens } = marker;
  const key = ownCopy(marker.key);
  return {
    marked: true,
    phase,
    key,
    attempt: state.calls.next(`${phase}/${key}`),
    inputTokens,
    tokensBy: "marker",
    cachedTokens: Math.min(marker.cachedTokens, inputTokens),
    promptCharacters: prompt.characters - marker.length,
    outputTokens,
  };
}

function identifyForeign(state: MockState, prompt: PromptText, body: string, count: TokenCount): RequestIdentity {
  const digest = hash("md5", body, "base64url").slice(0, 11);
  const key = `f.${digest}.${state.calls.next(digest)}`;
  const drawn = foreignAnswerTokens.draw(state.random.split("answer length").split(key));
  return {
    marked: false,
    phase: "load",
    key,
    attempt: 1,
    inputTokens: tokensOf(prompt, count),
    tokensBy: tokensBy(prompt),
    cachedTokens: 0,
    promptCharacters: prompt.characters,
    outputTokens: Math.max(1, Math.round(drawn)),
  };
}

function tokensBy({ texts }: PromptText): TokensBy {
  if (texts.length === 0) return "none";
  return texts.every(isCounted) ? "o200k_base" : "characters-estimate";
}

/** A piece of a string keeps the whole alive, and keys outlive their prompts by far. (V8 copies pieces below 13 characters anyway.) */
function ownCopy(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, "latin1").toString("latin1");
}
