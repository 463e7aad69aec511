/**
 * Money that may be spent per hour, day or month, by tenant and by all together.
 *
 * Periods follow each other from the start of the run. A charge counts when a call has ended, which is when its price is known,
 * so what is in flight when the money runs out is still paid: a budget is exceeded by no more than that.
 */
import { addMoney, type NanoDollars } from "../../core/money.ts";
import type { BudgetSpec, BudgetsSpec } from "../../core/scenario/budget-spec.ts";
import type { Ms } from "../../core/time.ts";

/** How a tenant's money stands, worst of its own and everybody's. */
export type BudgetState = "open" | "degraded" | "spent";

/** One budget and what was taken from it in the present period. */
export class Budget {
  readonly spec: BudgetSpec;
  #period = 0;
  #spent: NanoDollars = 0;

  constructor(spec: BudgetSpec) {
    this.spec = spec;
  }

  spent(nowMs: Ms): NanoDollars {
    this.#turn(nowMs);
    return this.#spent;
  }

  charge(nowMs: Ms, cost: NanoDollars): void {
    this.#turn(nowMs);
    this.#spent = addMoney(this.#spent, cost);
  }

  /** When the next period begins. */
  renewsMs(nowMs: Ms): Ms {
    return (Math.floor(nowMs / this.spec.periodMs) + 1) * this.spec.periodMs;
  }

  #turn(nowMs: Ms): void {
    const period = Math.floor(nowMs / this.spec.periodMs);
    if (period === this.#period) return;
    this.#period = period;
    this.#spent = 0;
  }
}

/** All budgets of a platform. */
export class BudgetBook {
  readonly #spec: BudgetsSpec;
  readonly #everybody: readonly Budget[];
  /** Those that a tenant draws on: its own first. */
  readonly #byTenant = new Map<string, readonly Budget[]>();

  constructor(spec: BudgetsSpec) {
    this.#spec = spec;
    const budgets = spec.budgets.map((each) => new Budget(each));
    this.#everybody = budgets.filter((budget) => budget.spec.tenant === undefined);
    for (const { tenant } of spec.budgets) {
      if (tenant === undefined) continue;
      this.#byTenant.set(tenant, [...budgets.filter((each) => each.spec.tenant === tenant), ...this.#everybody]);
    }
  }

  /** The budget of a tenant that stands worst, and how it stands; undefined: nobody has set one. */
  worst(nowMs: Ms, tenant: string): { readonly budget: Budget; readonly state: BudgetState } | undefined {
    let worst: Budget | undefined;
    let worstShare = -1;
    for (const budget of this.#of(tenant)) {
      const share = shareOf(budget, nowMs);
      if (share > worstShare) {
        worst = budget;
        worstShare = share;
      }
    }
    return worst === undefined ? undefined : { budget: worst, state: this.#state(worstShare) };
  }

  charge(nowMs: Ms, tenant: string, cost: NanoDollars): void {
    for (const budget of this.#of(tenant)) budget.charge(nowMs, cost);
  }

  #of(tenant: string): readonly Budget[] {
    return this.#byTenant.get(tenant) ?? this.#everybody;
  }

  #state(share: number): BudgetState {
    if (share >= 1) return "spent";
    return this.#spec.onBreach === "cheaper-model" && share >= this.#spec.degradeFrom ? "degraded" : "open";
  }
}

/** A budget of nothing is spent from the start. */
function shareOf(budget: Budget, nowMs: Ms): number {
  const { limit } = budget.spec;
  return limit === 0 ? 1 : budget.spent(nowMs) / limit;
}
