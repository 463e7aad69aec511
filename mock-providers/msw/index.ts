/**
 * `squall/msw`: the mock's providers as handlers of Mock Service Worker, for tests of code that calls an AI provider.
 *
 *     const squall = mockProviders();
 *     const server = setupServer(...squall.handlers);
 *
 * They answer where the vendors' SDKs call by default, in the same process and without a port. Limits, prices and faults are
 * those of `squall mock`, on a clock that stands still until the test moves it: a minute's quota is used up and refilled in a
 * test that takes milliseconds.
 */
import { http, type HttpHandler } from "msw/http";
import { setImmediate as turn } from "node:timers/promises";
import { invalidInput, SquallError } from "../../core/errors.ts";
import type { ProviderLedger } from "../../core/run.ts";
import { bodyBytesMax } from "../dialect.ts";
import { defaultMockConfig, type MockConfig, parseMockConfig } from "../config.ts";
import { faultInWords } from "../config-words.ts";
import { parseFaults } from "../fault-words.ts";
import type { JournalEntry } from "../journal.ts";
import type { RemainingQuota } from "../metrics.ts";
import { Mock, remainingQuotas } from "../mock.ts";
import { readyMessage, type ReadyProvider } from "../ready-message.ts";
import { callProvider, route } from "../route.ts";
import { loadTokenCount, tokenCount } from "../tokenizer.ts";
import { systemTime } from "../wall-time.ts";
import { fetchExchange } from "./fetch-exchange.ts";
import { dialectAt } from "./vendor-hosts.ts";
import { type VirtualClock, virtualTime } from "./virtual-time.ts";

export type { JournalEntry, ProviderLedger, ReadyProvider, RemainingQuota, VirtualClock };

export interface MockProvidersOptions {
  /**
   * What is served, as `squall mock --config` takes it: YAML, or the same as an object. Default: every dialect, with the keys that
   * `providers` names.
   */
  readonly config?: string | MockConfigInput;
  /** Same seed, same answers. Default: the configuration's, or 1. */
  readonly seed?: number;
  /** Multiplies every planned time. Default 0: answers come at once, whatever the clock says. */
  readonly latencyScale?: number;
  /**
   * `virtual` (default): time moves by `clock.advance` alone. `system`: by the machine's clock and timers, or by a test's fake ones
   * when those replace `performance` and `setTimeout`.
   */
  readonly time?: "virtual" | "system";
  /** Below it stand all providers by name, and the control API. Default: `http://squall.test`. */
  readonly url?: string;
}

/** A configuration as an object; docs/mock.md lists its fields. */
export interface MockConfigInput {
  readonly providers: Readonly<Record<string, { readonly dialect: string } & Readonly<Record<string, unknown>>>>;
  readonly [section: string]: unknown;
}

export interface MockedProviders {
  /** For `setupServer(...handlers)`. Other hosts are left to other handlers. */
  readonly handlers: readonly HttpHandler[];
  /** With `time: "system"` it only tells the time. */
  readonly clock: VirtualClock;
  /** By name: base URL below `url`, keys, models. */
  readonly providers: Readonly<Record<string, ReadyProvider>>;
  /** Calls that have ended, oldest first, as the provider saw them. */
  readonly journal: () => readonly JournalEntry[];
  /** What each provider counted, in the order of the configuration. */
  readonly ledger: () => readonly ProviderLedger[];
  /** What is left of each limit now, by provider, key and model. */
  readonly limits: () => readonly RemainingQuota[];
  /** Resolves once that many requests have come since the start or the last reset. */
  readonly received: (count: number) => Promise<void>;
  readonly faults: FaultSwitch;
  /** Full quotas, empty ledger and journal, faults as configured. */
  readonly reset: (seed?: number) => void;
}

export interface FaultSwitch {
  /** Begins now unless it says `at`: `{ fault: { provider: "openai", kind: "outage" }, for: "30s" }`. Errors: invalid input. */
  readonly add: (entry: FaultInput) => void;
  readonly clear: () => void;
  /** What is on the schedule, as it is written. */
  readonly entries: () => readonly Readonly<Record<string, unknown>>[];
}

