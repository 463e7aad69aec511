/** The gateway between the clients and the providers: the `platform` section of a scenario, complete. */
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";
import type { BudgetsSpec, TenantLimits } from "./budget-spec.ts";
import type { ResilienceSpec } from "./resilience-spec.ts";
import type {
  DeploymentSpec,
  EscalationSpec,
  HealthSpec,
  LinkSpec,
  OverflowSpec,
  RegionSpec,
} from "./deployment-spec.ts";

export interface PlatformSpec {
  /** Driver name or URL of a gateway. */
  readonly gateway: string;
  /** What the gateway costs: a file that `squall calibrate` wrote, relative to the scenario; without it, what Squall knows of it. */
  readonly gatewayProfileFile?: string;
  /** Copies of the gateway when the run starts. */
  readonly replicas: number;
  /** How copies come, go, share the work and are paid; without it they are there from the start, stay, and cost nothing. */
  readonly fleet?: FleetSpec;
  /** A scaling config of any tool, relative to the scenario file; without it their number stays. */
  readonly scaling?: string;
  /** What lies between the gateway and providers; without it nothing does. */
  readonly links?: readonly LinkSpec[];
  readonly escalations?: readonly EscalationSpec[];
  readonly overflows?: readonly OverflowSpec[];
  /** Which providers serve a model, in fallback order. Every model asked for has a route. */
  readonly routes: readonly { readonly model: string; readonly providers: readonly string[] }[];
  /** Retries by the gateway per provider after the first call. */
  readonly retries: { readonly max: number; readonly on: readonly number[] };
  /** What else it does about failing providers; without it as little as the modelled gateway does by itself. */
  readonly resilience?: ResilienceSpec;
  /** What tenants may ask for; without it, anything. */
  readonly tenants?: readonly TenantLimits[];
  /** What may be spent; without it, anything. */
  readonly budgets?: BudgetsSpec;
  /** What matters to a live run only. */
  readonly live?: LiveSpec;
}

export interface LiveSpec {
  /** Where the gateway listens on this machine; a free port unless given. */
  readonly port?: number;
  /** Sent with every request to the gateway. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FleetSpec {
  /** Copies at the start, where the file says so; undefined: a scaling config may have its own idea. */
  readonly start: number | undefined;
  /** Bounds of the platform itself, whatever a scaling policy wishes. */
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** From the wish for a replica until its process runs. */
  readonly startup: DistributionSpec;
  /** From then until it gets requests: probes that must first succeed. */
  readonly readinessMs: Ms;
  /** Requests in flight on one replica, those that go on for a client who has left included; more wait. undefined: no limit. */
  readonly concurrency: number | undefined;
  /** Charged for each replica from the wish for it until it is gone. */
  readonly hourly: NanoDollars;
  readonly balance: BalanceName;
  /** `consistent-hash`: no replica gets more than this many times its even share of what is in flight; no bound unless given. */
  readonly loadBound?: number;
  /** `weighted`: share of the requests by version of the replica. */
  readonly weights?: Readonly<Record<string, number>>;
  /** Tenants whose requests are called first when some wait, the most important first; all are equal unless given. */
  readonly priorities?: readonly string[];
  /** Turns that come to another replica than the turn before are counted; they are not unless given. */
  readonly countsContexts?: boolean;
  /** Without it every replica that is ready is taken to be well. */
  readonly health?: HealthSpec;
  /** What is still in flight so long after a replica was told to go is lost; without it, it goes when it is done. */
  readonly graceMs?: Ms;
  /** CPU work takes `factor` times as long until a replica has been ready for so long. */
  readonly slowStart?: { readonly forMs: Ms; readonly factor: number };
  /** Containers unless given. */
  readonly deployment?: DeploymentSpec;
  /** One place unless given. */
  readonly regions?: readonly RegionSpec[];
  readonly metrics: MetricPipelineSpec;
}

/** How a balancer chooses (`behavior/balancing`). */
export type BalanceName = "round-robin" | "least-connections" | "consistent-hash" | "weighted" | "geographic";

/** What lies between the truth and what a scaling policy sees of it. */
export interface MetricPipelineSpec {
  /** From one sample to the next. */
  readonly scrapeMs: Ms;
  /** Rates are taken over this long, rounded up to whole scrapes. */
  readonly windowMs: Ms;
  /** From the sample until it can be read. */
  readonly lagMs: Ms;
  /** Share of the samples of single replicas that never arrive, 0..1; none unless given. */
  readonly missingShare?: number;
  /** Share of the scrapes that fail as a whole; none unless given. */
  readonly failingShare?: number;
}
