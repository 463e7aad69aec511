/**
 * Long prompts with limits of their own.
 *
 * Anthropic counts prompts of more than 200,000 tokens in a bucket apart (platform.claude.com/docs/en/api/rate-limits), and so did
 * OpenAI those of gpt-4.1 above 128,000 (its model page, 2026-08). Such a call meets its own limits and none of the usual ones.
 *
 * Headers speak of the usual limits: which of the two a response to a long prompt shows is not documented.
 */
import type { LongContextSpec, ModelSpec } from "../../core/scenario/provider-spec.ts";
import type { Limiter, Quota, QuotaAsk } from "./quota.ts";

/** A model without limits for long prompts is limited as before. A key with limits of its own has the same for all prompts. */
export function withLongContext(quota: Quota): Quota {
  return (account, model) => {
    const usual = quota(account, model);
    if (model.longContext === undefined || account.limits !== undefined) return usual;
    const { aboveTokens } = model.longContext;
    return eitherOf(
      usual,
      quota(account, longModel(model, model.longContext)),
      ({ inputTokens }) => inputTokens > aboveTokens,
    );
  };
}

/** Of the same name, so that what goes by it stays the same, and with a family that no model of the configuration has. */
function longModel(model: ModelSpec, long: LongContextSpec): ModelSpec {
  return {
    ...model,
    requestsPerMinute: long.requestsPerMinute,
    tokensPerMinute: long.tokensPerMinute,
    inputTokensPerMinute: long.inputTokensPerMinute,
    outputTokensPerMinute: long.outputTokensPerMinute,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    limitFamily: JSON.stringify(["long context", model.limitFamily ?? model.model]),
  };
}

function eitherOf(usual: Limiter, long: Limiter, isLong: (ask: QuotaAsk) => boolean): Limiter {
  const of = (ask: QuotaAsk): Limiter => (isLong(ask) ? long : usual);
  return {
    admit: (nowMs, ask) => of(ask).admit(nowMs, ask),
    ...(usual.answering === undefined
      ? {}
      : { answering: (nowMs, course) => of(course.ask).answering?.(nowMs, course) }),
    settle: (nowMs, charged, ask, usage, course) => of(ask).settle(nowMs, charged, ask, usage, course),
    snapshot: usual.snapshot,
    scale: (nowMs, factor) => {
      usual.scale(nowMs, factor);
      long.scale(nowMs, factor);
    },
    perMinute: usual.perMinute,
  };
}
