/**
 * Puts a simulation together: clients send to the platform, whose gateway tells them of the end; the checkers see both.
 *
 * The parts know each other in a circle, so each is told how to reach the others and not who they are.
 */
import type { WorkloadPhase, PlannedRequest } from "../behavior/workload.ts";
import type { Provider, ProviderDecision } from "../behavior/provider.ts";
import { invariant } from "../core/invariant.ts";
import type { NanoDollars } from "../core/money.ts";
import { randomStream } from "../core/random.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Checkers, OnTheirWay } from "./checkers.ts";
import { Clients } from "./clients.ts";
import { Efforts } from "./efforts.ts";
import type { Switched } from "./front-door.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { gatewayPolicyOf } from "./gateway-policy.ts";
import { Gateway } from "./gateway.ts";
import type { Journey } from "./journey.ts";
import type { JourneyTable } from "./journey-table.ts";
import type { Kernel } from "./kernel.ts";
import { PlatformControl } from "./platform-control.ts";
import { Platform } from "./platform.ts";
import type { SimulateOptions } from "./simulate.ts";
import { startTimeline } from "./timeline.ts";
import { Upstreams } from "./upstreams.ts";

/** What the parts share. */
export interface Middle {
  readonly kernel: Kernel;
  readonly checkers: Checkers;
  readonly watched: readonly Provider[];
  readonly journeys: JourneyTable;
}

/** What can be seen of a platform at this instant. */
export interface PlatformView {
  /** Requests without a replica. */
  readonly waiting: number;
  readonly wished: number;
  readonly ready: number;
  /** What new replicas run. */
  readonly version: string;
  /** Whether requests are let in at all. */
  readonly admits: boolean;
  readonly providersOf: (model: string) => readonly string[];
  /** Set by hand; null: nothing is. */
  readonly capOf: (tenant: string) => NanoDollars | null;
  readonly modelFor: (model: string) => Switched | null;
  /** Whether somebody has the platform not listen to whoever scales. */
  readonly isScalingPaused: boolean;
  /** Asks a provider for a word of a model, past the gateway; undefined when there is no such provider. */
  readonly ask: (provider: string, model: string) => ProviderDecision | undefined;
}

export class Assembly {
  readonly platform: Platform;
  readonly gateway: Gateway;
  readonly control: PlatformControl;
  readonly clients: Clients;
  readonly gatewayLog: GatewayLog;
  /** Undefined: clients do not try again by themselves. */
  readonly efforts: Efforts | undefined;
  readonly #options: SimulateOptions;
  readonly #middle: Middle;
  readonly #policy: ReturnType<typeof gatewayPolicyOf>;
  readonly #upstreams: Upstreams;

  constructor(options: SimulateOptions, middle: Middle) {
    invariant(Number.isFinite(options.workload.client.timeoutMs), "clients do not wait for ever");
    this.#options = options;
    this.#middle = middle;
    this.platform = this.#makePlatform();
    this.#policy = gatewayPolicyOf(options, (model) => this.#upstreams.routes(model));
    this.gatewayLog = this.#policy.log;
    const onOverflow = (): void => this.platform.tally.count("overflowed");
    const { deploymentOf } = this.#policy;
    this.#upstreams = new Upstreams({ ...options, deploymentOf, onOverflow }, this.platform.providers);
    this.gateway = this.#makeGateway();
    this.control = new PlatformControl({
      kernel: middle.kernel,
      platform: this.platform,
      faults: options.faults,
      links: this.#upstreams.links,
      reroute: (model, names) => this.#upstreams.reroute(model, names),
      door: this.#policy.door,
    });
    this.efforts = this.#makeEfforts();
    this.clients = this.#makeClients();
  }

  /** The platform as somebody sees it who may act on it. */
  get view(): PlatformView {
    const { door } = this.#policy;
    const { fleet, serverless } = this.platform;
    const { kernel, checkers } = this.#middle;
    return {
      waiting: fleet.waiting,
      wished: serverless === undefined ? fleet.wished : serverless.replicas.length,
      ready: serverless === undefined ? fleet.ready.length : serverless.replicas.length,
      version: fleet.version,
      admits: this.platform.admits,
      providersOf: (model) => this.#upstreams.namesFor(model),
      capOf: (tenant) => door?.capOf(tenant) ?? null,
      modelFor: (model) => door?.modelFor(model) ?? null,
      isScalingPaused: this.platform.loop?.paused ?? false,
      // Named by its instant, so that what was asked before has no say in what is answered now.
      ask: (provider, model) =>
        this.#upstreams.ask(kernel.nowMs, checkers, provider, model, `asked at ${kernel.nowMs}`),
    };
  }

