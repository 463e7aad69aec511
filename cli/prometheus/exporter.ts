/**
 * What a live run shows of itself to its Prometheus: the run's own metrics (`run-metrics.ts`), the fleet as a whole, and each replica
 * at an address of its own, as node and container exporters do.
 *
 * Served on the loopback interface. Whatever is asked for is measured then, at most once in `sampleAgeMs`. A share of the scrapes can
 * be lost on purpose: they are answered 503, as by an exporter in trouble.
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { RequestRecord } from "../../core/record.ts";
import type { ProviderLedger } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import { loopback } from "../../gateways/child/loopback-port.ts";
import type { FleetSample, LiveFleet, LiveReplica } from "../../gateways/fleet/live-fleet.ts";
import type { RunMetrics } from "../run-metrics.ts";

export interface ExporterOptions {
  readonly metrics: RunMetrics;
  /** undefined: there is no fleet, or not yet. */
  readonly fleet: () => Pick<LiveFleet, "replicas" | "sample"> | undefined;
  readonly ledger: () => Promise<readonly ProviderLedger[]>;
  /** Between 0 and 1: which scrapes are lost. */
  readonly random: () => number;
}

export interface Exporter {
  /** Of the run and the fleet as a whole. */
  readonly url: string;
  /** Of one replica. */
  readonly replicaUrl: (name: string) => string;
  readonly count: (record: RequestRecord) => void;
  /** Share of the scrapes of replicas that are lost from now on. */
  readonly loseSamples: (share: number) => void;
  readonly close: () => Promise<void>;
}

/** Replicas that are scraped at the same time are looked at once, wall time. */
const sampleAgeMs: Ms = 100;
const contentType = "text/plain; version=0.0.4; charset=utf-8";

export async function startExporter(options: ExporterOptions): Promise<Exporter> {
  const looks = new Looks(options);
  let lostShare = 0;
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    const name = url.startsWith(replicaPath) ? decodeURIComponent(url.slice(replicaPath.length)) : undefined;
    if (request.method !== "GET" || (name === undefined && url !== "/metrics"))
      return void response.writeHead(404).end();
    if (name !== undefined && options.random() < lostShare)
      return void response.writeHead(503).end("lost on purpose\n");
    const text = name === undefined ? looks.whole() : looks.replica(name);
    text.then(
      (found) => answer(response, found),
      () => response.writeHead(503).end(), // a front or providers that have died are told of elsewhere
    );
  });
  const port = await listening(server);
  const origin = `http://${loopback}:${port}`;
  return {
    url: `${origin}/metrics`,
    replicaUrl: (name) => `${origin}${replicaPath}${encodeURIComponent(name)}`,
    count: options.metrics.count,
    loseSamples: (share) => {
      lostShare = share;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const replicaPath = "/replicas/";

function answer(response: ServerResponse, text: string | undefined): void {
  if (text === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": contentType }).end(text);
}

class Looks {
  readonly #options: ExporterOptions;
  #latest: Promise<FleetSample> | undefined;
  #latestMs = 0;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  async whole(): Promise<string> {
    const { metrics, ledger } = this.#options;
    const [text, sample, providers] = await Promise.all([metrics.text(), this.#sample(), ledger()]);
    const lines = [
      ...(sample === undefined
        ? []
        : [
            family("squall_fleet_requests_total", "counter", "Requests that came to the fleet", [[{}, sample.arrived]]),
            family("squall_fleet_in_flight", "gauge", "Requests that a replica has", [[{}, sample.inFlight]]),
            family("squall_queue_depth", "gauge", "Requests waiting for a place on a replica", [[{}, sample.waiting]]),
            family("squall_replicas", "gauge", "Replicas of the gateway", this.#phases()),
          ]),
      family(
        "squall_provider_tokens_total",
        "counter",
        "Tokens in and out, as the provider counts them",
        providers.map(({ provider, inputTokens, outputTokens }) => [{ provider }, inputTokens + outputTokens]),
      ),
      family(
        "squall_provider_token_limit",
        "gauge",
        "Tokens a minute that the provider allows, of all models",
        providers.flatMap(limitOf),
      ),
    ];
    return [text.trimEnd(), ...lines, ""].join("\n");
  }

  /** undefined: there is none of that name, or it does not run yet. */
  async replica(name: string): Promise<string | undefined> {
    await this.#sample();
    const found = this.#options
      .fleet()
      ?.replicas()
      .find((replica) => replica.name === name);
    if (found === undefined) return undefined;
    return [
      family("squall_replica_cpu_seconds_total", "counter", "CPU of its processes", [[{}, found.cpuSeconds]]),
      family("squall_replica_resident_bytes", "gauge", "Memory of its processes", [[{}, found.rssBytes]]),
      family("squall_replica_requests_total", "counter", "Requests it has been given", [[{}, found.taken]]),
      family("squall_replica_in_flight", "gauge", "Requests it has", [[{}, found.inFlight]]),
      "",
    ].join("\n");
  }

  #sample(): Promise<FleetSample | undefined> {
    const fleet = this.#options.fleet();
    if (fleet === undefined) return Promise.resolve(undefined);
    const nowMs = performance.now();
    if (this.#latest === undefined || nowMs - this.#latestMs > sampleAgeMs) {
      this.#latest = fleet.sample();
      this.#latestMs = nowMs;
    }
    return this.#latest;
  }

  #phases(): readonly Valued[] {
    const replicas: readonly LiveReplica[] = this.#options.fleet()?.replicas() ?? [];
    const counted = (...phases: readonly string[]): number =>
      replicas.filter(({ phase }) => phases.includes(phase)).length;
    return [
      [{ state: "starting" }, counted("starting", "unready")],
      [{ state: "ready" }, counted("ready")],
      [{ state: "draining" }, counted("draining")],
    ];
  }
}

type Valued = readonly [labels: Readonly<Record<string, string>>, value: number];

/** The limit of all models together; none where one is unlimited. */
function limitOf({ provider, limits }: ProviderLedger): readonly Valued[] {
  const sum = limits.reduce((total, { tokensPerMinute }) => total + (tokensPerMinute ?? Number.POSITIVE_INFINITY), 0);
  return limits.length > 0 && Number.isFinite(sum) ? [[{ provider }, sum]] : [];
}

/** Names of labels and their values are ours: providers' names are words. */
function family(name: string, type: "counter" | "gauge", help: string, values: readonly Valued[]): string {
  const lines = values.map(([labels, value]) => {
    const written = Object.entries(labels)
      .map(([label, text]) => `${label}=${JSON.stringify(text)}`)
      .join(",");
    return `${name}${written === "" ? "" : `{${written}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, loopback, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
