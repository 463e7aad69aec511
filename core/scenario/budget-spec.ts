/** What tenants may use and spend: the `tenants` and `budgets` of a scenario's platform, complete. */
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";

/** What one tenant may ask for; undefined: no limit. */
export interface TenantLimits {
  readonly tenant: string;
  readonly requestsPerMinute: number | undefined;
  /** Prompt and answer together, counted when the answer has ended. */
  readonly tokensPerMinute: number | undefined;
  /** Requests at once. */
  readonly concurrency: number | undefined;
}

/**
 * What happens to a request of a tenant whose money is spent: it is refused, waits for the next period, or is served all the
 * same and only told. `cheaper-model` answers with a cheaper model from `degradeFrom` on, and refuses at the end.
 */
export type OnBreach = "refuse" | "cheaper-model" | "queue" | "notify";

export interface BudgetSpec {
  /** undefined: all tenants together. */
  readonly tenant: string | undefined;
  readonly limit: NanoDollars;
  /** Begins anew this often, first at the start of the run. */
  readonly periodMs: Ms;
}

export interface BudgetsSpec {
  readonly budgets: readonly BudgetSpec[];
  readonly onBreach: OnBreach;
  /** Share of a budget from which `cheaper-model` takes cheaper models. */
  readonly degradeFrom: number;
}
