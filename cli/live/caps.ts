/**
 * What tenants may spend in a live run, as somebody set it by hand: what each has spent is counted by the minute from requests
 * as they end, and whoever has spent what it may is refused by the load balancer until the next minute begins.
 *
 * The gateway knows nothing of it: none of those that Squall drives counts a tenant's money by itself. A cap is exceeded by what
 * was in flight, and by what ended since the providers' journal was last read.
 */
import { Budget } from "../../behavior/routing/budget.ts";
import type { NanoDollars } from "../../core/money.ts";
import type { RequestRecord } from "../../core/record.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import type { FleetClock, LiveFleet } from "../../gateways/fleet/live-fleet.ts";

export interface LiveCapsOptions {
  readonly bar: LiveFleet["bar"];
  readonly clock: FleetClock;
}

interface Cap {
  readonly budget: Budget;
  /** Set while the tenant is refused. */
  untilNextMinute: NodeJS.Timeout | undefined;
}

const minutesAnHour = 60;

export class LiveCaps {
  readonly #options: LiveCapsOptions;
  readonly #caps = new Map<string, Cap>();
  /** The front is told one thing after the other: who was let in last is in. */
  #telling: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(options: LiveCapsOptions) {
    this.#options = options;
  }

  /** null: it may spend what it likes. */
  of(tenant: string): NanoDollars | null {
    const cap = this.#caps.get(tenant);
    return cap === undefined ? null : cap.budget.spec.limit * minutesAnHour;
  }

  /** From now on; null lifts it. */
  async set(tenant: string, perHour: NanoDollars | null): Promise<void> {
    const before = this.#caps.get(tenant);
    this.#caps.delete(tenant);
    if (before?.untilNextMinute !== undefined) await this.#letIn(tenant, before);
    if (perHour === null) return;
    const budget = new Budget({ tenant, limit: Math.floor(perHour / minutesAnHour), periodMs: minuteMs });
    this.#caps.set(tenant, { budget, untilNextMinute: undefined });
    await this.#look(tenant);
  }

  /** A request has ended, and what it cost is known. */
  async charge({ tenant, cost }: Pick<RequestRecord, "tenant" | "cost">): Promise<void> {
    this.#caps.get(tenant)?.budget.charge(this.#options.clock.nowMs(), cost);
    await this.#look(tenant);
  }

  /** Nobody is refused any more; a request that is counted after this leaves no timer behind. */
  stop(): void {
    this.#isOver = true;
    for (const { untilNextMinute } of this.#caps.values()) clearTimeout(untilNextMinute);
  }

  async #look(tenant: string): Promise<void> {
    const { clock } = this.#options;
    const cap = this.#caps.get(tenant);
    const nowMs = clock.nowMs();
    if (this.#isOver || cap === undefined || cap.untilNextMinute !== undefined) return;
    if (cap.budget.spent(nowMs) < cap.budget.spec.limit) return;
    const waitMs: Ms = cap.budget.renewsMs(nowMs) - nowMs;
    cap.untilNextMinute = setTimeout(() => void this.#letIn(tenant, cap), waitMs / clock.timeScale);
    await this.#tell(tenant, waitMs);
  }

  async #letIn(tenant: string, cap: Cap): Promise<void> {
    clearTimeout(cap.untilNextMinute);
    cap.untilNextMinute = undefined;
    await this.#tell(tenant, undefined);
    await this.#look(tenant);
  }

  #tell(tenant: string, retryAfterMs: Ms | undefined): Promise<void> {
    const { bar } = this.#options;
    // A front that has died is told of elsewhere.
    this.#telling = this.#telling.then(() => bar(tenant, retryAfterMs)).catch(() => undefined);
    return this.#telling;
  }
}
