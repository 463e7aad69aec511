/**
 * Checkers: they stand outside the model, always on, and count for themselves.
 *
 * One counts requests as clients send and end them, one sits between the gateway and each provider, and at the end of
 * every phase and of the run they must agree with each other, with the records and with the ledgers, to the request, the
 * token and the nano-dollar. A check that fails is our bug and says which seed brings it back.
 */
import type { Provider } from "../behavior/provider.ts";
import { InvariantError } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import { e2eMs, isGenerated, type RequestRecord } from "../core/record.ts";
import type { OwnCalls, ProviderLedger } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { WatchedProvider } from "./watched-provider.ts";

/** What the model says is on its way. */
export interface OnTheirWay {
  /** Requests whose client waits. */
  readonly waiting: number;
  /** Calls that go on for a client who has left. */
  readonly abandoned: number;
}

export interface Conservation {
  readonly arrived: number;
  readonly completed: number;
  readonly failed: number;
  readonly inFlight: number;
}

/** Little's law on this very run: the mean number in flight is the rate of arrivals times the mean time in the system. */
export interface LittlesLaw {
  readonly meanInFlight: number;
  readonly arrivalsPerMs: number;
  readonly meanResponseMs: Ms;
}

/** Records are rounded to the microsecond, half of one up or down at either end. */
const roundingMs = 0.001;
/** Relative error of a long sum of doubles. */
const sumError = 1e-9;

export class Checkers {
  readonly #seed: number;
  readonly #providers: WatchedProvider[] = [];
  #arrived = 0;
  #completed = 0;
  #failed = 0;
  #nowMs: Ms = 0;
  /** Integral over time of the number of clients that wait. */
  #waitedMs: Ms = 0;

  // Sums over the records.
  readonly #beside = { calls: 0, inputTokens: 0, outputTokens: 0, cost: 0 };
  #records = 0;
  #responseMs: Ms = 0;
  #calls = 0;
  #tokens = 0;
  #cost: NanoDollars = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The provider as the gateway is to see it: every call is counted on its way. */
  watch(provider: Provider): Provider {
    const watched = new WatchedProvider(provider, (check, detail) => this.#violated(check, detail));
    this.#providers.push(watched);
    return watched;
  }

  /** A client sends. */
  arrives(nowMs: Ms): void {
    this.#advance(nowMs);
    this.#arrived += 1;
  }

  /** A client has its answer, or has left. */
  ends(nowMs: Ms, completed: boolean): void {
    this.#advance(nowMs);
    if (completed) this.#completed += 1;
    else this.#failed += 1;
    if (this.#inFlight < 0) this.#violated("conservation", `${-this.#inFlight} more requests ended than arrived`);
  }

  /** Nothing more will happen to a request. */
  recorded(record: RequestRecord): void {
    const { intendedMs, sentMs, firstTokenMs, endMs } = record;
    const firstMs = firstTokenMs ?? sentMs;
    if (!(intendedMs <= sentMs && sentMs <= firstMs && firstMs <= endMs)) {
      this.#violated("time order", `request ${record.key} runs backwards: ${JSON.stringify(record)}`);
    }
    this.#records += 1;
    this.#responseMs += e2eMs(record);
    this.#calls += record.upstreamCalls;
    // What the gateway had kept, no provider has generated.
    this.#tokens += (isGenerated(record) ? record.outputTokens : 0) + record.wastedTokens;
    this.#cost = addMoney(this.#cost, record.cost);
  }

  /** A call that belongs to no request: a health check that reaches a model. */
  calledBeside(inputTokens: number, outputTokens: number, cost: NanoDollars): void {
    this.#calls += 1;
    this.#tokens += outputTokens;
    this.#cost = addMoney(this.#cost, cost);
    this.#beside.calls += 1;
    this.#beside.inputTokens += inputTokens;
    this.#beside.outputTokens += outputTokens;
    this.#beside.cost = addMoney(this.#beside.cost, cost);
  }

  /** All of those; undefined when there were none. */
  ownCalls(): OwnCalls | undefined {
    return this.#beside.calls === 0 ? undefined : { ...this.#beside };
  }

  /** Also at the end of the run: whoever has arrived has ended or waits, whoever has ended has a record or goes on upstream. */
  phaseEnded(phase: string, { waiting, abandoned }: OnTheirWay): void {
    const { arrived, completed, failed, inFlight } = this.conservation();
    if (inFlight !== waiting) {
      const counted = `${arrived} arrived = ${completed} completed + ${failed} failed + ${inFlight} in flight`;
      this.#violated("conservation", `at the end of ${phase} ${counted}, but ${waiting} are on their way`);
    }
    const unwritten = completed + failed - this.#records;
    if (unwritten !== abandoned) {
      const goOn = `${abandoned} calls go on without a client`;
      this.#violated("conservation", `at the end of ${phase} ${unwritten} ended requests have no record, ${goOn}`);
    }
  }

  runEnded(onTheirWay: OnTheirWay, ledgers: readonly ProviderLedger[]): void {
    this.phaseEnded("the run", onTheirWay);
    const left = onTheirWay.waiting + onTheirWay.abandoned;
    if (left !== 0) this.#violated("conservation", `${left} requests never ended`);
    for (const [index, provider] of this.#providers.entries()) {
      const ledger = ledgers[index];
      if (ledger === undefined) return this.#violated("ledger", `${provider.name} has none`);
      provider.settle(ledger);
    }
    this.#tie(
      "calls",
      this.#calls,
      sumOf(ledgers, (ledger) => ledger.calls),
    );
    this.#tie(
      "output tokens",
      this.#tokens,
      sumOf(ledgers, (ledger) => ledger.outputTokens),
    );
    this.#tie(
      "nano-dollars",
      this.#cost,
      sumOf(ledgers, (ledger) => ledger.cost),
    );
    const allowedMs = this.#records * roundingMs + this.#waitedMs * sumError;
    if (Math.abs(this.#waitedMs - this.#responseMs) > allowedMs) {
      const times = `${this.#waitedMs} ms by the clock and ${this.#responseMs} ms by their records`;
      this.#violated("Little's law", `clients have waited ${times}`);
    }
  }

  conservation(): Conservation {
    return { arrived: this.#arrived, completed: this.#completed, failed: this.#failed, inFlight: this.#inFlight };
  }

  littlesLaw(durationMs: Ms): LittlesLaw {
    return {
      meanInFlight: durationMs === 0 ? 0 : this.#waitedMs / durationMs,
      arrivalsPerMs: durationMs === 0 ? 0 : this.#arrived / durationMs,
      meanResponseMs: this.#records === 0 ? 0 : this.#responseMs / this.#records,
    };
  }

  get #inFlight(): number {
    return this.#arrived - this.#completed - this.#failed;
  }

  #advance(nowMs: Ms): void {
    if (nowMs < this.#nowMs) this.#violated("time order", `${nowMs} ms comes after ${this.#nowMs} ms`);
    this.#waitedMs += this.#inFlight * (nowMs - this.#nowMs);
    this.#nowMs = nowMs;
  }

  #tie(what: string, ofRecords: number, ofLedgers: number): void {
    if (ofRecords !== ofLedgers)
      this.#violated("ledger", `${ofRecords} ${what} in the records, ${ofLedgers} in the ledgers`);
  }

  #violated(check: string, detail: string): never {
    throw new InvariantError(`seed ${this.#seed}, check "${check}": ${detail}`);
  }
}

function sumOf(ledgers: readonly ProviderLedger[], valueOf: (ledger: ProviderLedger) => number): number {
  return ledgers.reduce((sum, ledger) => sum + valueOf(ledger), 0);
}
