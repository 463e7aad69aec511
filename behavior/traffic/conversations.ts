/**
 * People in multi-turn conversations; as closed-loop traffic, with the baseline they are compared with.
 *
 * Each turn sends the whole conversation so far: the prompt of turn t holds the questions and answers of turns 0 to t - 1.
 * A conversation is drawn from streams named by user and session, so it is the same whoever plays it, and whenever.
 *
 * That is what makes the baseline a fair comparison: it plays the very same requests, under the same keys, with fewer
 * people. Its people do not pause for thought. With one person alone that changes nothing but the time it takes, because
 * no more than one request is ever in flight either way.
 */
import { distribution, type Distribution } from "../../core/distributions.ts";
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ClosedLoad, SessionSpec, Traffic } from "../../core/scenario/traffic-spec.ts";
import type { Ms } from "../../core/time.ts";
import { turnKey, type ClosedPhase, type PlannedRequest } from "../workload.ts";
import { byShare, cachedTokensOf, grownTokens, maxOutputTokensOf, promptTokensMax, requestMix } from "./request-mix.ts";

/** A conversation ends after this many turns, whatever was drawn: each turn carries all the ones before it. */
export const turnsMax = 1_000;

/** The baseline, if there is one, and then the load. */
export function conversationPhases(traffic: Traffic, load: ClosedLoad, random: RandomStream): readonly ClosedPhase[] {
  const { users, baselineUsers, sessionsPerUser, rampMs, forMs } = load;
  invariant(sessionsPerUser !== undefined || forMs !== undefined, "a closed load has an end");
  const write = conversationWriter(traffic, load, random);
  const conversation = (user: number, session: number): ReturnType<ConversationWriter> =>
    write(`u${user}.s${session}`, tenantOf(traffic, user, users), 0, session === 0);
  const sessions = sessionsPerUser ?? Number.POSITIVE_INFINITY;

  const loadPhase: ClosedPhase = {
    kind: "closed",
    name: "load",
    users,
    script: function* (user) {
      for (let session = 0; session < sessions; session++) yield* conversation(user, session);
    },
    startMs: (user) => (rampMs * user) / users,
    durationMs: forMs,
  };
  if (baselineUsers === 0) return [loadPhase];

  const baselinePhase: ClosedPhase = {
    kind: "closed",
    name: "baseline",
    users: baselineUsers,
    script: function* (user) {
      // The first conversation of everyone, then the second: a baseline cut short by `for` still has met everyone.
      for (let session = 0; session < sessions; session++) {
        for (let played = user; played < users; played += baselineUsers) {
          for (const request of conversation(played, session)) yield { ...request, thinkMs: 0 };
        }
      }
    },
    startMs: () => 0,
    durationMs: forMs,
  };
  return [baselinePhase, loadPhase];
}

/**
 * The turns of a conversation, in order. `tenant`: undefined draws one. `startMs`: how far into the load it begins, as far as
 * that is known. `isFirst`: nobody thinks before its first turn; open-loop conversations never do.
 */
export type ConversationWriter = (
  sessionKey: string,
  tenant: string | undefined,
  startMs: Ms,
  isFirst?: boolean,
) => Generator<PlannedRequest, void, undefined>;

export function conversationWriter(traffic: Traffic, spec: SessionSpec, random: RandomStream): ConversationWriter {
  const turnsDrawn = distribution(spec.turns);
  const thinkDrawn = distribution(spec.think);
  const drawsFrom = requestMix(traffic);

  return function* (sessionKey, givenTenant, startMs, isFirst = true) {
    const own = random.split(sessionKey);
    const think = own.split("think");
    const draws = drawsFrom(own);
    const shape = draws.shape();
    const tenant = givenTenant ?? draws.tenant();
    const turns = wholeTurns(turnsDrawn, own.split("turns"));
    let historyTokens: readonly number[] = [];
    let historySum = 0;
    for (let turn = 0; turn < turns; turn++) {
      const question = grownTokens(shape, draws.inputTokens(shape), startMs);
      const outputTokens = draws.outputTokens(shape);
      const thinkMs = Math.max(0, thinkDrawn.draw(think));
      const inputTokens = historySum + question;
      if (inputTokens > promptTokensMax) return;
      const maxOutputTokens = maxOutputTokensOf(shape, outputTokens);
      yield {
        key: turnKey(sessionKey, turn),
        tenant,
        session: sessionKey,
        turn,
        model: shape.model,
        stream: shape.stream,
        inputTokens,
        historyTokens,
        cachedTokens: cachedTokensOf(shape, inputTokens),
        outputTokens,
        maxOutputTokens,
        leaveAfterMs: draws.leaveAfterMs(),
        atMs: 0,
        thinkMs: isFirst && turn === 0 ? 0 : thinkMs,
      };
      const answer = Math.min(outputTokens, maxOutputTokens ?? outputTokens);
      historyTokens = [...historyTokens, question, answer];
      historySum += question + answer;
    }
  };
}

/** Users are dealt out to tenants by share, not drawn: of ten users at 70 % and 30 %, seven and three. */
function tenantOf(traffic: Traffic, user: number, users: number): string {
  return byShare(traffic.tenants, () => (user + 0.5) / users).name;
}

function wholeTurns(turns: Distribution, random: RandomStream): number {
  return Math.min(turnsMax, Math.max(1, Math.round(turns.draw(random))));
}
