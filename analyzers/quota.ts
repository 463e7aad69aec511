/**
 * How close a run came to the providers' limits per minute.
 *
 * Use is what the provider charged against its quota at admission, summed over every window of one minute; a run shorter
 * than a minute has one window and is not scaled up. A limiter that refills continuously may admit up to twice its limit within one
 * such window (a full bucket, and what flows in meanwhile), so a peak above the limit is no contradiction.
 */
import type { Finding } from "../core/finding.ts";
import type { ProviderLedger, Run, UsageBin } from "../core/run.ts";
import { formatCount } from "../core/units.ts";
import { minuteMs, type Ms } from "../core/time.ts";

/** What a provider charged in the minute that ends at `endMs`. */
export interface MinuteUse {
  readonly endMs: Ms;
  readonly tokens: number;
  readonly calls: number;
  readonly refused: number;
}

/** Limits per minute of one provider over all of its models; undefined where one of them is unlimited. */
export interface MinuteLimit {
  readonly tokens: number | undefined;
  readonly requests: number | undefined;
}

/** Use in the minute up to the end of each bin, in order of time. Bins wider than a minute are brought down to one. */
export function useByMinute(usage: readonly UsageBin[]): readonly MinuteUse[] {
  const bins = usage.toSorted((left, right) => left.startMs - right.startMs);
  let first = 0;
  return bins.map((bin, index) => {
    const endMs = bin.startMs + bin.widthMs;
    while ((bins[first]?.startMs ?? endMs) < Math.min(endMs - minuteMs, bin.startMs)) first++;
    const window = bins.slice(first, index + 1);
    const perMinute = minuteMs / Math.max(minuteMs, bin.widthMs);
    const sum = (field: (one: UsageBin) => number): number =>
      window.reduce((total, one) => total + field(one), 0) * perMinute;
    return {
      endMs,
      tokens: sum((one) => one.chargedTokens),
      calls: sum((one) => one.calls),
      refused: sum((one) => one.refused),
    };
  });
}

/** The limits of a provider's models together, since its use is counted over all of them. */
export function minuteLimit(ledger: ProviderLedger): MinuteLimit {
  return {
    tokens: sumLimits(ledger.limits.map((limit) => limit.tokensPerMinute)),
    requests: sumLimits(ledger.limits.map((limit) => limit.requestsPerMinute)),
  };
}

/** Highest share of a token limit that any provider reached; undefined when none has a limit. */
export function peakOfTokenLimit(run: Run): number | undefined {
  const shares = run.manifest.providers.flatMap((ledger) => {
    const limit = minuteLimit(ledger).tokens;
    const peak = peakUse(ledger);
    return limit === undefined || peak === undefined ? [] : [peak.tokens / limit];
  });
  return shares.length === 0 ? undefined : Math.max(...shares);
}

/** Peak use of each provider against its limit, and the calls it refused, as information. */
export function quotaFindings(run: Run): readonly Finding[] {
  return run.manifest.providers.flatMap((ledger) => {
    const peak = peakUse(ledger);
    if (peak === undefined) return [];
    const limit = minuteLimit(ledger);
    return [
      {
        analyzer: "quota",
        id: `quota.tokens.${ledger.provider}`,
        title: `Peak tokens per minute at ${ledger.provider}`,
        measured: peak.tokens,
        unit: "tokens" as const,
        ...(limit.tokens === undefined ? {} : { limit: `${formatCount(limit.tokens)} tokens/min` }),
        detail: describePeak(peak, limit.tokens, ledger.limits.length),
      },
      {
        analyzer: "quota",
        id: `quota.refused.${ledger.provider}`,
        title: `Calls refused by ${ledger.provider}`,
        measured: ledger.refused,
        unit: "count" as const,
        samples: ledger.calls,
      },
    ];
  });
}

/** The minute with the most tokens; undefined when nothing was recorded. */
export function peakUse(ledger: ProviderLedger): MinuteUse | undefined {
  return useByMinute(ledger.usage).reduce<MinuteUse | undefined>(
    (peak, use) => (peak === undefined || use.tokens > peak.tokens ? use : peak),
    undefined,
  );
}

function describePeak(peak: MinuteUse, limit: number | undefined, models: number): string {
  const minute = `in the minute up to ${formatMinute(peak.endMs)}`;
  if (limit === undefined) return `${minute}; no limit in force`;
  const whose = models > 1 ? `, the limits of ${models} models together` : "";
  return `${Math.round((peak.tokens / limit) * 100)} % of the limit${whose}, ${minute}`;
}

/** Minutes and seconds from the start of the run: `2:05`. */
function formatMinute(atMs: Ms): string {
  const seconds = Math.round(atMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function sumLimits(limits: readonly (number | null)[]): number | undefined {
  let sum = 0;
  for (const limit of limits) {
    if (limit === null) return undefined;
    sum += limit;
  }
  return limits.length === 0 ? undefined : sum;
}
