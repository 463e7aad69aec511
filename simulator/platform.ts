/**
 * The platform between clients and providers: a fleet of gateway replicas, and the loop that scales it.
 *
 * Where a scenario says no more than how many replicas there are, nothing is measured and nothing is written down: such a
 * fleet costs a simulation next to nothing.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Provider } from "../behavior/provider.ts";
import type { ScalingPolicy } from "../behavior/scaling/policy.ts";
import { distribution } from "../core/distributions.ts";
import { randomStream } from "../core/random.ts";
import type { ReplicaAccount, RunEvent } from "../core/run.ts";
import { plainFleet } from "../core/scenario/plain-fleet.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { cpuOfRequest, Demand } from "./demand.ts";
import { FleetLog } from "./fleet-log.ts";
import { Fleet } from "./fleet.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { ScalingLoop } from "./scaling-loop.ts";
import { TokenMeter } from "./token-meter.ts";

export interface PlatformOptions {
  readonly kernel: Kernel;
  readonly scenario: Pick<Scenario, "seed" | "platform">;
  readonly profile: GatewayProfile;
  readonly timeScale: number;
  readonly policy: ScalingPolicy | undefined;
  readonly providers: readonly Provider[];
  /** A request has its replica, now. */
  readonly onPlaced: (journey: Journey) => void;
}

export class Platform {
  readonly fleet: Fleet;
  /** Undefined: nobody scales. */
  readonly loop: ScalingLoop | undefined;
  /** As the gateway is to call them. */
  readonly providers: readonly Provider[];
  readonly #options: PlatformOptions;
  readonly #spec: FleetSpec;
  readonly #log = new FleetLog();
  /** Undefined: nobody wants to know. */
  readonly #demand: Demand | undefined;

  constructor(options: PlatformOptions) {
    const { kernel, policy, scenario } = options;
    const { platform } = scenario;
    this.#options = options;
    this.#spec = platform.fleet ?? plainFleet;
    this.fleet = new Fleet({
      kernel,
      spec: this.#spec,
      start: platform.replicas,
      startups: randomStream(scenario.seed).split("fleet").split("start-up"),
      log: this.#log,
      onPlaced: options.onPlaced,
    });
    this.#demand = platform.fleet === undefined && policy === undefined ? undefined : new Demand();
    if (policy === undefined) {
      this.providers = options.providers;
      return;
    }
    const meters = options.providers.map((provider) => new TokenMeter(provider));
    this.providers = meters;
    const { fleet } = this;
    const arrived = (): number => this.#demand?.arrived ?? 0;
    this.loop = new ScalingLoop({
      kernel,
      policy,
      spec: this.#spec,
      fleet,
      meters: { fleet, arrived, providers: meters },
      log: this.#log,
    });
  }

  begin(): void {
    this.loop?.begin();
  }

  /** A request reaches the balancer, now. */
  receive(journey: Journey): void {
    const { kernel, profile, timeScale } = this.#options;
    this.#demand?.arrives(kernel.nowMs, cpuOfRequest(profile, journey.start.planned) * timeScale);
    this.fleet.enter(journey);
  }

  /** The last client has its answer. */
  stop(): void {
    this.loop?.stop();
    this.fleet.stop();
  }

  events(durationMs: Ms): readonly RunEvent[] {
    return this.#demand === undefined ? [] : this.#log.events.filter(({ atMs }) => atMs <= durationMs);
  }

  account(durationMs: Ms): ReplicaAccount | undefined {
    if (this.#demand === undefined) return undefined;
    const { concurrency, hourly, readinessMs, startup } = this.#spec;
    const heldMs = this.fleet.heldMeanMs;
    return {
      hourly,
      startupMs: distribution(startup).mean + readinessMs,
      counts: this.#log.counts.filter(({ atMs }) => atMs <= durationMs),
      demand: this.#demand.bins(
        durationMs,
        concurrency === undefined ? undefined : { heldMs, placesPerReplica: concurrency },
      ),
    };
  }
}
