/**
 * What lies between the gateway and a provider: distance, and a line that answers share.
 *
 * The round trip is charged on the way back, like the gateway's own network. A prompt takes the line for itself, one after
 * the other; answers flow at the same time, and when all of them together need more than the line has, each slows down in
 * proportion (a processor sharing, looked at when an answer begins).
 * Assumed: a character of a prompt is a byte; a token is 4 bytes of an answer in one piece and 250 of a stream, where each
 * comes in an event of its own with the JSON around it.
 */
import { changedPlan } from "../behavior/changed-plan.ts";
import type { Provider, ProviderAsk, ProviderDecision, ResponsePlan, Ticket, Usage } from "../behavior/provider.ts";
import type { NanoDollars } from "../core/money.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { evenWork, Station } from "./station.ts";

const bytesPerToken = 4;
const bytesPerStreamedToken = 250;

export interface LinkOptions {
  readonly provider: Provider;
  /** Round trip from a region, or from the one place there is. */
  readonly latencyMs: (origin: string) => Ms;
  readonly bytesPerMs: number | undefined;
}

export class Link implements Provider {
  readonly name: string;
  readonly dialect: Provider["dialect"];
  readonly #options: LinkOptions;
  /** Prompts on their way. */
  readonly #line: Station = new Station(1);
  /** Bytes per millisecond that each answer on its way would need, by ticket, and all together. */
  readonly #needs = new Map<number, number>();
  #needed = 0;
  /** On top of its own latency, for as long as somebody says so. */
  addedMs: Ms = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.name = options.provider.name;
    this.dialect = options.provider.dialect;
  }

  begin(nowMs: Ms, ask: ProviderAsk): ProviderDecision {
    const decision = this.#options.provider.begin(nowMs, ask);
    const awayMs = this.#options.latencyMs(ask.origin ?? "") + this.addedMs + this.#promptMs(nowMs, ask);
    if (decision.kind !== "serve") return { ...decision, afterMs: decision.afterMs + awayMs };
    const { kind, ticket, quota } = decision;
    return { kind, ticket, quota, plan: this.#delayed(decision.plan, awayMs, ask.stream, ticket) };
  }

  finish(nowMs: Ms, ticket: Ticket, usage: Usage): NanoDollars {
    this.#needed -= this.#needs.get(ticket.id) ?? 0;
    this.#needs.delete(ticket.id);
    return this.#options.provider.finish(nowMs, ticket, usage);
  }

  snapshot(nowMs: Ms, apiKey: string, model: string): ReturnType<Provider["snapshot"]> {
    return this.#options.provider.snapshot(nowMs, apiKey, model);
  }

  inFlight(): number {
    return this.#options.provider.inFlight();
  }

  ledger(nowMs: Ms): ProviderLedger {
    return this.#options.provider.ledger(nowMs);
  }

  #promptMs(nowMs: Ms, { promptCharacters }: ProviderAsk): Ms {
    const { bytesPerMs } = this.#options;
    return bytesPerMs === undefined ? 0 : this.#line.offer(nowMs, evenWork(promptCharacters / bytesPerMs)) - nowMs;
  }

  #delayed(plan: ResponsePlan, awayMs: Ms, stream: boolean, ticket: Ticket): ResponsePlan {
    const { bytesPerMs } = this.#options;
    const bytes = plan.outputTokens * (stream ? bytesPerStreamedToken : bytesPerToken);
    if (bytesPerMs === undefined || bytes === 0) return later(plan, awayMs, 1);
    if (!stream) return later(plan, awayMs + bytes / bytesPerMs, 1);
    // An answer whose tokens all come at once needs the whole line.
    const flowMs = plan.totalMs - plan.ttftMs;
    const need = flowMs > 0 ? bytes / flowMs : bytesPerMs;
    this.#needs.set(ticket.id, need);
    this.#needed += need;
    return later(plan, awayMs, Math.max(1, this.#needed / bytesPerMs));
  }
}

/** The first content so much later, and what follows it so many times as far apart. */
function later(plan: ResponsePlan, byMs: Ms, stretch: number): ResponsePlan {
  const { ttftMs } = plan;
  const at = (dueMs: Ms): Ms => ttftMs + byMs + (dueMs - ttftMs) * stretch;
  const chunkAtMs = (index: number): Ms => at(plan.chunkAtMs(index));
  return changedPlan(plan, { ttftMs: ttftMs + byMs, totalMs: at(plan.totalMs), chunkAtMs });
}
