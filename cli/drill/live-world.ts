/**
 * A drill's world in wall time: the scenario played with real processes, looked at as it goes by and acted upon by the live
 * action contract.
 *
 * A request counts once it has ended and the providers' journal has been read, which is half a second later at most.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type AlertWatch, createAlertWatch } from "../../analyzers/alerts/alert-watch.ts";
import { type RequestMeter, requestMeterOf } from "../../analyzers/alerts/request-meter.ts";
import { ruleGroups } from "../../analyzers/alerts/rule-groups.ts";
import { environmentNotReady } from "../../core/errors.ts";
import type { Run } from "../../core/run.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import type { RunbookAction } from "../../runbooks/engine/actions.ts";
import { DrillStopped } from "../../runbooks/engine/watch.ts";
import type { Account, ProbeResult, World } from "../../runbooks/engine/world.ts";
import { startLiveEvents } from "../live/events.ts";
import { eventFrom, faultFrom } from "../live/from.ts";
import { type LiveHands, type LiveRunChoices, runLive } from "../live/run.ts";
import type { DrillInput } from "./drill-input.ts";
import { probeProvider } from "./provider-probe.ts";
import { runCommand } from "./run-command.ts";
import { SliWindow } from "./sli-window.ts";
import { usersAffected } from "./users-affected.ts";
import { Wishes } from "./wishes.ts";

export interface LiveWorld {
  readonly world: World;
  /** Ends the run behind it, waits, and answers what it recorded. Safe to call twice. */
  readonly stop: () => Promise<Run>;
}

export interface LiveWorldChoices extends Omit<LiveRunChoices, "onlooker" | "fleet" | "scaling" | "signal"> {
  /** Gives up while the world is being put together; later on, whoever plays the drill ends it. */
  readonly signal: AbortSignal;
  /** What a drill that goes on had counted before. */
  readonly before?: Account;
}

/** Starts the run and waits until its load begins. Rejects as `runLive` does. */
export async function startLiveWorld(input: DrillInput, choices: LiveWorldChoices): Promise<LiveWorld> {
  const over = new AbortController();
  const giveUp = (): void => over.abort(choices.signal.reason);
  choices.signal.addEventListener("abort", giveUp);
  const { promise: loads, resolve: loadBegins } = Promise.withResolvers<LiveHands>();
  const window = new SliWindow(choices.before);
  const meter = requestMeterOf(input.input.scenario);
  const played = runLive(input.input, {
    ...choices,
    scaling: input.scaling,
    fleet: "always",
    signal: over.signal,
    onlooker: {
      began: () => undefined,
      loads: loadBegins,
      ended: (record) => {
        window.add(record);
        meter.count(record);
      },
    },
  });
  const hands = await Promise.race([loads, played.then(() => Promise.reject(endedEarly()))]).finally(() =>
    choices.signal.removeEventListener("abort", giveUp),
  );
  const live = new Live(input, choices.timeScale, hands, { window, meter });
  played.then(
    (run) => live.end(reasonOf(run)),
    (cause: unknown) => live.end(cause instanceof Error ? cause.message : String(cause)),
  );
  return {
    world: live.world(),
    stop: async () => {
      over.abort("the drill is over");
      return await played;
    },
  };
}

function endedEarly(): Error {
  return environmentNotReady("the run ended before its load began", { code: "drill-not-begun" });
}

/** Why a run ended before anybody wanted it to; undefined: its load was over, or the drill. */
function reasonOf({ manifest, events }: Run): string | undefined {
  return manifest.status === "failed" ? events.findLast(({ kind }) => kind === "failure")?.text : undefined;
}

class Live {
  readonly #input: DrillInput;
  readonly #timeScale: number;
  readonly #hands: LiveHands;
  readonly #window: SliWindow;
  readonly #meter: RequestMeter;
  readonly #alerts: AlertWatch;
  readonly #timer: NodeJS.Timeout;
  readonly #over: AbortController = new AbortController();
  readonly #planned: (() => void)[] = [];
  readonly #deployments: { readonly atMs: Ms; readonly version: string }[] = [];
  readonly #wishes = new Wishes();
  /** Keys of what was carried out. */
  readonly #acted = new Set<string>();
  #waiting = 0;
  #failure: string | undefined;

  constructor(
    input: DrillInput,
    timeScale: number,
    hands: LiveHands,
    seen: { readonly window: SliWindow; readonly meter: RequestMeter },
  ) {
    this.#input = input;
    this.#timeScale = timeScale;
    this.#hands = hands;
    this.#window = seen.window;
    this.#meter = seen.meter;
    this.#alerts = createAlertWatch(ruleGroups(input.alerts, input.input.scenario.slo ?? []));
    for (const { atMs, action } of input.input.scenario.events ?? []) this.#deployed(atMs, action);
    this.#timer = setInterval(() => void this.#scrape(), input.alerts.scrapeMs / timeScale);
  }