/** An entry of a scenario's timeline. */
export interface FaultInput {
  readonly fault: { readonly provider: string; readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly at?: string;
  readonly for?: string;
}

/** Errors: invalid input, with every problem of the configuration. */
export function mockProviders(options: MockProvidersOptions = {}): MockedProviders {
  const url = (options.url ?? "http://squall.test").replace(/\/+$/, "");
  const config = configOf(options);
  const arrivals = new Arrivals();
  const virtual = virtualTime(Date.now(), () => arrivals.quiet());
  const mock = new Mock(config, options.time === "system" ? systemTime : virtual.wall);
  const { wall } = mock.state.clock;
  const beganMs = wall.nowMs();
  return {
    handlers: [
      http.all(
        ({ request }) => isOurs(mock, url, request),
        ({ request }) => answer(mock, url, arrivals, request),
      ),
    ],
    clock: options.time === "system" ? { ...virtual, nowMs: () => wall.nowMs() - beganMs } : virtual,
    providers: readyMessage(url, config).providers,
    journal: () => mock.state.journal.read(0, mock.state.journal.lastSeq),
    ledger: () => [...mock.state.providers.values()].map(({ provider }) => provider.ledger(mock.state.clock.nowMs())),
    limits: () => remainingQuotas(mock.state),
    received: (count) => arrivals.reach(count),
    faults: faultSwitch(mock),
    reset: (seed) => {
      mock.reset(seed);
      arrivals.reset();
    },
  };
}

function configOf({ config, seed, latencyScale = 0 }: MockProvidersOptions): MockConfig {
  const written = config === undefined ? defaultMockConfig() : parsedConfig(config);
  return { ...written, latencyScale, ...(seed === undefined ? {} : { seed }) };
}

/** A test's output shows the message of an error and nothing else, so the problems stand in it. */
function parsedConfig(config: string | MockConfigInput): MockConfig {
  try {
    return parseMockConfig(typeof config === "string" ? config : JSON.stringify(config), "the configuration");
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    const lines = error.problems.map(({ path, message }) => `  ${path} ${message}`);
    throw invalidInput([error.message, ...lines].join("\n"), {
      code: error.code,
      problems: error.problems,
      cause: error,
    });
  }
}

function faultSwitch(mock: Mock): FaultSwitch {
  return {
    add: (entry) => {
      const { clock, faults, config } = mock.state;
      for (const parsed of parseFaults(JSON.stringify(entry), clock.nowMs(), config.providers)) faults.add(parsed);
    },
    clear: () => mock.state.faults.clear(),
    entries: () => mock.state.faults.entries().map(faultInWords),
  };
}

/** The first provider of the dialect that is spoken at the request's host. */
function vendorOf(mock: Mock, host: string): string | undefined {
  const dialect = dialectAt(host);
  return mock.state.config.providers.find((provider) => provider.dialect === dialect)?.name;
}

function isOurs(mock: Mock, url: string, request: Request): boolean {
  return isBelow(url, request.url) || vendorOf(mock, new URL(request.url).hostname) !== undefined;
}

function isBelow(url: string, requested: string): boolean {
  return requested === url || requested.startsWith(`${url}/`);
}

async function answer(mock: Mock, url: string, arrivals: Arrivals, request: Request): Promise<Response> {
  const arrived = arrivals.begin();
  // The tokenizer is loaded once, and never while the clock waits.
  const [body] = await Promise.all([bodyOf(request), tokenCount() ?? loadTokenCount()]);
  const { pathname, search, hostname } = new URL(request.url);
  const below = isBelow(url, request.url);
  const path = below ? request.url.slice(url.length) || "/" : `${pathname}${search}`;
  const exchange = fetchExchange(request, path, body);
  const mounted = below ? undefined : mock.state.providers.get(vendorOf(mock, hostname) ?? "");
  if (mounted === undefined) route(mock, exchange.request, exchange.response);
  else callProvider(mock, mounted, exchange.request, exchange.response, pathname);
  exchange.deliver();
  arrived();
  return await exchange.answer;
}

/** One byte above the bound is enough to be refused. */
async function bodyOf(request: Request): Promise<Buffer> {
  const body = Buffer.from(await request.arrayBuffer());
  return body.length > bodyBytesMax ? body.subarray(0, bodyBytesMax + 1) : body;
}

/** Turns of the event loop in which a chain of promises, as an SDK has them around a request, comes to rest. */
const quietTurns = 8;

/** Requests on their way from a client to a provider, so that time does not pass them by. */
class Arrivals {
  #received = 0;
  #underWay = 0;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  /** A request has come; what is returned is called once its provider has it. */
  begin(): () => void {
    this.#underWay++;
    return () => {
      this.#underWay--;
      this.#received++;
      for (const { count, resolve } of this.#waiting) if (this.#received >= count) resolve();
    };
  }

  reset(): void {
    this.#received = 0;
  }

  reach(count: number): Promise<void> {
    if (this.#received >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
    });
  }

  /** Nothing is on its way, and has not been for some turns. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns = this.#underWay === 0 ? turns + 1 : 0) await turn();
  }
}
