/**
 * What a running mock remembers, and the few ways to change it.
 *
 * All that a reset forgets is in one value, `MockState`, which is replaced as a whole. Calls under way keep the state in which
 * they began, so they settle with the provider that admitted them and never write into a new run's journal.
 */
import { isDeepStrictEqual } from "node:util";
import { genaiPrices } from "../behavior/price/genai-prices.ts";
import { PromptCache } from "../behavior/prompt-cache.ts";
import { type Account, createProvider, type ModelledProvider } from "../behavior/provider-model.ts";
import { createFaultSchedule, type FaultSchedule } from "../behavior/faults/schedule.ts";
import { type RandomStream, randomStream } from "../core/random.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { CallTraces } from "./call-traces.ts";
import { CallCounter } from "./call-counter.ts";
import { ScenarioClock } from "./clock.ts";
import type { MockConfig, MockProviderConfig } from "./config.ts";
import { configInWords } from "./config-words.ts";
import { Journal } from "./journal.ts";
import { type CachedContents, cachedContents, type KeptAnswers, keptAnswers } from "./kept-items.ts";
import { createMetrics, type MockMetrics, type RemainingQuota } from "./metrics.ts";
import { Pacer } from "./pacer.ts";
import { systemTime, type WallTime } from "./wall-time.ts";

/** A provider of the configuration, at work. */
export interface MountedProvider {
  readonly spec: ProviderSpec;
  readonly provider: ModelledProvider;
  readonly accounts: ReadonlyMap<string, Account>;
  /** Names of its models. */
  readonly models: ReadonlySet<string>;
  /** For dialects whose requests say what is to be cached. */
  readonly promptCache: PromptCache;
  /** For dialects whose answers can be asked for again. */
  readonly keptAnswers: KeptAnswers;
  /** For dialects whose prompts can be sent ahead and named. */
  readonly cachedContents: CachedContents;
}

export interface MockState {
  readonly config: MockConfig;
  readonly clock: ScenarioClock;
  /** Source of everything drawn in this room: ids, lengths of answers to foreign clients. */
  readonly random: RandomStream;
  readonly faults: FaultSchedule;
  readonly providers: ReadonlyMap<string, MountedProvider>;
  readonly journal: Journal;
  /** Calls seen per request, for attempt numbers; and per body, for the keys of foreign requests. */
  readonly calls: CallCounter;
  /** Names each answer's ids. */
  readonly answers: { count: number };
}

export class Mock {
  readonly time: WallTime;
  readonly pacer: Pacer;
  /** Counters of the process: a reset does not take them back, as Prometheus expects. */
  readonly metrics: MockMetrics;
  /** Where somebody wants them. */
  traces: CallTraces | undefined;
  /** It is about to end: calls that are under way may finish, no more are taken. */
  draining = false;
  #state: MockState;