  onTheirWay(): OnTheirWay {
    return this.efforts?.count(this.#middle.journeys) ?? this.#middle.journeys.count();
  }

  #makePlatform(): Platform {
    const { scenario, gateway: profile, timeScale, scaling, isControlled } = this.#options;
    const { kernel, checkers, watched, journeys } = this.#middle;
    return new Platform({
      kernel,
      scenario,
      profile,
      timeScale,
      policy: scaling,
      providers: watched,
      work: {
        receive: (journey) => this.gateway.receive(journey),
        refuse: (journey, ending) => this.gateway.refuse(journey, ending),
        turnAway: (journey, ending) => this.gateway.turnAway(journey, ending),
        withdraw: (journey) => this.gateway.withdraw(journey),
        breakOff: (journey, ending) => this.gateway.breakOff(journey, ending),
      },
      journeys: (holds) => journeys.filter(holds),
      askModel: () => this.#upstreams.askModel(kernel.nowMs, checkers),
      isControlled: isControlled ?? false,
    });
  }

  #makeGateway(): Gateway {
    const { scenario, gateway: profile, timeScale, chunks } = this.#options;
    const { kernel, journeys } = this.#middle;
    return new Gateway({
      kernel,
      profile,
      retries: scenario.platform.retries,
      ...this.#policy,
      timeScale,
      chunks: chunks ?? "flow",
      isUnsure: this.#isUnsure(),
      onClientDone: (journey) => {
        if (this.efforts === undefined) this.#clientDone(journey);
        else this.efforts.tryEnded(journey);
      },
      onJourneyEnd: (journey) => {
        if (this.efforts === undefined) this.#recorded(journey.record());
        else this.efforts.tryIsOver(journey);
        journeys.end(journey);
        this.platform.leave(journey);
      },
    });
  }

  /** Which answers of small models go on to the next provider is drawn by request; undefined: none does. */
  #isUnsure(): ((journey: Journey) => boolean) | undefined {
    const { seed, platform } = this.#options.scenario;
    if (platform.escalations === undefined) return undefined;
    const shares = new Map(platform.escalations.map(({ provider, share }) => [provider, share]));
    const random = randomStream(seed).split("escalation");
    return (journey) => {
      const share = shares.get(journey.upstream.provider.name);
      if (share === undefined || journey.hop + 1 >= journey.route.length) return false;
      const isUnsure = random.split(journey.planned.key).uniform() < share;
      if (isUnsure) this.platform.tally.count("escalated");
      return isUnsure;
    };
  }

  #makeEfforts(): Efforts | undefined {
    const { explain, workload } = this.#options;
    const { kernel, journeys } = this.#middle;
    const { client } = workload;
    if (client.retryAgain === undefined && client.resends === undefined) return undefined;
    return new Efforts({
      kernel,
      client,
      onClientDone: (journey) => this.#clientDone(journey),
      onRecord: (record) => this.#recorded(record),
      send: (effort, deadlineMs, leaves) => {
        const { phase, user, planned, patientUntilMs: beginByMs } = effort;
        const asked = { phase, user, planned, intendedMs: kernel.nowMs, deadlineMs, leaves, beginByMs, effort };
        const route = this.#upstreams.routes(planned.model);
        effort.last = journeys.begin({ ...asked, route, explained: explain === true });
        this.platform.receive(effort.last);
      },
    });
  }

  #makeClients(): Clients {
    const { faults, scenario, workload } = this.#options;
    const { kernel, checkers } = this.#middle;
    return new Clients({
      kernel,
      workload,
      onPhaseStart: (phase) => {
        if (phase.name !== "load") return;
        startTimeline(scenario.timeline, faults, kernel.nowMs);
        this.control.start(scenario.events ?? [], kernel.nowMs);
      },
      onPhaseEnd: (phase) => {
        checkers.phaseEnded(phase.name, this.onTheirWay());
        if (!this.clients.done) return;
        this.platform.stop();
        this.control.stop();
      },
      send: (phase, user, planned) => this.#send(phase, user, planned),
    });
  }

  #send(phase: WorkloadPhase, user: number, planned: PlannedRequest): void {
    const { explain, workload } = this.#options;
    const { kernel, checkers, journeys } = this.#middle;
    const intendedMs = kernel.nowMs;
    if (this.efforts !== undefined) {
      checkers.arrives(intendedMs);
      return this.efforts.begin(phase, user, planned);
    }
    const { timeoutMs } = workload.client;
    const leaveAfterMs = planned.leaveAfterMs ?? Number.POSITIVE_INFINITY;
    const leaves = leaveAfterMs < timeoutMs;
    const deadlineMs = intendedMs + Math.min(leaveAfterMs, timeoutMs);
    const route = this.#upstreams.routes(planned.model);
    checkers.arrives(intendedMs);
    const explained = explain === true;
    const { name } = phase;
    const start = { phase: name, user, planned, intendedMs, deadlineMs, leaves, route, explained };
    this.platform.receive(journeys.begin(start));
  }

  #clientDone(journey: Journey): void {
    this.#middle.checkers.ends(this.#middle.kernel.nowMs, journey.isOk);
    this.clients.ended(journey);
  }

  #recorded(record: RequestRecord): void {
    this.#middle.checkers.recorded(record);
    this.#options.onRecord(record);
  }
}
