/**
 * A drill's world in virtual time: the scenario in the simulator, looked at and acted upon bit by bit.
 *
 * Everything in it follows from the scenario, the seed, and what was done when. So a drill that was killed is put together again by
 * doing the same at the same instants.
 */
import { setImmediate } from "node:timers/promises";
import { type AlertWatch, createAlertWatch } from "../../analyzers/alerts/alert-watch.ts";
import { type RequestMeter, requestMeterOf } from "../../analyzers/alerts/request-meter.ts";
import { ruleGroups } from "../../analyzers/alerts/rule-groups.ts";
import { providerKey } from "../../behavior/provider-accounts.ts";
import { assertNever } from "../../core/invariant.ts";
import { formatMoney } from "../../core/money.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { formatDuration, minuteMs, type Ms } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import type { RunbookAction } from "../../runbooks/engine/actions.ts";
import type { ProbeResult, World } from "../../runbooks/engine/world.ts";
import { simulationOf } from "../../simulator/scenario-run.ts";
import { beginSimulation, type Simulation, type SimulateOptions } from "../../simulator/simulate.ts";
import type { DrillInput } from "./drill-input.ts";
import { SliWindow } from "./sli-window.ts";
import { usersAffected } from "./users-affected.ts";
import { Wishes } from "./wishes.ts";

/** The scenario at the beginning of its load. */
export function createSimulatedWorld(input: DrillInput): World {
  return new SimulatedWorld(input).world();
}

class SimulatedWorld {
  readonly #scenario: Scenario;
  readonly #options: SimulateOptions;
  readonly #simulation: Simulation;
  readonly #window = new SliWindow();
  readonly #meter: RequestMeter;
  readonly #alerts: AlertWatch;
  readonly #scrapeMs: Ms;
  #scrapedMs: Ms;
  readonly #deployments: { readonly atMs: Ms; readonly version: string }[] = [];
  /** Replicas wished for, at every scrape. */
  readonly #wishes = new Wishes();
  /** By provider: how often its key was changed. */
  readonly #rotations = new Map<string, number>();

