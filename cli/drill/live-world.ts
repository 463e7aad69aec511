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
import { formatDuration, minuteMs, type Ms } from "../../core/time.ts";
import type { RunbookAction } from "../../runbooks/engine/actions.ts";
import type { ProbeResult, World } from "../../runbooks/engine/world.ts";
import { startLiveEvents } from "../live-events.ts";
import { type LiveHands, type LiveRunChoices, runLive } from "../live-run.ts";
import type { DrillInput } from "./drill-input.ts";
import { runCommand } from "./run-command.ts";
import { SliWindow } from "./sli-window.ts";
import { usersAffected } from "./users-affected.ts";

export interface LiveWorld {
  readonly world: World;
  /** Ends the run behind it, waits, and answers what it recorded. Safe to call twice. */
  readonly stop: () => Promise<Run>;
}

/** Longest wait for an answer of a provider, wall time. */
const probeTimeoutMs: Ms = 10_000;

/** Starts the run and waits until its load begins. Rejects as `runLive` does. */
export async function startLiveWorld(
  input: DrillInput,
  choices: Omit<LiveRunChoices, "onlooker" | "fleet" | "scaling">,
): Promise<LiveWorld> {
  const over = new AbortController();
  const { promise: loads, resolve: loadBegins } = Promise.withResolvers<LiveHands>();
  const window = new SliWindow();
  const meter = requestMeterOf(input.input.scenario);
  const played = runLive(input.input, {
    ...choices,
    scaling: input.scaling,
    fleet: "always",
    signal: AbortSignal.any([choices.signal, over.signal]),
    onlooker: {
      began: () => undefined,
      loads: loadBegins,
      ended: (record) => {
        window.add(record);
        meter.count(record);
      },
    },
  });
  const hands = await Promise.race([loads, played.then(() => Promise.reject(endedEarly()))]);
  const live = new Live(input, choices.timeScale, hands, { window, meter });
  const ended = played.finally(() => live.end());
  ended.catch(() => undefined); // told to whoever stops it
  return {
    world: live.world(),
    stop: async () => {
      over.abort("the drill is over");
      return await ended;
    },
  };
}

function endedEarly(): Error {
  return environmentNotReady("the run ended before its load began", { code: "drill-not-begun" });
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
  #waiting = 0;

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

  end(): void {
    clearInterval(this.#timer);
    for (const giveUp of this.#planned) giveUp();
    this.#over.abort();
  }

  world(): World {
    const { mock, control, startMs } = this.#hands;
    const { scenario } = this.#input.input;
    const nowMs = (): Ms => this.#nowMs();
    const measure: World["measure"] = async (metric, windowMs, scope) => this.#measure(metric, windowMs, scope);
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
      act: async (action) => {
        await control.apply(action);
        this.#deployed(nowMs(), action);
      },
      plan: async (faults, events) => {
        for (const fault of faults) await mock.addFault({ ...fault, atMs: startMs + fault.atMs });
        const clock = { nowMs: mock.nowMs, timeScale: this.#timeScale };
        this.#planned.push(startLiveEvents(events, startMs, { control, clock, happened: () => undefined }));
        for (const { atMs, action } of events) this.#deployed(atMs, action);
      },
      command: runCommand,
    };
  }

  #nowMs(): Ms {
    return this.#hands.mock.nowMs() - this.#hands.startMs;
  }

  async #advanceTo(untilMs: Ms, signal: AbortSignal): Promise<"reached" | "over"> {
    const waitMs = Math.max(0, untilMs - this.#nowMs()) / this.#timeScale;
    await sleep(waitMs, undefined, { signal: AbortSignal.any([signal, this.#over.signal]) }).catch(() => undefined);
    signal.throwIfAborted();
    return this.#over.signal.aborted ? "over" : "reached";
  }

  async #scrape(): Promise<void> {
    const { fleet } = this.#hands;
    // A fleet that cannot be asked has ended, which ends the run.
    const sample = await fleet?.fleet.sample().catch(() => undefined);
    this.#waiting = sample?.waiting ?? 0;
    const replicas = { wished: fleet?.replicas.wished ?? 1, ...this.#replicas() };
    const gauges = { queueDepth: this.#waiting, replicas, tokenLimitUse: new Map<string, number>() };
    this.#alerts.scrape(this.#nowMs(), this.#meter.samples(gauges));
  }

  #replicas(): { readonly ready: number; readonly starting: number; readonly draining: number } {
    const existing = this.#hands.fleet?.fleet.replicas() ?? [];
    const ready = existing.filter(({ phase }) => phase === "ready").length;
    const draining = existing.filter(({ phase }) => phase === "draining").length;
    return { ready, starting: existing.length - ready - draining, draining };
  }

  #measure(metric: string, windowMs: Ms, scope: Parameters<World["measure"]>[2]): number | undefined {
    const { fleet, mock } = this.#hands;
    switch (metric) {
      case "queue.depth":
        return this.#waiting;
      case "replicas.ready":
        return this.#replicas().ready;
      case "replicas.wished":
        return fleet?.replicas.wished;
      default:
        return this.#window.measure(metric, mock.nowMs(), windowMs, scope);
    }
  }

  #deployed(atMs: Ms, action: RunbookAction): void {
    if (action.kind === "rollout") this.#deployments.push({ atMs, version: action.version });
    if (action.kind === "rollback") this.#deployments.push({ atMs, version: "the version before" });
    this.#deployments.sort((left, right) => left.atMs - right.atMs);
  }

  /** The smallest question that there is, in the dialect that clients speak. */
  async #probe(name: string): Promise<ProbeResult> {
    const spec = this.#input.input.scenario.providers.find((provider) => provider.name === name);
    const baseUrl = this.#hands.mock.baseUrl(name);
    const [served] = spec?.models ?? [];
    if (spec === undefined || baseUrl === undefined || served === undefined) {
      return { answers: false, detail: `there is no provider ${name}` };
    }
    if (spec.dialect !== "openai") {
      throw environmentNotReady(`provider ${name} speaks ${spec.dialect}, and a live probe asks in openai only`, {
        code: "not-done-live",
      });
    }
    const beganMs = this.#nowMs();
    try {
      const response = await fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${this.#hands.control.keyOf(name)}`,
        },
        body: JSON.stringify({
          model: served.model,
          max_tokens: 1,
          messages: [{ role: "user", content: "Are you there?" }],
        }),
        signal: AbortSignal.timeout(probeTimeoutMs),
      });
      await response.arrayBuffer();
      const tookMs = this.#nowMs() - beganMs;
      // A provider that says "too many requests" is up: it is us who ask too much.
      if (!response.ok) return { answers: response.status === 429, detail: String(response.status) };
      return { answers: true, tookMs, detail: `200 after ${formatDuration(Math.round(tookMs))}` };
    } catch (cause) {
      return { answers: false, detail: `no connection: ${cause instanceof Error ? cause.message : String(cause)}` };
    }
  }
}
