/**
 * A provider, put together from its parts: admit ▸ fault ▸ latency ▸ price.
 */
import { InvariantError } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { ProviderSpec } from "../core/scenario/scenario.ts";
import type { FaultSchedule } from "./faults/schedule.ts";
import type { PriceTable } from "./price/prices.ts";
import type { Provider } from "./provider.ts";
import type { Account } from "./quota/quota.ts";

export type { Account, Limit } from "./quota/quota.ts";

export interface ProviderOptions {
  readonly spec: ProviderSpec;
  /** Keys that are known; any other is refused. */
  readonly accounts: readonly Account[];
  /** The run's root stream; the provider splits its own off it. */
  readonly random: RandomStream;
  readonly prices: PriceTable;
  readonly faults: FaultSchedule;
  /** Multiplies every planned time, on top of each model's own scale; 0 answers at once. */
  readonly latencyScale: number;
}

export function createProvider(options: ProviderOptions): Provider {
  throw new InvariantError(`provider ${options.spec.name} is not built yet`);
}
