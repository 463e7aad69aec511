/**
 * A provider with a checker in front of it, which counts every call on its way and holds the ledger to it at the end.
 */
import type { Provider, ProviderAsk, ProviderDecision, Ticket, Usage } from "../behavior/provider.ts";
import { assertNever } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { Ms } from "../core/time.ts";

/** The fields of a ledger that are sums over calls. */
type Counts = {
  -readonly [Field in keyof ProviderLedger as ProviderLedger[Field] extends number ? Field : never]: number;
};

/** Throws: the named check does not hold. */
export type Violated = (check: string, detail: string) => never;

export class WatchedProvider implements Provider {
  readonly name: string;
  readonly dialect: Provider["dialect"];
  readonly #provider: Provider;
  readonly #violated: Violated;
  readonly #counted: Counts = {
    calls: 0,
    served: 0,
    refused: 0,
    failed: 0,
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    wastedTokens: 0,
    cost: 0,
  };
  #finished = 0;
  /** Calls whose engine says later what it had of their prompt. */
  readonly #found = new Map<number, () => number>();
  #nowMs: Ms = 0;

  constructor(provider: Provider, violated: Violated) {
    this.name = provider.name;
    this.dialect = provider.dialect;
    this.#provider = provider;
    this.#violated = violated;
  }

  begin(nowMs: Ms, ask: ProviderAsk): ProviderDecision {
    this.#advance(nowMs);
    const counted = this.#counted;
    const decision = this.#provider.begin(nowMs, ask);
    counted.calls += 1;
    switch (decision.kind) {
      case "serve":
        counted.served += 1;
        counted.inputTokens += ask.inputTokens;
        if (decision.plan.foundTokens === undefined) counted.cachedTokens += ask.cachedTokens;
        else this.#found.set(decision.ticket.id, decision.plan.foundTokens);
        return decision;
      case "refuse":
        if (decision.refusal.kind === "fault") counted.failed += 1;
        else counted.refused += 1;
        return decision;
      case "drop":
        counted.failed += 1;
        return decision;
      default:
        return assertNever(decision);
    }
  }

  finish(nowMs: Ms, ticket: Ticket, usage: Usage): NanoDollars {
    this.#advance(nowMs);
    const counted = this.#counted;
    const cost = this.#provider.finish(nowMs, ticket, usage);
    this.#finished += 1;
    if (this.#found.size > 0) {
      counted.cachedTokens += this.#found.get(ticket.id)?.() ?? 0;
      this.#found.delete(ticket.id);
    }
    counted.outputTokens += usage.outputTokens;
    counted.wastedTokens += usage.wastedTokens;
    counted.cost = addMoney(counted.cost, cost);
    return cost;
  }

  snapshot(nowMs: Ms, apiKey: string, model: string): ReturnType<Provider["snapshot"]> {
    return this.#provider.snapshot(nowMs, apiKey, model);
  }

  inFlight(): number {
    return this.#provider.inFlight();
  }

  ledger(nowMs: Ms): ProviderLedger {
    return this.#provider.ledger(nowMs);
  }

  /** Holds the ledger to what has passed here. Nothing may be open any more. */
  settle(ledger: ProviderLedger): void {
    const { served } = this.#counted;
    const inFlight = this.#provider.inFlight();
    if (this.#finished !== served || inFlight !== 0) {
      const finished = `${served} calls served, ${this.#finished} finished`;
      this.#violated("conservation", `${this.name}: ${finished}, ${inFlight} in flight by its own count`);
    }
    for (const [field, counted] of Object.entries(this.#counted)) {
      const inLedger = ledger[field as keyof Counts];
      if (counted !== inLedger) {
        this.#violated("ledger", `${this.name}: ${counted} ${field} went by, its ledger says ${inLedger}`);
      }
    }
  }

  #advance(nowMs: Ms): void {
    if (nowMs < this.#nowMs) this.#violated("time order", `${this.name}: ${nowMs} ms comes after ${this.#nowMs} ms`);
    this.#nowMs = nowMs;
  }
}
