/**
 * What happens to a call: the behavior decides, the answer leaves at its time, the end is written down.
 *
 * This and `streamed-answer.ts` are all there is between a dialect that has understood a request and the bytes it gets back;
 * every dialect shares them. An end is always written down before the last byte of the answer leaves.
 */
import type { ProviderDecision } from "../behavior/provider.ts";
import { assertNever } from "../core/invariant.ts";
import type { Outcome } from "../core/record.ts";
import { send } from "./answer.ts";
import {
  type Call,
  chunksBegun,
  endServed,
  endUnserved,
  endWithoutStream,
  tokensThrough,
  wallMsOf,
  wallMsPerPlannedMs,
} from "./call.ts";
import { wallMs } from "./clock.ts";
import { answerAt } from "./delayed-answer.ts";
import { playStream } from "./streamed-answer.ts";

type Decided<Kind extends ProviderDecision["kind"]> = Extract<ProviderDecision, { readonly kind: Kind }>;

/** Lets the provider decide, and sets the answer going. */
export function playCall(call: Call): void {
  const decision = call.mounted.provider.begin(call.state.clock.nowMs(), call.ask);
  switch (decision.kind) {
    case "serve":
      if (call.ask.stream) playStream(call, decision);
      else playWhole(call, decision);
      return;
    case "refuse":
      playRefusal(call, decision);
      return;
    case "drop":
      playDrop(call, decision);
      return;
    default:
      assertNever(decision);
  }
}

/** A served call that is answered in one piece, when its last token is due. */
function playWhole(call: Call, { plan, quota, ticket }: Decided<"serve">): void {
  const { mock, response, state } = call;
  const beganWallMs = wallMs();
  const wallPerPlanned = wallMsPerPlannedMs(state);
  const broken = plan.breakAfterChunks !== undefined;
  const dueMs = plan.breakHow === "stall" ? Number.POSITIVE_INFINITY : broken ? plan.chunkAtMs(plan.breakAfterChunks) : plan.totalMs;
  const lose = (outcome: Outcome, reason: string): void => {
    const outputTokens = tokensThrough(plan, chunksBegun(plan, beganWallMs, wallPerPlanned));
    const usage = { outputTokens, wastedTokens: outputTokens, completed: false };
    endServed(call, ticket, usage, endWithoutStream(outcome, 0, reason));
  };
  answerAt(wallMsOf(beganWallMs, dueMs, wallPerPlanned), response, mock.pacer, {
    deliver: () => {
      if (broken) {
        lose("connection", plan.breakHow ?? "cut");
        response.destroy();
        return;
      }
      const answer = call.answer.whole(plan, quota);
      const usage = { outputTokens: plan.outputTokens, wastedTokens: 0, completed: true };
      const end = endWithoutStream("ok", answer.status, answer.reason);
      endServed(call, ticket, usage, { ...end, firstTokenMs: state.clock.nowMs() });
      send(response, answer);
    },
    clientLeft: () => lose("aborted", "client_left"),
  });
}

function playRefusal(call: Call, { refusal, quota, afterMs }: Decided<"refuse">): void {
  answerAt(wallMsOf(wallMs(), afterMs, wallMsPerPlannedMs(call.state)), call.response, call.mock.pacer, {
    deliver: () => {
      const answer = call.answer.refusal(refusal, quota);
      endUnserved(call, endWithoutStream(outcomeOfStatus(answer.status), answer.status, answer.reason));
      send(call.response, answer);
    },
    clientLeft: () => endUnserved(call, endWithoutStream("aborted", 0, "client_left")),
  });
}

/** The connection fails: reset, or silent until the client gives up or the server's limit on silence cuts it. */
function playDrop(call: Call, { how, afterMs }: Decided<"drop">): void {
  const dueMs = how === "hang" ? Number.POSITIVE_INFINITY : afterMs;
  answerAt(wallMsOf(wallMs(), dueMs, wallMsPerPlannedMs(call.state)), call.response, call.mock.pacer, {
    deliver: () => {
      endUnserved(call, endWithoutStream("connection", 0, how));
      call.response.socket?.resetAndDestroy();
    },
    clientLeft: () => endUnserved(call, endWithoutStream("connection", 0, how)),
  });
}

/** The outcome that a client sees in an HTTP status that is not a success. */
function outcomeOfStatus(status: number): Outcome {
  if (status === 429) return "rate-limited";
  return status >= 500 ? "server-error" : "rejected";
}
