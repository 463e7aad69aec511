/**
 * The gateway's front door: who is let in, who has to wait, and who gets an answer that is there already.
 *
 *     money left? ─▶ within the tenant's limits? ─▶ answer kept? ─▶ to a provider
 *
 * Exists only where a scenario has tenants' limits, budgets or a cache, or somebody may come to cap or switch something.
 */
import { hashOfText } from "../behavior/balancing/consistent-hash.ts";
import { BudgetBook, Budget } from "../behavior/routing/budget.ts";
import { type Question, questionsOf } from "../behavior/routing/questions.ts";
import { type KeptAnswer, ResponseCache } from "../behavior/routing/response-cache.ts";
import { TenantLimiter } from "../behavior/routing/tenant-limits.ts";
import { assertNever } from "../core/invariant.ts";
import { formatMoney, type NanoDollars } from "../core/money.ts";
import type { RandomStream } from "../core/random.ts";
import type { BudgetsSpec } from "../core/scenario/budget-spec.ts";
import type { TimedAction } from "../core/scenario/event-spec.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import { formatDuration, minuteMs, type Ms } from "../core/time.ts";
import { type Ending, failedWith } from "./answers.ts";
import type { GatewayLog } from "./gateway-log.ts";
import type { Journey } from "./journey.ts";
import type { Routes } from "./routes.ts";

export interface FrontDoorOptions {
  readonly platform: Pick<PlatformSpec, "tenants" | "budgets" | "resilience">;
  /** Who serves a model, at present. */
  readonly routes: Routes;
  /** The cheaper model that answers in place of one; undefined: there is none. */
  readonly cheaperModel: (model: string) => string | undefined;
  readonly random: RandomStream;
  readonly log: GatewayLog;
}

export type Entrance =
  | { readonly kind: "in" }
  | { readonly kind: "refused"; readonly ending: Ending; readonly retryAfterMs: Ms | undefined }
  | { readonly kind: "waits"; readonly untilMs: Ms }
  | { readonly kind: "kept"; readonly answer: KeptAnswer; readonly alike: boolean };

/** Which model answers, for how many of the conversations. */
export interface Switched {
  readonly to: string;
  readonly share: number;
}

/** A conversation stays with its model, and a larger share keeps those of a smaller one. */
function isTaken(journey: Journey, { share }: Switched): boolean {
  return share >= 1 || hashOfText(`switch ${journey.planned.session}`) < share * 2 ** 32;
}

const letIn: Entrance = { kind: "in" };

export class FrontDoor {
  readonly #options: FrontDoorOptions;
  readonly #limiters: ReadonlyMap<string, TenantLimiter>;
  readonly #budgets: BudgetBook | undefined;
  readonly #cache: ResponseCache | undefined;
  readonly #questionOf: ((request: { readonly key: string; readonly model: string }) => Question) | undefined;
  /** Set by hand while the run lasts: what tenants may spend each minute, and which models answer for which. */
  readonly #caps = new Map<string, Budget>();
  readonly #switched = new Map<string, Switched>();
  /** Until when it has been told that a budget stands badly, so that it is told once a period. */
  readonly #told = { degraded: new Map<Budget, Ms>(), spent: new Map<Budget, Ms>() };

  static needed(
    { tenants, budgets, resilience }: FrontDoorOptions["platform"],
    events: readonly TimedAction[] = [],
  ): boolean {
    const written = tenants !== undefined || budgets !== undefined || resilience?.cache !== undefined;
    return written || events.some(({ action: { kind } }) => kind === "cap-tenant" || kind === "switch-model");
  }

  constructor(options: FrontDoorOptions) {
    const { tenants, budgets, resilience } = options.platform;
    const cache = resilience?.cache;
    this.#options = options;
    this.#limiters = new Map((tenants ?? []).map((limits) => [limits.tenant, new TenantLimiter(limits)]));
    this.#budgets = budgets === undefined ? undefined : new BudgetBook(budgets);
    this.#cache = cache === undefined ? undefined : new ResponseCache(cache);
    this.#questionOf = cache === undefined ? undefined : questionsOf(cache, options.random);
  }

  /** A request comes, now. One that is let in, or gets an answer that was kept, must be told to `leave`. */
  enter(nowMs: Ms, journey: Journey): Entrance {
    const { tenant, model } = journey.planned;
    const switched = this.#switched.get(model);
    if (switched !== undefined && journey.model === model && isTaken(journey, switched)) {
      this.#take(journey, switched.to);
    }
    const capped = this.#capped(nowMs, tenant);
    if (capped !== undefined) return capped;
    const money = this.#money(nowMs, journey);
    if (money !== undefined) return money;
    const refusal = this.#limiters.get(tenant)?.enter(nowMs);
    if (refusal !== undefined) {
      return { kind: "refused", ending: failedWith(429, `tenant-${refusal.what}`), retryAfterMs: refusal.retryAfterMs };
    }
    journey.entered = true;
    return this.#kept(nowMs, journey) ?? letIn;
  }

  /** A request that was let in has ended. */
  leave(nowMs: Ms, journey: Journey): void {
    const { tenant, inputTokens } = journey.planned;
    journey.entered = false;
    this.#limiters.get(tenant)?.leave(nowMs, journey.generatedTokens === 0 ? 0 : inputTokens + journey.generatedTokens);
  }

  /** A call on behalf of a tenant has been paid for. */
  charge(nowMs: Ms, tenant: string, cost: NanoDollars): void {
    this.#budgets?.charge(nowMs, tenant, cost);
    this.#caps.get(tenant)?.charge(nowMs, cost);
  }

