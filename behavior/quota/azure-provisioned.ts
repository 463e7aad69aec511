/**
 * Azure OpenAI's limiter of provisioned deployments (PTU): a leaky bucket on utilization.
 *
 * Rules and where they come from (concept page = MicrosoftDocs/azure-ai-docs, articles/ai-services/openai/concepts/provisioned-throughput.md;
 * sizing page = provisioned-throughput-sizing.md, 2026-05-22):
 * - A call is refused when utilization is above 100 %, with the time until it is no longer (concept page). One that comes before
 *   is let in whatever its size, so that bursts pass slightly over 100 %.
 * - Utilization grows at once by an estimate of the call's work: prompt tokens less cached ones, and `max_tokens` (concept page). When
 *   the call ends, the difference to its real work is added or taken away.
 * - Utilization drains continuously, in proportion to the number of PTUs (concept page).
 * - Work is counted in input tokens: an output token counts as several, by model, a cached one as none (sizing page). Only a cached
 *   prefix of at least 1,024 tokens is deducted (concept page).
 * - 100 % is taken to be a minute of throughput, because throughput is published per minute. How much may be used in one burst is
 *   not documented.
 * - "If max_tokens isn't specified, the service estimates a value" (concept page), which is not published. Taken here: 129 tokens, the
 *   median answer in Microsoft's own trace of Azure conversations (AzurePublicDataset, AzureLLMInferenceTrace_conv.csv, 2023).
 * There is no limit on requests.
 */
import { invalidInput } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { ModelSpec } from "../../core/scenario/provider-spec.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import type { Account, Admission, Limiter, Quota, QuotaAsk } from "./quota.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What one PTU of a model is worth. */
export interface PtuThroughput {
  readonly inputTokensPerMinute: number;
  /** Input tokens that one output token counts as. */
  readonly outputRatio: number;
}

/**
 * By model (sizing page). gpt-4o had a ratio of 3 (833 output tokens per minute and PTU) on older pages; that of gpt-5.2-codex is 4,750
 * in an older copy.
 */
const throughputs: Readonly<Record<string, PtuThroughput>> = {
  "gpt-5.5": { inputTokensPerMinute: 1_200, outputRatio: 6 },
  "gpt-5.4": { inputTokensPerMinute: 2_400, outputRatio: 6 },
  "gpt-5.3-codex": { inputTokensPerMinute: 3_400, outputRatio: 8 },
  "gpt-5.2": { inputTokensPerMinute: 3_400, outputRatio: 8 },
  "gpt-5.2-codex": { inputTokensPerMinute: 3_400, outputRatio: 8 },
  "gpt-5.1": { inputTokensPerMinute: 4_750, outputRatio: 8 },
  "gpt-5.1-codex": { inputTokensPerMinute: 4_750, outputRatio: 8 },
  "gpt-5": { inputTokensPerMinute: 4_750, outputRatio: 8 },
  "gpt-5-mini": { inputTokensPerMinute: 23_750, outputRatio: 8 },
  "gpt-4.1": { inputTokensPerMinute: 3_000, outputRatio: 4 },
  "gpt-4.1-mini": { inputTokensPerMinute: 14_900, outputRatio: 4 },
  "gpt-4.1-nano": { inputTokensPerMinute: 59_400, outputRatio: 4 },
  "gpt-4o": { inputTokensPerMinute: 2_500, outputRatio: 4 },
  "gpt-4o-mini": { inputTokensPerMinute: 37_000, outputRatio: 4 },
  o3: { inputTokensPerMinute: 3_000, outputRatio: 4 },
  "o4-mini": { inputTokensPerMinute: 5_400, outputRatio: 4 },
  "o3-mini": { inputTokensPerMinute: 2_500, outputRatio: 4 },
  o1: { inputTokensPerMinute: 230, outputRatio: 4 },
};

/** How refusals of provisioned deployments are told from others. */
export const provisionedLabel = "provisioned throughput";

/** A key with limits of its own has them in place of its deployments'. */
export function isProvisioned({ limits }: Account, { provisionedUnits }: ModelSpec): boolean {
  return limits === undefined && provisionedUnits !== undefined;
}

/** Models that can be deployed with PTUs here. */
export const provisionedModels: readonly string[] = Object.keys(throughputs);

/** Throws invalid input for a model whose throughput is not published. */
export function ptuThroughput(model: string): PtuThroughput {
  const throughput = Object.hasOwn(throughputs, model) ? throughputs[model] : undefined;
  if (throughput !== undefined) return throughput;
  throw invalidInput(`no throughput per PTU is published for "${model}"; allowed are ${provisionedModels.join(", ")}`, {
    code: "no-ptu-throughput",
    hint: "leave ptu out and give the deployment tpm instead",
  });
}

const cachedTokensMin = 1_024;
const outputTokensAssumed = 129;

/** Work of a call in input tokens. */
export function ptuWork(
  ask: Pick<QuotaAsk, "inputTokens" | "cachedTokens">,
  outputTokens: number,
  outputRatio: number,
): number {
  const cached = ask.cachedTokens >= cachedTokensMin ? ask.cachedTokens : 0;
  return ask.inputTokens - cached + outputTokens * outputRatio;
}

/** One resource's provisioned deployments, each shared by all keys. Throws as `ptuThroughput`. */
export function azureProvisionedQuota(): Quota {
  const deployments = new Map<string, Limiter>();
  return (account, model) => {
    const name = JSON.stringify([account.organization, model.limitFamily ?? model.model]);
    const limiter = deployments.get(name) ?? limiterOf(model);
    deployments.set(name, limiter);
    return limiter;
  };
}

function limiterOf({ model, provisionedUnits }: ModelSpec): Limiter {
  invariant(provisionedUnits !== undefined, "a provisioned deployment has a number of PTUs");
  const { inputTokensPerMinute, outputRatio } = ptuThroughput(model);
  const capacity = provisionedUnits * inputTokensPerMinute;
  const bucket = new TokenBucket({ amount: capacity, perMs: minuteMs, burst: capacity });

  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    const chargedTokens = ptuWork(ask, ask.maxOutputTokens ?? outputTokensAssumed, outputRatio);
    const used = bucket.used(nowMs);
    if (used <= capacity) {
      bucket.spend(nowMs, chargedTokens);
      return { kind: "admitted", chargedTokens, utilization: used / capacity, capacity: "provisioned" };
    }
    const retryAfterMs = bucket.msUntilFits(nowMs, 0);
    return {
      kind: "refused",
      refusal: {
        kind: "rate-limit",
        dimension: "tokens",
        label: provisionedLabel,
        limit: capacity,
        used: Math.ceil(used),
        requested: chargedTokens,
        retryAfterMs,
      },
    };
  };

  return {
    admit,
    settle: (nowMs, chargedTokens, ask, usage) => {
      bucket.correct(nowMs, ptuWork(ask, usage.outputTokens, outputRatio) - chargedTokens);
    },
    snapshot: (nowMs) => {
      const used = bucket.used(nowMs);
      const remaining = Math.max(0, Math.floor(capacity - used));
      const tokens = { limit: capacity, remaining, resetMs: bucket.msUntilWhole(nowMs) };
      return { requests: undefined, tokens, utilization: used / capacity };
    },
    scale: () => undefined,
    perMinute: { requests: undefined, tokens: capacity },
  };
}
