/** The gateway between the clients and the providers: the `platform` section of a scenario, complete. */
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";
import type { BudgetsSpec, TenantLimits } from "./budget-spec.ts";
import type { ResilienceSpec } from "./resilience-spec.ts";

export interface PlatformSpec {
  /** Driver name or URL of a gateway. */
  readonly gateway: string;
  /** Copies of the gateway when the run starts. */
  readonly replicas: number;
  /** How copies come, go, share the work and are paid; without it they are there from the start, stay, and cost nothing. */
  readonly fleet?: FleetSpec;
  /** A scaling config of any tool, relative to the scenario file; without it their number stays. */
  readonly scaling?: string;
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
  readonly balance: "round-robin" | "least-connections";
  readonly metrics: MetricPipelineSpec;
}

/** What lies between the truth and what a scaling policy sees of it. */
export interface MetricPipelineSpec {
  /** From one sample to the next. */
  readonly scrapeMs: Ms;
  /** Rates are taken over this long, rounded up to whole scrapes. */
  readonly windowMs: Ms;
  /** From the sample until it can be read. */
  readonly lagMs: Ms;
}
