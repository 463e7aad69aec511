/**
 * Degradation: many users at once against one person alone.
 *
 * The phases `baseline` and `load` ask the very same requests (common random numbers), so each request is its own control:
 * records are paired by key, and what is left between the two sides is what concurrency did. The statistic is
 * percentile(load) / percentile(baseline) - 1 with a 95 % bootstrap interval over conversations (`bootstrap.ts`).
 *
 * Too little data is inconclusive, never a pass: fewer pairs than bound the percentile at all (59 for p95, `samplesNeeded`), or
 * fewer conversations than a bootstrap over them can bear.
 */
import { conversationOf } from "../core/conversation.ts";
import { randomStream } from "../core/random.ts";
import { isOk, type RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { type Pair, percentileRatio } from "./bootstrap.ts";
import { type LatencyKind, latencyOf } from "./latency.ts";
import { samplesNeeded } from "./percentile.ts";
import { recordsOf } from "./phases.ts";

/**
 * Fewest conversations for an interval. Measured with 60 paired lognormal latencies whose conversations differ as much as
 * their turns do: the nominal 95 % interval covers the truth in 76 % of samples with 3 conversations, 81 % with 5, 91 % with 10.
 */
export const conversationsNeeded = 10;

/** How the two phases match, before any latency is looked at. */
export interface Pairing {
  /** Records of the same key, both answered. */
  readonly pairs: readonly { readonly baseline: RequestRecord; readonly load: RequestRecord }[];
  /** Keys in both phases of which at least one side was not answered: excluded here, judged by `errors`. */
  readonly failedPairs: number;
  /** Keys that only one of the phases has. */
  readonly unpaired: number;
}

export type Degradation =
  | {
      readonly kind: "estimate";
      /** 0.1 means 10 % slower under load. */
      readonly change: number;
      readonly interval: readonly [number, number];
      readonly pairs: number;
      readonly conversations: number;
      readonly note: string;
    }
  | { readonly kind: "none"; readonly why: string; readonly pairs: number };

/** Slow-down of one percentile of one latency under load. The interval depends on the run's seed alone. */
export function degradation(run: Run, kind: LatencyKind, p: number): Degradation {
  const baseline = recordsOf(run, "baseline");
  if (baseline.length === 0) return { kind: "none", pairs: 0, why: "this run has no baseline phase to compare with" };
  const pairing = pairRecords(baseline, recordsOf(run, "load"));
  const pairs = latencyPairs(pairing, kind);
  const note = excluded(pairing);

  const needed = samplesNeeded(p);
  const conversations = new Set(pairs.map((pair) => pair.block)).size;
  const shortage = [
    pairs.length < needed ? `${needed} pairs are needed to bound this percentile, ${pairs.length} are there` : "",
    conversations < conversationsNeeded
      ? `${conversationsNeeded} conversations are needed for an interval, ${conversations} are there`
      : "",
  ].filter((text) => text !== "");
  if (shortage.length > 0) return { kind: "none", pairs: pairs.length, why: joinSentences([...shortage, note]) };

  const random = randomStream(run.manifest.seed).split("degradation").split(`${kind}.${p}`);
  const estimate = percentileRatio(pairs, p, random);
  if (estimate === undefined) {
    return {
      kind: "none",
      pairs: pairs.length,
      why: joinSentences(["the baseline took no time, so there is no ratio", note]),
    };
  }
  return {
    kind: "estimate",
    change: estimate.ratio - 1,
    interval: [estimate.interval[0] - 1, estimate.interval[1] - 1],
    pairs: pairs.length,
    conversations: estimate.blocks,
    note: joinSentences([`${pairs.length} pairs from ${estimate.blocks} conversations`, note]),
  };
}

/** Matches the records of two phases by key. */
export function pairRecords(baseline: readonly RequestRecord[], load: readonly RequestRecord[]): Pairing {
  const alone = new Map(baseline.map((record) => [record.key, record]));
  const pairs: { readonly baseline: RequestRecord; readonly load: RequestRecord }[] = [];
  let failedPairs = 0;
  let matched = 0;
  for (const record of load) {
    const partner = alone.get(record.key);
    if (partner === undefined) continue;
    matched++;
    if (isOk(partner) && isOk(record)) pairs.push({ baseline: partner, load: record });
    else failedPairs++;
  }
  return { pairs, failedPairs, unpaired: baseline.length + load.length - 2 * matched };
}

function latencyPairs(pairing: Pairing, kind: LatencyKind): readonly Pair[] {
  return pairing.pairs.flatMap(({ baseline, load }) => {
    const before = latencyOf(baseline, kind);
    const after = latencyOf(load, kind);
    return before === undefined || after === undefined ? [] : [{ block: conversationOf(load.key), before, after }];
  });
}

function excluded({ failedPairs, unpaired }: Pairing): string {
  return joinSentences([
    failedPairs === 0 ? "" : `${failedPairs} pairs with a failed request are left out`,
    unpaired === 0 ? "" : `${unpaired} requests have no partner in the other phase`,
  ]);
}

function joinSentences(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("; ");
}
