/** Turns an exchange that has ended into the RequestRecord: wall time becomes scenario time, a verdict becomes an outcome. */
import type { RequestRecord } from "../../core/record.ts";
import type { Ms } from "../../core/time.ts";
import type { Verdict } from "../../core/chat-completion.ts";
import type { Exchange } from "./exchange.ts";

/**
 * What the client knows. Who answered and what it cost, only the providers know: those fields are empty until the join.
 *
 * Tokens are those of the answer's `usage`. Without one (a refusal, a cut stream, a target that does not report it) the
 * prompt counts as planned and the output as one token per content event, which is what OpenAI streams.
 */
export function recordOf(
  exchange: Exchange,
  verdict: Verdict,
  scenarioMs: (wallMs: Ms) => Ms,
  timeScale: number,
): RequestRecord {
  const { plan, answer } = exchange;
  const { planned } = plan;
  return {
    key: planned.key,
    phase: plan.phase,
    tenant: planned.tenant,
    model: planned.model,
    provider: "",
    stream: planned.stream,
    intendedMs: scenarioMs(plan.intendedMs),
    sentMs: scenarioMs(plan.firstSentMs ?? exchange.sentMs),
    firstTokenMs: answer.firstTokenMs === null ? null : scenarioMs(answer.firstTokenMs),
    endMs: scenarioMs(exchange.endMs),
    status: answer.status,
    outcome: verdict.outcome,
    reason: verdict.reason,
    inputTokens: answer.usage?.inputTokens ?? planned.inputTokens,
    cachedTokens: answer.usage?.cachedTokens ?? planned.cachedTokens,
    outputTokens: answer.usage?.outputTokens ?? answer.chunks,
    chunks: answer.chunks,
    gapMaxMs: Math.round(answer.gapMaxMs * timeScale * 1_000) / 1_000,
    upstreamCalls: 0,
    cost: 0,
    wastedTokens: 0,
    ...(plan.tries === 1 ? {} : { clientTries: plan.tries }),
    ...(plan.resends === 0 ? {} : { resends: plan.resends }),
    ...(exchange.answeredFrom === undefined ? {} : { answeredFrom: exchange.answeredFrom }),
  };
}
