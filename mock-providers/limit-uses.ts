/** How much of its limits each provider has left for those who ask it, in one number each: what an alert watches. */
import type { LimitState } from "../behavior/provider.ts";
import { type MockState, remainingQuotas } from "./mock.ts";

/** Shares of the scarcest limit of any key and model, 0..1; absent where there is no such limit. */
export interface LimitUse {
  readonly provider: string;
  readonly requests?: number;
  /** Of prompts, of answers, or of both together. */
  readonly tokens?: number;
}

export function limitUses(state: MockState): readonly LimitUse[] {
  const quotas = remainingQuotas(state);
  return [...state.providers.keys()].map((provider): LimitUse => {
    const own = quotas.filter((each) => each.provider === provider).map(({ quota }) => quota);
    const requests = mostUsed(own.map((quota) => quota.requests));
    const tokens = mostUsed(own.flatMap((quota) => [quota.tokens, quota.inputTokens, quota.outputTokens]));
    return {
      provider,
      ...(requests === undefined ? {} : { requests }),
      ...(tokens === undefined ? {} : { tokens }),
    };
  });
}

function mostUsed(limits: readonly (LimitState | undefined)[]): number | undefined {
  const uses = limits.flatMap((each) =>
    each === undefined || each.limit === 0 ? [] : [1 - each.remaining / each.limit],
  );
  return uses.length === 0 ? undefined : Math.max(...uses);
}