  /** `failure`: why it ended, where nobody wanted it to. */
  end(failure: string | undefined): void {
    this.#failure = failure;
    clearInterval(this.#timer);
    for (const giveUp of this.#planned) giveUp();
    this.#over.abort();
  }

  world(): World {
    const { mock, control } = this.#hands;
    const { scenario } = this.#input.input;
    const nowMs = (): Ms => this.#nowMs();
    const measure: World["measure"] = (metric, windowMs, scope) => this.#measure(metric, windowMs, scope);
    return {
      nowMs,
      wallTime: () => new Date().toISOString(),
      advanceTo: (untilMs, signal) => this.#advanceTo(untilMs, signal),
      measure,
      alerts: async () => this.#alerts.firing(),
      usersAffected: () =>
        usersAffected(scenario.objectives, measure, this.#window.requests(mock.nowMs(), minuteMs).length),
      alertNames: this.#alerts.alertNames,
      probe: (provider) => this.#probe(provider),
      deployments: async () => this.#deployments.filter(({ atMs }) => atMs <= nowMs()),
      account: async () => this.#window.account(),
      stateOf: async (action) => control.stateOf(action),
      act: async (action, key) => {
        if (this.#acted.has(key)) return;
        await control.apply(action);
        this.#acted.add(key);
        this.#deployed(nowMs(), action);
      },
      plan: (faults, events) => this.#plan(faults, events),
      command: runCommand,
    };
  }

  #nowMs(): Ms {
    return this.#hands.mock.nowMs() - this.#hands.startMs;
  }

  /** What lies in the past has begun, or is over, where a drill goes on. */
  async #plan(faults: Parameters<World["plan"]>[0], events: Parameters<World["plan"]>[1]): Promise<void> {
    const { mock, control, startMs } = this.#hands;
    const fromMs = this.#nowMs();
    for (const fault of faults.flatMap((entry) => faultFrom(entry, fromMs) ?? [])) {
      await mock.addFault({ ...fault, atMs: startMs + fault.atMs });
    }
    const due = events.flatMap((event) => eventFrom(event, fromMs) ?? []);
    const clock = { nowMs: mock.nowMs, timeScale: this.#timeScale };
    this.#planned.push(startLiveEvents(due, startMs, { control, clock, happened: () => undefined }));
    for (const { atMs, action } of events) this.#deployed(atMs, action);
  }

  async #advanceTo(untilMs: Ms, signal: AbortSignal): Promise<"reached" | "over"> {
    const waitMs = Math.max(0, untilMs - this.#nowMs()) / this.#timeScale;
    await sleep(waitMs, undefined, { signal: AbortSignal.any([signal, this.#over.signal]) }).catch(() => undefined);
    signal.throwIfAborted();
    if (this.#failure !== undefined) throw new DrillStopped("aborted", this.#failure);
    return this.#over.signal.aborted ? "over" : "reached";
  }

  async #scrape(): Promise<void> {
    const { fleet, mock } = this.#hands;
    // What cannot be asked has ended, which ends the run.
    const [sample, tokenLimitUse] = await Promise.all([
      fleet?.fleet.sample().catch(() => undefined),
      mock.tokenLimitUse().catch(() => new Map<string, number>()),
    ]);
    this.#waiting = sample?.waiting ?? 0;
    const wished = fleet?.replicas.wished ?? 1;
    this.#wishes.note(this.#nowMs(), wished);
    const gauges = { queueDepth: this.#waiting, replicas: { wished, ...this.#replicas() }, tokenLimitUse };
    this.#alerts.scrape(this.#nowMs(), this.#meter.samples(gauges));
  }

  #replicas(): { readonly ready: number; readonly starting: number; readonly draining: number } {
    const existing = this.#hands.fleet?.fleet.replicas() ?? [];
    const ready = existing.filter(({ phase }) => phase === "ready").length;
    const draining = existing.filter(({ phase }) => phase === "draining").length;
    return { ready, starting: existing.length - ready - draining, draining };
  }

  async #measure(metric: string, windowMs: Ms, scope: Parameters<World["measure"]>[2]): Promise<number | undefined> {
    const { fleet, mock } = this.#hands;
    switch (metric) {
      case "queue.depth":
        return this.#waiting;
      case "replicas.ready":
        return this.#replicas().ready;
      case "replicas.wished":
        return fleet?.replicas.wished;
      case "scaling.reversals":
        return this.#wishes.reversalsSince(this.#nowMs() - windowMs);
      case "tokens.of-limit": {
        const use = await mock.tokenLimitUse();
        if (scope?.kind === "provider") return use.get(scope.name);
        return use.size === 0 ? undefined : Math.max(...use.values());
      }
      default:
        return this.#window.measure(metric, mock.nowMs(), windowMs, scope);
    }
  }

  #deployed(atMs: Ms, action: RunbookAction): void {
    if (action.kind === "rollout") this.#deployments.push({ atMs, version: action.version });
    if (action.kind === "rollback") this.#deployments.push({ atMs, version: "the version before" });
    this.#deployments.sort((left, right) => left.atMs - right.atMs);
  }

  async #probe(name: string): Promise<ProbeResult> {
    const { mock, control } = this.#hands;
    const spec = this.#input.input.scenario.providers.find((provider) => provider.name === name);
    const baseUrl = mock.baseUrl(name);
    const [served] = spec?.models ?? [];
    if (spec === undefined || baseUrl === undefined || served === undefined) {
      return { answers: false, detail: `there is no provider ${name}` };
    }
    const target = { dialect: spec.dialect, baseUrl, apiKey: control.keyOf(name), model: served.model };
    return await probeProvider(target, () => this.#nowMs());
  }
}
