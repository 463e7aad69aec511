/**
 * A provider with a meter in front of it: the tokens that a gateway reads from the usage of its calls, and how many its
 * limits allow. Prompts count when a call is served, answers when it ends; a refused call has no usage.
 */
import type { Provider, ProviderAsk, ProviderDecision, Ticket, Usage } from "../behavior/provider.ts";
import type { NanoDollars } from "../core/money.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { Ms } from "../core/time.ts";

export class TokenMeter implements Provider {
  readonly name: string;
  readonly dialect: Provider["dialect"];
  /** Tokens per minute over all its models; undefined where one is unlimited. */
  readonly limitPerMinute: number | undefined;
  readonly #provider: Provider;
  #tokens = 0;

  constructor(provider: Provider) {
    this.name = provider.name;
    this.dialect = provider.dialect;
    this.#provider = provider;
    const limits = provider.ledger(0).limits.map(({ tokensPerMinute }) => tokensPerMinute ?? Number.POSITIVE_INFINITY);
    const sum = limits.reduce((total, limit) => total + limit, 0);
    this.limitPerMinute = limits.length > 0 && Number.isFinite(sum) ? sum : undefined;
  }

  /** Prompt and answer tokens so far. */
  get tokens(): number {
    return this.#tokens;
  }

  begin(nowMs: Ms, ask: ProviderAsk): ProviderDecision {
    const decision = this.#provider.begin(nowMs, ask);
    if (decision.kind === "serve") this.#tokens += ask.inputTokens;
    return decision;
  }

  finish(nowMs: Ms, ticket: Ticket, usage: Usage): NanoDollars {
    this.#tokens += usage.outputTokens;
    return this.#provider.finish(nowMs, ticket, usage);
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
}
