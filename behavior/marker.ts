/**
 * The marker: a short id at the head of the first message of every request.
 *
 * Gateways drop headers but never the prompt, so the marker is what joins a request as its client sent it with the calls
 * that reached a provider on its behalf: retries, fallbacks and wasted tokens become visible. It also tells the mock how
 * many prompt tokens to bill and how long an answer to give, so that a live run and a simulation charge the same.
 *
 *     [sq l u3.s0.t2 in=118 cached=0 out=24] Could you tell me ...
 *         |  |         |       |       answer tokens wished for
 *         |  |         |       prompt tokens a provider may have cached
 *         |  |         prompt tokens in all; the marker itself is not billed
 *         |  key of the request
 *         phase: w warmup, b baseline, l load
 */
import { invariant } from "../core/invariant.ts";
import type { PhaseName } from "../core/record.ts";
import type { PlannedRequest } from "./workload.ts";

export interface Marker {
  readonly phase: PhaseName;
  readonly key: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Characters of the marker, its trailing space included: the prompt proper starts here. */
  readonly length: number;
}

/** No marker is longer: 64 characters of key, three numbers of up to nine digits, and the words between. */
export const markerLengthMax = 120;

const phaseLetters: Readonly<Record<PhaseName, string>> = { warmup: "w", baseline: "b", load: "l" };
const phaseOfLetter: Readonly<Record<string, PhaseName>> = { w: "warmup", b: "baseline", l: "load" };

const keyPattern = /^[\w.-]{1,64}$/;
const tokensMax = 999_999_999;

/** Anchored, every part bounded and ended by a character that the part cannot hold: linear in `markerLengthMax`. */
const markerPattern =
  /^\[sq ([wbl]) ([\w.-]{1,64}) in=(0|[1-9]\d{0,8}) cached=(0|[1-9]\d{0,8}) out=(0|[1-9]\d{0,8})\] /;

/** The marker of a planned request, with a trailing space. */
export function formatMarker(
  phase: PhaseName,
  planned: Pick<PlannedRequest, "key" | "inputTokens" | "cachedTokens" | "outputTokens">,
): string {
  const { key, inputTokens, cachedTokens, outputTokens } = planned;
  invariant(keyPattern.test(key), `a request key is 1 to 64 of A-Z a-z 0-9 _ . - and not "${key}"`);
  for (const tokens of [inputTokens, cachedTokens, outputTokens]) {
    invariant(Number.isInteger(tokens) && tokens >= 0 && tokens <= tokensMax, `${key}: ${tokens} is no token count`);
  }
  return `[sq ${phaseLetters[phase]} ${key} in=${inputTokens} cached=${cachedTokens} out=${outputTokens}] `;
}

/** Reads the marker at the very start of a text; undefined when there is none, as in a request of a foreign client. */
export function parseMarker(text: string): Marker | undefined {
  const match = markerPattern.exec(text);
  if (match === null) return undefined;
  const [whole, letter = "", key = "", input, cached, output] = match;
  const phase = phaseOfLetter[letter];
  if (phase === undefined) return undefined;
  return {
    phase,
    key,
    inputTokens: Number(input),
    cachedTokens: Number(cached),
    outputTokens: Number(output),
    length: whole.length,
  };
}
