/**
 * What happens to a call: the behavior decides, the answer leaves at its time, the end is written down.
 *
 * This and `streamed-answer.ts` are all there is between a dialect that has understood a request and the bytes it gets back;
 * every dialect shares them. An end is always written down before the last byte of the answer leaves.
 */
import type { ProviderDecision, ResponsePlan } from "../behavior/provider.ts";
import { brokenAtMs, chunksBegun, tokensThrough } from "../behavior/stream-usage.ts";
import { assertNever } from "../core/invariant.ts";
import type { Outcome } from "../core/record.ts";
import { send, tornBody } from "./answer.ts";
import {
  type Call,
  endServed,
  endUnserved,
  endWithoutStream,
  plannedMsSince,
  silenceWallMsMax,
  wallMsPerPlannedMs,
} from "./call.ts";
import { answerAt, type DelayedAnswerSteps } from "./delayed-answer.ts";
import { playStream } from "./streamed-answer.ts";

type Decided<Kind extends ProviderDecision["kind"]> = Extract<ProviderDecision, { readonly kind: Kind }>;

/** Lets the provider decide, and sets the answer going. */
export function playCall(call: Call): void {
  const nowWallMs = call.mock.time.nowMs();
  const decision = call.mounted.provider.begin(call.state.clock.msAt(nowWallMs), call.ask);
  switch (decision.kind) {
    case "serve":
      if (call.ask.stream) playStream(call, decision, nowWallMs);
      else playInOnePiece(call, decision, nowWallMs);
      return;
    case "refuse":
      playRefusal(call, decision, nowWallMs);
      return;
    case "drop":
      playDrop(call, decision, nowWallMs);
      return;
    default:
      assertNever(decision);
  }
}

/** A fault that leaves out last events, or adds one, has nothing to do here. */
function playInOnePiece(call: Call, served: Decided<"serve">, beganWallMs: number): void {
  const { broken } = served.plan;
  switch (broken?.how) {
    case "cut":
    case "stall":
      playLost(call, served, broken.how, broken.afterChunks, beganWallMs);
      return;
    case "malformed":
      playTorn(call, served, beganWallMs);
      return;
    case "truncate":
    case "error-event":
    case undefined:
      playWhole(call, served, beganWallMs);
      return;
    default:
      assertNever(broken);
  }
}

/** A served call that is answered in one piece, when its last token is due. */
function playWhole(call: Call, served: Decided<"serve">, beganWallMs: number): void {
  const { plan, quota, ticket } = served;
  const dueWallMs = beganWallMs + plan.totalMs * wallMsPerPlannedMs(call.state);
  answerAt(dueWallMs, call.response, call.mock.pacer, {
    ...laterDue(call, plan, beganWallMs),
    deliver: () => {
      const answer = call.answer.whole(plan, quota);
      const usage = { outputTokens: plan.outputTokens, wastedTokens: 0, completed: true };
      endServed(call, ticket, usage, endWithoutStream(call, "ok", answer.status, answer.reason));
      send(call.response, answer);
    },
    clientLeft: () => endLost(call, served, beganWallMs, "aborted", "client_left"),
  });
}

/** For an answer whose end depends on calls still to come: when it is there, or before when it is not. */
function laterDue(
  call: Call,
  { notBeforeMs, chunks }: ResponsePlan,
  beganWallMs: number,
): Pick<DelayedAnswerSteps, "due"> {
  if (notBeforeMs === undefined) return {};
  const wallPerPlanned = wallMsPerPlannedMs(call.state);
  const last = Math.max(0, chunks - 1);
  return {
    due: () =>
      beganWallMs + notBeforeMs(last, plannedMsSince(call.state, beganWallMs, wallPerPlanned)) * wallPerPlanned,
  };
}

/** A fault breaks the answer off before any of it was sent: the connection closes, or nothing comes any more. */
function playLost(
  call: Call,
  served: Decided<"serve">,
  how: "cut" | "stall",
  afterChunks: number,
  beganWallMs: number,
): void {
  const brokenWallMs = beganWallMs + brokenAtMs(served.plan, afterChunks) * wallMsPerPlannedMs(call.state);
  const dueWallMs = how === "stall" ? beganWallMs + silenceWallMsMax : brokenWallMs;
  answerAt(dueWallMs, call.response, call.mock.pacer, {
    deliver: () => {
      endLost(call, served, beganWallMs, "connection", how);
      call.response.destroy();
    },
    clientLeft: () => endLost(call, served, beganWallMs, how === "stall" ? "connection" : "aborted", how),
  });
}

/** The answer comes when it is due, and nobody can read it: all of it is wasted. */
function playTorn(call: Call, served: Decided<"serve">, beganWallMs: number): void {
  const { plan, quota } = served;
  const dueWallMs = beganWallMs + plan.totalMs * wallMsPerPlannedMs(call.state);
  answerAt(dueWallMs, call.response, call.mock.pacer, {
    deliver: () => {
      const answer = tornBody(call.answer.whole(plan, quota));
      endLost(call, served, beganWallMs, "malformed", "malformed", answer.status);
      send(call.response, answer);
    },
    clientLeft: () => endLost(call, served, beganWallMs, "aborted", "client_left"),
  });
}

/** Nobody receives any of the answer: all that was generated is wasted. */
function endLost(
  call: Call,
  served: Decided<"serve">,
  beganWallMs: number,
  outcome: Outcome,
  reason: string,
  status = 0,
): void {
  const { plan, ticket } = served;
  const outputTokens = tokensThrough(
    plan,
    chunksBegun(plan, plannedMsSince(call.state, beganWallMs, wallMsPerPlannedMs(call.state))),
  );
  const usage = { outputTokens, wastedTokens: outputTokens, completed: false };
  endServed(call, ticket, usage, endWithoutStream(call, outcome, status, reason));
}

function playRefusal(call: Call, { refusal, quota, afterMs }: Decided<"refuse">, beganWallMs: number): void {
  answerAt(beganWallMs + afterMs * wallMsPerPlannedMs(call.state), call.response, call.mock.pacer, {
    deliver: () => {
      const answer = call.answer.refusal(refusal, quota);
      endUnserved(call, endWithoutStream(call, outcomeOfStatus(answer.status), answer.status, answer.reason));
      send(call.response, answer);
    },
    clientLeft: () => endUnserved(call, endWithoutStream(call, "aborted", 0, "client_left")),
  });
}

/**
 * There is no connection, as far as one port can act that out: it is reset before any byte, or silent until the client gives up or
 * the limit on silence cuts it. Refused connections, unknown names and failed handshakes are reset, too.
 */
function playDrop(call: Call, { how, afterMs }: Decided<"drop">, beganWallMs: number): void {
  const delayWallMs = how === "hang" ? silenceWallMsMax : afterMs * wallMsPerPlannedMs(call.state);
  answerAt(beganWallMs + delayWallMs, call.response, call.mock.pacer, {
    deliver: () => {
      endUnserved(call, endWithoutStream(call, "connection", 0, how));
      call.response.socket?.resetAndDestroy();
    },
    clientLeft: () => endUnserved(call, endWithoutStream(call, "connection", 0, how)),
  });
}

/** The outcome that a client sees in an HTTP status that is not a success. */
function outcomeOfStatus(status: number): Outcome {
  if (status === 429 || status === 529) return "rate-limited";
  return status >= 500 ? "server-error" : "rejected";
}
