/**
 * The contract of a gateway driver: how Squall installs, starts, watches and stops one real AI gateway.
 *
 * A driver is a value in an explicit table (`gateways/drivers.ts`); adding a gateway is copying a folder's shape.
 */
import type { PlatformAction } from "../core/scenario/event-spec.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";
import type { Ms } from "../core/time.ts";
import type { DeploymentFile } from "./kubernetes/deployment-file.ts";

/** Where the gateway is to send what it is asked for. */
export interface UpstreamRoute {
  /** Model name as clients ask for it. */
  readonly model: string;
  /** Providers in fallback order. */
  readonly providers: readonly UpstreamProvider[];
}

export interface UpstreamProvider {
  readonly name: string;
  readonly dialect: Dialect;
  /** What the provider calls the model; the route's own name unless given. */
  readonly model?: string;
  /** What the vendor's SDK would take as base URL. */
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** What the gateway is asked to do; each driver renders it into its own configuration. */
export interface GatewayPolicy {
  readonly routes: readonly UpstreamRoute[];
  /** Retries per provider after the first call. */
  readonly retries: number;
  /** Statuses worth a retry or a fallback. */
  readonly retryOn: readonly number[];
  readonly requestTimeoutMs: Ms | undefined;
}

export interface GatewayStart {
  readonly policy: GatewayPolicy;
  /** 0: pick a free loopback port. */
  readonly port: number;
  readonly cacheDir: string;
  /** Gives up after this long. */
  readonly readyTimeoutMs: Ms;
  /** Told about slow steps (install), for progress on a terminal. */
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
  /** Whether it is to serve Prometheus metrics, where it can; that costs it some time. */
  readonly metrics?: boolean;
  /** Asked of clients by a gateway that asks for one: replicas of a fleet ask for the same. Its own choice unless given. */
  readonly key?: string;
  /** Which version of it, by the name that a rollout gives it, where there are several. Absent: the first. */
  readonly version?: string;
  /** Starts it so that it can be broken on purpose, by a driver that says that it can be; as published unless given. */
  readonly breakable?: Breakable;
}

/** What is wrong with a process from the start; it can be cut off later (`RunningGateway.cutOff`). */
export interface Breakable {
  /** Share of requests that it fails by itself with 500, 0..1. */
  readonly errorShare: number;
}

/** How a client calls the running gateway for a model. */
export interface GatewayCall {
  /** Absolute URL of the chat completions endpoint. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the client asks for, where the gateway does not know the model by its own name. */
  readonly model?: string;
  /** Header in which a client is to name its conversation; absent: nobody wants to know. */
  readonly sessionHeader?: string;
  /** Header in which a client is to name the tenant it asks for, percent-encoded; absent: nobody wants to know. */
  readonly tenantHeader?: string;
}

export interface RunningGateway {
  /** `portkey 1.15.2`. */
  readonly description: string;
  readonly call: (model: string) => GatewayCall;
  /**
   * How it is called under another policy, where it takes its policy from each request. Absent: another policy needs another
   * process.
   */
  readonly callUnder?: (policy: GatewayPolicy) => (model: string) => GatewayCall;
  /**
   * Cuts it off from everything that it reaches, or mends that, while it goes on answering its own health check. Absent: it
   * was not started to be broken.
   */
  readonly cutOff?: (isCut: boolean) => void;
  /** Where Prometheus finds its metrics; undefined: it has none, or none were asked for. */
  readonly metricsUrl?: string;
  /** Of the process that serves; undefined for a gateway we did not start. */
  readonly pid?: number;
  /** Answers whether the process still serves. */
  readonly healthy: () => Promise<boolean>;
  /**
   * CPU seconds used and resident bytes of the gateway's processes; undefined for a gateway we did not start, and where the
   * system does not tell.
   */
  readonly usage: () => Promise<{ readonly cpuSeconds: number; readonly rssBytes: number } | undefined>;
  /** Resolves with a reason if the gateway ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends it and waits; kills after `deadlineMs`. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

/** By kind of action: why it cannot be done, in words. */
export type Refusals = Readonly<Partial<Record<PlatformAction["kind"], string>>>;

export interface GatewayDriver {
  readonly name: string;
  /** Dialects of the providers that it can be pointed at; undefined: all. */
  readonly dialects?: readonly Dialect[];
  /** Whether it can be started to be broken on purpose (`GatewayStart.breakable`). */
  readonly isBreakable?: true;
  /** Whether it takes its routes from each request (`RunningGateway.callUnder`). */
  readonly isRoutedPerRequest?: true;
  /** The version that is installed, without installing anything; undefined: none. */
  readonly installed: (cacheDir: string) => Promise<string | undefined>;
  /** Installs into the cache if needed and says which version is there. */
  readonly install: (cacheDir: string, onProgress: (text: string) => void, signal: AbortSignal) => Promise<string>;
  /** What cannot be done to it while it runs, and why; absent: nothing is known of that kind. */
  readonly refusals?: Refusals;
  /** Names of the versions that a rollout can bring, besides the first; absent: any, as the same software under another name. */
  readonly versions?: readonly string[];
  /**
   * Address of this machine at which it finds what it is to call, where that is not loopback: it runs in containers. Absent, or
   * undefined: loopback.
   */
  readonly upstreamHost?: () => Promise<string | undefined>;
  /** Whose pods are its replicas, where a cluster runs it: they are moved through the cluster, and `start` reaches what is there. */
  readonly deployment?: DeploymentFile;
  readonly start: (start: GatewayStart) => Promise<RunningGateway>;
}