  constructor(config: MockConfig, time: WallTime = systemTime) {
    this.time = time;
    this.pacer = new Pacer(time);
    this.#state = freshState(config, time);
    this.metrics = createMetrics({
      remaining: () => remainingQuotas(this.#state),
      inFlight: () =>
        [...this.#state.providers].map(([provider, mounted]) => ({ provider, calls: mounted.provider.inFlight() })),
      waitingJobs: () => this.pacer.size,
    });
  }

  get state(): MockState {
    return this.#state;
  }

  /** Scenario time 0 is now: quotas full, ledger and journal empty, faults as configured. */
  reset(seed: number = this.#state.config.seed): void {
    this.#state = freshState({ ...this.#state.config, seed }, this.time);
  }

  /**
   * Takes a new configuration without starting over: clock, journal and counts go on, and a provider of which nothing changed
   * keeps its quotas, ledger and calls. Faults are replaced where the timeline changed, else those switched on by hand stay.
   */
  adopt(config: MockConfig): ProviderChanges {
    const before = this.#state;
    const known = new Map(before.config.providers.map((provider) => [provider.name, provider]));
    const sameSeed = config.seed === before.config.seed;
    const kept = new Set(
      config.providers.filter((one) => sameSeed && isSame(one, known.get(one.name))).map(({ name }) => name),
    );
    if (!isDeepStrictEqual(config.faults, before.config.faults)) {
      before.faults.clear();
      for (const entry of config.faults) before.faults.add(entry);
    }
    const random = randomStream(config.seed);
    const providers = config.providers.map((provider): readonly [string, MountedProvider] => {
      const mounted = kept.has(provider.name) ? before.providers.get(provider.name) : undefined;
      return [provider.name, mounted ?? mount(provider, random, before.faults)];
    });
    before.clock.setScale(config.timeScale);
    this.#state = {
      ...before,
      config,
      random: sameSeed ? before.random : random.split("mock"),
      providers: new Map(providers),
    };
    return providerChanges(before.config, config, kept);
  }

  /** Takes a new configuration. Speeds change in place; anything else starts a fresh state. */
  configure(config: MockConfig): void {
    if (!isDeepStrictEqual(withoutSpeeds(config), withoutSpeeds(this.#state.config))) {
      this.#state = freshState(config, this.time);
      return;
    }
    this.#state.clock.setScale(config.timeScale);
    this.#state = { ...this.#state, config };
  }
}

/** Names of providers, by what a new configuration did to them. */
export interface ProviderChanges {
  readonly kept: readonly string[];
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

function providerChanges(before: MockConfig, after: MockConfig, kept: ReadonlySet<string>): ProviderChanges {
  const [old, now] = [before, after].map(({ providers }) => providers.map(({ name }) => name));
  return {
    kept: [...kept],
    changed: (now ?? []).filter((name) => old?.includes(name) === true && !kept.has(name)),
    added: (now ?? []).filter((name) => old?.includes(name) !== true),
    removed: (old ?? []).filter((name) => now?.includes(name) !== true),
  };
}

function isSame(provider: MockProviderConfig, known: MockProviderConfig | undefined): boolean {
  return known !== undefined && isDeepStrictEqual(provider, known);
}

/** All that a state is built from, in words, so that only what is said counts. */
function withoutSpeeds(config: MockConfig): unknown {
  const { seed, providers, keys, timeline } = configInWords(config);
  return JSON.parse(JSON.stringify({ seed, providers, keys, timeline }));
}

function freshState(config: MockConfig, time: WallTime): MockState {
  const random = randomStream(config.seed);
  const faults = createFaultSchedule(config.faults);
  return {
    config,
    clock: new ScenarioClock(config.timeScale, time),
    random: random.split("mock"),
    faults,
    providers: new Map(config.providers.map((provider) => [provider.name, mount(provider, random, faults)])),
    journal: new Journal(),
    calls: new CallCounter(),
    answers: { count: 0 },
  };
}

function mount(config: MockProviderConfig, random: RandomStream, faults: FaultSchedule): MountedProvider {
  const { keys, ...spec } = config;
  return {
    spec,
    // Latencies are scaled where they are played, so that the scale can change while the quotas live on.
    provider: createProvider({
      spec,
      accounts: keys,
      random,
      prices: genaiPrices(spec.dialect),
      faults,
      latencyScale: 1,
    }),
    accounts: new Map(keys.map((key) => [key.apiKey, key])),
    models: new Set(spec.models.map(({ model }) => model)),
    promptCache: new PromptCache(),
    keptAnswers: keptAnswers(),
    cachedContents: cachedContents(),
  };
}

/** What is left of each limit now, as each key sees it for each model. */
export function remainingQuotas(state: MockState): readonly RemainingQuota[] {
  const nowMs = state.clock.nowMs();
  return [...state.providers].flatMap(([provider, { spec, provider: behavior, accounts }]) =>
    [...accounts.values()].flatMap((account) =>
      spec.models.map(({ model }) => ({
        provider,
        key: maskedKey(account.apiKey),
        model,
        quota: behavior.snapshot(nowMs, account.apiKey, model),
      })),
    ),
  );
}

/** As OpenAI's own dashboard shows keys. */
function maskedKey(apiKey: string): string {
  return `${apiKey.slice(0, 3)}...${apiKey.slice(-4)}`;
}