  constructor({ input, alerts, scaling }: DrillInput) {
    this.#scenario = input.scenario;
    this.#meter = requestMeterOf(input.scenario);
    this.#alerts = createAlertWatch(ruleGroups(alerts, input.scenario.slo ?? []));
    this.#scrapeMs = alerts.scrapeMs;
    this.#scrapedMs = -alerts.scrapeMs;
    this.#options = simulationOf(input, { timeScale: 1, scaling }, (record) => {
      this.#window.add(record);
      this.#meter.count(record);
    });
    this.#simulation = beginSimulation({ ...this.#options, isControlled: true });
    for (const { atMs, action } of input.scenario.events ?? []) this.#planned(atMs, action);
  }

  world(): World {
    const simulation = this.#simulation;
    const measure: World["measure"] = async (metric, windowMs, scope) => this.#measure(metric, windowMs, scope);
    return {
      nowMs: simulation.nowMs,
      wallTime: () => undefined,
      advanceTo: async (untilMs, signal) => {
        await setImmediate(); // a Ctrl-C that came meanwhile is heard
        signal.throwIfAborted();
        this.#playTo(untilMs);
        return simulation.isOver() ? "over" : "reached";
      },
      measure,
      alerts: async () => this.#alerts.firing(),
      usersAffected: async () => usersAffected(this.#scenario.objectives, measure, this.#recentRequests()),
      alertNames: this.#alerts.alertNames,
      probe: async (provider) => this.#probe(provider),
      deployments: async () => this.#deployments.filter(({ atMs }) => atMs <= simulation.nowMs()),
      account: async () => this.#window.account(),
      stateOf: async (action) => this.#stateOf(action),
      act: async (action) => this.#act(action),
      plan: async (faults, events) => {
        for (const fault of faults) this.#options.faults.add(fault);
        for (const { atMs, forMs, action } of events) {
          simulation.control.apply(atMs, action, forMs);
          this.#planned(atMs, action);
        }
      },
      command: undefined,
    };
  }

  #playTo(untilMs: Ms): void {
    for (let dueMs = this.#scrapedMs + this.#scrapeMs; dueMs <= untilMs; dueMs += this.#scrapeMs) {
      this.#simulation.playTo(dueMs);
      this.#alerts.scrape(dueMs, this.#meter.samples(this.#gauges()));
      this.#scrapedMs = dueMs;
      this.#wishes.note(dueMs, this.#simulation.view().wished);
    }
    this.#simulation.playTo(untilMs);
  }

  #gauges(): Parameters<RequestMeter["samples"]>[0] {
    const { waiting, wished, ready } = this.#simulation.view();
    const starting = Math.max(0, wished - ready);
    return {
      queueDepth: waiting,
      replicas: { wished, ready, starting, draining: 0 },
      tokenLimitUse: new Map(
        this.#scenario.providers.flatMap(({ name }) => {
          const use = this.#limitUse(name);
          return use === undefined ? [] : [[name, use] as const];
        }),
      ),
    };
  }

  #measure(metric: string, windowMs: Ms, scope: Parameters<World["measure"]>[2]): number | undefined {
    const view = this.#simulation.view();
    switch (metric) {
      case "queue.depth":
        return view.waiting;
      case "replicas.ready":
        return view.ready;
      case "replicas.wished":
        return view.wished;
      case "scaling.reversals":
        return this.#wishes.reversalsSince(this.#simulation.nowMs() - windowMs);
      case "tokens.of-limit":
        return this.#mostOfLimit(scope);
      default:
        return this.#window.measure(metric, this.#simulation.nowMs(), windowMs, scope);
    }
  }

  #recentRequests(): number {
    return this.#window.requests(this.#simulation.nowMs(), minuteMs).length;
  }

  #mostOfLimit(scope: Parameters<World["measure"]>[2]): number | undefined {
    const names = scope?.kind === "provider" ? [scope.name] : this.#scenario.providers.map(({ name }) => name);
    const uses = names.flatMap((name) => this.#limitUse(name) ?? []);
    return uses.length === 0 ? undefined : Math.max(...uses);
  }

  /** Share of the scarcest limit on tokens that a provider's key has used up by now; undefined where it has none. */
  #limitUse(name: string): number | undefined {
    const provider = this.#options.providers.find((each) => each.name === name);
    const spec = this.#scenario.providers.find((each) => each.name === name);
    if (provider === undefined || spec === undefined) return undefined;
    const shares = spec.models.flatMap(({ model }) => {
      const { tokens, inputTokens, outputTokens } = provider.snapshot(
        this.#simulation.nowMs(),
        providerKey(spec),
        model,
      );
      return [tokens, inputTokens, outputTokens].flatMap((state) =>
        state === undefined || state.limit === 0 ? [] : [1 - state.remaining / state.limit],
      );
    });
    return shares.length === 0 ? undefined : Math.max(...shares);
  }

  #probe(name: string): ProbeResult {
    const [served] = this.#scenario.providers.find((spec) => spec.name === name)?.models ?? [];
    const model = served?.model ?? "";
    const decision = this.#simulation.view().ask(name, model);
    if (decision === undefined) return { answers: false, detail: `there is no provider ${name}` };
    switch (decision.kind) {
      case "serve":
        return {
          answers: true,
          tookMs: decision.plan.totalMs,
          detail: `200 after ${formatDuration(decision.plan.totalMs)}`,
        };
      case "drop":
        return { answers: false, detail: `no connection: ${decision.how}` };
      case "refuse": {
        const { refusal } = decision;
        const isLimit = refusal.kind === "rate-limit";
        const status = refusal.kind === "fault" ? String(refusal.status) : isLimit ? "429" : refusal.kind;
        // A provider that says "too many requests" is up: it is us who ask too much.
        return { answers: status === "429", detail: status };
      }
      default:
        return assertNever(decision);
    }
  }

  #planned(atMs: Ms, action: RunbookAction): void {
    if (action.kind === "rollout") this.#deployments.push({ atMs, version: action.version });
    if (action.kind === "rollback") this.#deployments.push({ atMs, version: "the version before" });
    this.#deployments.sort((left, right) => left.atMs - right.atMs);
  }

  #act(action: RunbookAction): void {
    const nowMs = this.#simulation.nowMs();
    const maxReplicas = this.#scenario.platform.fleet?.maxReplicas ?? Number.POSITIVE_INFINITY;
    if (action.kind === "scale" && action.replicas > maxReplicas) {
      throw new Error(`the platform has room for ${plural(maxReplicas, "replica")}`);
    }
    if (action.kind === "rotate-key") {
      this.#rotations.set(action.provider, (this.#rotations.get(action.provider) ?? 0) + 1);
    }
    this.#simulation.control.apply(nowMs, action);
    this.#simulation.playTo(nowMs);
    this.#planned(nowMs, action);
  }

  #stateOf(action: RunbookAction): string {
    const view = this.#simulation.view();
    switch (action.kind) {
      case "route":
        return `${action.model}: ${view.providersOf(action.model).join(", ")}`;
      case "scale":
      case "drain":
      case "node-loss":
        return `${plural(view.wished, "replica")} wished for`;
      case "rollout":
      case "rollback":
        return `version ${view.version}`;
      case "rotate-key":
        return `key ${(this.#rotations.get(action.provider) ?? 0) + 1} of ${action.provider}`;
      case "admit":
        return view.admits ? "requests are let in" : "requests are turned away";
      case "cap-tenant": {
        const cap = view.capOf(action.tenant);
        return `${action.tenant}: ${cap === null ? "no cap" : `${formatMoney(cap)} an hour`}`;
      }
      case "switch-model":
        return switchedInWords(action.model, view.modelFor(action.model));
      case "pause-scaling":
        return view.isScalingPaused ? "scaling is paused" : "scaling goes on";
      case "cache-loss":
      case "broken":
      case "link-down":
      case "link-slow":
      case "metrics-loss":
        return "as it is";
      default:
        return assertNever(action);
    }
  }
}

function switchedInWords(model: string, switched: { readonly to: string; readonly share: number } | null): string {
  if (switched === null) return `${model}: answered by itself`;
  const { to, share } = switched;
  return `${model}: answered by ${to}${share < 1 ? ` in ${formatShare(share)} of the conversations` : ""}`;
}
