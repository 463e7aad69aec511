/**
 * Log probabilities of an answer's tokens (openai 7.55.0, ChatCompletionTokenLogprob and ResponseOutputText.Logprob).
 *
 * Their shape is true and their order is: the token that was taken is the likeliest. The numbers are drawn, as the words are.
 */
import type { AnswerText } from "../../behavior/prompt.ts";
import { mix32 } from "../../core/random.ts";

interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

/** Tokens `from` up to, but not including, `to`, each with this many of the likeliest at its place. */
export function tokenLogprobs(
  text: AnswerText,
  from: number,
  to: number,
  alternatives: number,
): readonly (TokenLogprob & { readonly top_logprobs: readonly TokenLogprob[] })[] {
  const tokens = Array.from({ length: to - from }, (_, index) => ({
    at: from + index,
    token: text(from + index, from + index + 1),
  }));
  return tokens
    .filter(({ token }) => token !== "")
    .map(({ at, token }) => {
      const taken = logprobOf(token, at, 0);
      const others = Array.from({ length: alternatives }, (_, rank) =>
        rank === 0
          ? taken
          : { ...logprobOf(words[(at + rank) % words.length] ?? "", at, rank), logprob: taken.logprob - rank },
      );
      return { ...taken, top_logprobs: others };
    });
}

/** What might have stood there instead; as many as alternatives can be asked for. */
const words =
  " and but while because the a one each some this our their no user team day hour week month year so".match(/ \w+/g) ??
  [];

/** From -0.5 up to 0. */
function logprobOf(token: string, at: number, rank: number): TokenLogprob {
  const drawn = mix32(Math.imul(at + 1, 0x9e3779b1) ^ rank) >>> 8;
  return { token, logprob: -drawn / 2 ** 25, bytes: [...Buffer.from(token)] };
}
