/**
 * What a provider counts itself: the truth about upstream load and money, against which everything else is checked.
 *
 * Conservation: calls = served + refused + failed, calls in flight being among the served; tokens and cost are counted when a
 * call ends. Every total equals the sum over the bins. Memory is bounded: when a run outgrows the bins, two become one.
 */
import { invariant } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import type { ProviderLedger, UsageBin } from "../core/run.ts";
import { secondMs, type Ms } from "../core/time.ts";
import type { Usage } from "./provider.ts";

/** Bins start this wide and double whenever there would be more than `binsMax`: 10 min at 1 s, a day at 256 s. */
const binWidthStartMs: Ms = secondMs;
const binsMax = 600;

/** How a call began. `failed`: a fault answered or dropped it. */
export type Beginning = "served" | "refused" | "failed";

export interface LedgerBook {
  readonly begun: (nowMs: Ms, how: Beginning, chargedTokens: number) => void;
  /** `cost` undefined: the model has no price. */
  readonly ended: (nowMs: Ms, call: EndedCall, usage: Usage, cost: NanoDollars | undefined) => void;
  /** Everything so far, with bins up to now. */
  readonly read: (nowMs: Ms) => Omit<ProviderLedger, "provider" | "dialect" | "limits">;
}

export interface EndedCall {
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
}

export function ledgerBook(): LedgerBook {
  const counts = { served: 0, refused: 0, failed: 0 };
  const totals = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, wastedTokens: 0, cost: 0 };
  const unpriced = new Set<string>();
  const bins = usageBins();
  return {
    begun: (nowMs, how, chargedTokens) => {
      const bin = bins.at(nowMs);
      bin.calls += 1;
      if (how === "served") {
        counts.served += 1;
      } else if (how === "refused") {
        counts.refused += 1;
        bin.refused += 1;
      } else {
        counts.failed += 1;
      }
      bin.chargedTokens += chargedTokens;
    },
    ended: (nowMs, call, usage, cost) => {
      if (cost === undefined) unpriced.add(call.model);
      totals.inputTokens += call.inputTokens;
      totals.cachedTokens += call.cachedTokens;
      totals.outputTokens += usage.outputTokens;
      totals.wastedTokens += usage.wastedTokens;
      totals.cost = addMoney(totals.cost, cost ?? 0);
      const bin = bins.at(nowMs);
      bin.inputTokens += call.inputTokens;
      bin.outputTokens += usage.outputTokens;
      bin.cost += cost ?? 0;
    },
    read: (nowMs) => ({
      calls: counts.served + counts.refused + counts.failed,
      ...counts,
      ...totals,
      unpricedModels: [...unpriced].sort(),
      usage: bins.upTo(nowMs),
    }),
  };
}

/** What one bin holds, while it grows. */
type BinCounts = { -readonly [field in Exclude<keyof UsageBin, "startMs" | "widthMs">]: number };

function usageBins(): { readonly at: (nowMs: Ms) => BinCounts; readonly upTo: (nowMs: Ms) => readonly UsageBin[] } {
  let widthMs = binWidthStartMs;
  let bins: BinCounts[] = [];
  const at = (nowMs: Ms): BinCounts => {
    invariant(nowMs >= 0, "usage is counted from the start of the run");
    while (nowMs >= widthMs * binsMax) {
      bins = merged(bins);
      widthMs *= 2;
    }
    const index = Math.floor(nowMs / widthMs);
    while (bins.length <= index) bins.push(emptyBin());
    return bins[index] ?? emptyBin();
  };
  const upTo = (nowMs: Ms): readonly UsageBin[] => {
    at(nowMs);
    return bins.map((bin, index) => ({ startMs: index * widthMs, widthMs, ...bin }));
  };
  return { at, upTo };
}

function emptyBin(): BinCounts {
  return { calls: 0, refused: 0, chargedTokens: 0, inputTokens: 0, outputTokens: 0, cost: 0 };
}

/** Neighbours become one: 0 and 1, 2 and 3, ... */
function merged(bins: readonly BinCounts[]): BinCounts[] {
  const half: BinCounts[] = [];
  for (const [index, bin] of bins.entries()) {
    const left = half[index >> 1];
    if (left === undefined) half.push({ ...bin });
    else half[index >> 1] = sum(left, bin);
  }
  return half;
}

function sum(left: BinCounts, right: BinCounts): BinCounts {
  return {
    calls: left.calls + right.calls,
    refused: left.refused + right.refused,
    chargedTokens: left.chargedTokens + right.chargedTokens,
    inputTokens: left.inputTokens + right.inputTokens,
    outputTokens: left.outputTokens + right.outputTokens,
    cost: left.cost + right.cost,
  };
}
