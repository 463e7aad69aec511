/**
 * What a run had too little of: the provider's quota, gateway replicas, or a provider that answers at all.
 *
 * More replicas help only against the second. Which of them it was is what a planner must know before buying anything.
 */
import type { Run } from "../core/run.ts";
import { formatShare, formatWhole } from "../core/units.ts";
import { type Flapping, flappingOf } from "./flapping.ts";
import { minuteLimit, peakUse } from "./quota.ts";

export interface Scarcity {
  readonly kind: "provider-quota" | "provider-failures" | "replicas";
  /** Of the calls or of the time, 0..1: the larger, the scarcer. */
  readonly share: number;
  /** `openai refused 412 of 19,778 calls; 103 % of its token limit in the busiest minute`. */
  readonly words: string;
}

/** Less than this is not what broke a run. */
const noticeable = 0.001;

/** Worst first. */
export function scarcitiesOf(run: Run, flapping: Flapping | undefined = flappingOf(run)): readonly Scarcity[] {
  return [...ofProviders(run), ...ofReplicas(flapping)]
    .filter(({ share }) => share >= noticeable)
    .toSorted((left, right) => right.share - left.share);
}

function ofProviders({ manifest }: Run): readonly Scarcity[] {
  return manifest.providers.flatMap((ledger): Scarcity[] => {
    const { provider, calls, refused, failed } = ledger;
    if (calls === 0) return [];
    const limit = minuteLimit(ledger).tokens;
    const peak = peakUse(ledger);
    const busiest =
      limit === undefined || peak === undefined
        ? ""
        : `; ${formatShare(peak.tokens / limit)} of its token limit in the busiest minute`;
    return [
      {
        kind: "provider-quota",
        share: refused / calls,
        words: `${provider} refused ${formatWhole(refused)} of ${formatWhole(calls)} calls${busiest}`,
      },
      {
        kind: "provider-failures",
        share: failed / calls,
        words: `${provider} failed ${formatWhole(failed)} of ${formatWhole(calls)} calls`,
      },
    ];
  });
}

function ofReplicas(flapping: Flapping | undefined): readonly Scarcity[] {
  if (flapping?.underShare === undefined) return [];
  const { underShare, readyMax } = flapping;
  const words = `for ${formatShare(underShare)} of the time the load kept more gateway replicas busy than were ready (${readyMax} at most)`;
  return [{ kind: "replicas", share: underShare, words }];
}