  /** A whole answer: it may be given again. */
  keep(nowMs: Ms, journey: Journey): void {
    if (this.#cache === undefined || this.#questionOf === undefined) return;
    const { plan } = journey;
    if (plan === undefined || plan.finish !== "stop") return;
    const { text } = this.#questionOf({ key: journey.planned.key, model: journey.model });
    this.#cache.store(nowMs, text, { outputTokens: plan.outputTokens, chunks: plan.chunks });
  }

  /** Everything that was kept is lost; answers how much that was. */
  loseCache(): number {
    const lost = this.#cache?.size ?? 0;
    this.#cache?.clear();
    return lost;
  }

  /** What a tenant may spend, from now on; null: anything. Answers what it might before. */
  capTenant(tenant: string, perHour: NanoDollars | null): NanoDollars | null {
    const before = this.capOf(tenant);
    if (perHour === null) this.#caps.delete(tenant);
    else this.#caps.set(tenant, new Budget({ tenant, limit: Math.floor(perHour / 60), periodMs: minuteMs }));
    return before;
  }

  /** Which model answers for one, from now on; null: itself. Answers which one did before. */
  switchModel(model: string, to: Switched | null): Switched | null {
    const before = this.modelFor(model);
    if (to === null) this.#switched.delete(model);
    else this.#switched.set(model, to);
    return before;
  }

  /** What a tenant may spend an hour, as somebody set it by hand; null: nobody did. */
  capOf(tenant: string): NanoDollars | null {
    const cap = this.#caps.get(tenant);
    return cap === undefined ? null : cap.spec.limit * 60;
  }

  /** Which model answers for one, as somebody set it by hand; null: itself. */
  modelFor(model: string): Switched | null {
    return this.#switched.get(model) ?? null;
  }

  #capped(nowMs: Ms, tenant: string): Entrance | undefined {
    const cap = this.#caps.get(tenant);
    if (cap === undefined || cap.spent(nowMs) < cap.spec.limit) return undefined;
    return { kind: "refused", ending: failedWith(429, "tenant-cap"), retryAfterMs: cap.renewsMs(nowMs) - nowMs };
  }

  #kept(nowMs: Ms, journey: Journey): Entrance | undefined {
    if (this.#cache === undefined || this.#questionOf === undefined) return undefined;
    const { planned } = journey;
    const { text, alike } = this.#questionOf({ key: planned.key, model: journey.model });
    const answer = this.#cache.lookup(nowMs, text);
    if (answer !== undefined) return { kind: "kept", answer, alike: false };
    if (!alike || this.#cache.size === 0) return undefined;
    const { outputTokens } = planned; // what was kept for a question like this one is as long as its own answer
    return { kind: "kept", answer: { outputTokens, chunks: planned.stream ? outputTokens : 0 }, alike: true };
  }

  /** Undefined: nothing stands in the way, though perhaps a cheaper model answers. */
  #money(nowMs: Ms, journey: Journey): Entrance | undefined {
    const { budgets } = this.#options.platform;
    if (this.#budgets === undefined || budgets === undefined) return undefined;
    const worst = this.#budgets.worst(nowMs, journey.planned.tenant);
    if (worst === undefined || worst.state === "open") return undefined;
    const { budget, state } = worst;
    this.#tell(nowMs, budget, state, budgets);
    if (state === "degraded") return this.#takeCheaper(journey);
    return this.#spent(nowMs, budget, budgets);
  }

  #spent(nowMs: Ms, budget: Budget, { onBreach }: BudgetsSpec): Entrance | undefined {
    const untilMs = budget.renewsMs(nowMs);
    switch (onBreach) {
      case "notify":
        return undefined;
      case "queue":
        return { kind: "waits", untilMs };
      case "refuse":
      case "cheaper-model": {
        const reason = budget.spec.tenant === undefined ? "budget-total" : "budget-tenant";
        return { kind: "refused", ending: failedWith(429, reason), retryAfterMs: untilMs - nowMs };
      }
      default:
        return assertNever(onBreach);
    }
  }

  #takeCheaper(journey: Journey): undefined {
    const cheaper = this.#options.cheaperModel(journey.model);
    if (cheaper !== undefined) this.#take(journey, cheaper);
  }

  #take(journey: Journey, model: string): void {
    journey.model = model;
    journey.route = this.#options.routes(model);
  }

  #tell(nowMs: Ms, budget: Budget, state: "degraded" | "spent", { onBreach }: BudgetsSpec): void {
    const told = this.#told[state];
    if (nowMs < (told.get(budget) ?? 0)) return;
    const untilMs = budget.renewsMs(nowMs);
    told.set(budget, untilMs);
    const { limit, periodMs, tenant } = budget.spec;
    const whose = tenant ?? "all tenants";
    const spent = `${formatMoney(budget.spent(nowMs))} of ${formatMoney(limit)} per ${formatDuration(periodMs)}`;
    const then = state === "degraded" ? "cheaper models answer" : spentWords[onBreach];
    const text = `${whose}: ${spent} spent; ${then}, for ${formatDuration(untilMs - nowMs)} at most`;
    this.#options.log.happened(nowMs, `budget-${state}`, tenant ?? "total", text);
  }
}

const spentWords: Readonly<Record<BudgetsSpec["onBreach"], string>> = {
  refuse: "requests are refused",
  "cheaper-model": "requests are refused",
  queue: "requests wait",
  notify: "requests go on",
};
