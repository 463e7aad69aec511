/**
 * A live run's own metrics, for a Prometheus to scrape while it goes on: the families that simulated runs are scraped for, so that
 * the same alerting rules hold for both.
 *
 * Served on the loopback interface only. Durations are scenario time; rates are those of the wall clock, as any scraper sees
 * them, so at `--time-scale 10` a Prometheus sees ten times the scenario's traffic.
 */
import { createServer, type Server } from "node:http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  boundsFor,
  families,
  type FamilyName,
  type HistogramName,
  knownCounters,
  knownLatencies,
  observationsOf,
} from "../analyzers/alerts/families.ts";
import { type Gauges, knownLabelsOf } from "../analyzers/alerts/request-meter.ts";
import { tokenLimitUse } from "../analyzers/alerts/run-scrapes.ts";
import { environmentNotReady } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Onlooker } from "./live/run.ts";

export interface RunMetrics {
  /** A request has ended, and what the providers know of it is in its record. */
  readonly count: (record: RequestRecord) => void;
  /** The exposition text. */
  readonly text: () => Promise<string>;
}

export interface MetricsServer extends RunMetrics {
  /** Where it is: `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** `gauges` is asked at every scrape. */
export function runMetrics(scenario: Scenario, gauges: () => Promise<Gauges>): RunMetrics {
  const registry = new Registry();
  const registers = [registry];
  const bounds = boundsFor(scenario.slo ?? []);
  const known = knownLabelsOf(scenario);
  const described = (name: FamilyName): { name: string; help: string; labelNames: string[]; registers: Registry[] } => {
    const { help, labels } = families[name];
    return { name, help, labelNames: [...labels], registers };
  };
  const counters = {
    squall_requests_total: new Counter(described("squall_requests_total")),
    squall_upstream_calls_total: new Counter(described("squall_upstream_calls_total")),
    squall_tokens_total: new Counter(described("squall_tokens_total")),
    squall_cost_dollars_total: new Counter(described("squall_cost_dollars_total")),
  };
  const histogram = (name: HistogramName): Histogram =>
    new Histogram({ ...described(name), buckets: [...bounds[name]] });
  const histograms = {
    squall_ttft_seconds: histogram("squall_ttft_seconds"),
    squall_itl_seconds: histogram("squall_itl_seconds"),
    squall_e2e_seconds: histogram("squall_e2e_seconds"),
  };
  const metrics = { ...counters, ...histograms };
  for (const { name, labels, value } of knownCounters(known)) {
    if (!(name in histograms)) counters[name as keyof typeof counters].inc(labels, value);
  }
  for (const labels of knownLatencies(known)) for (const each of Object.values(histograms)) each.zero(labels);
  registerGauges(described, gauges);
  return {
    count: (record) => {
      for (const { name, labels, value } of observationsOf(record)) {
        const metric = metrics[name];
        if (metric instanceof Counter) metric.inc(labels, value);
        else metric.observe(labels, value);
      }
    },
    text: () => registry.metrics(),
  };
}

/**
 * Shows the metrics of a run while somebody plays it with the onlooker that is handed to them, and no longer.
 * Errors: `port-taken`, and those of the play.
 */
export async function whileScraped<Outcome>(
  scenario: Scenario,
  port: number,
  tell: (url: string) => void,
  play: (onlooker: Onlooker) => Promise<Outcome>,
): Promise<Outcome> {
  let providers: Parameters<Onlooker["began"]>[0] | undefined;
  const metrics = runMetrics(scenario, async () => {
    // Providers that cannot be read have no use to show; the run notices by itself that they are gone.
    const ledgers = (await providers?.ledger().catch(() => [])) ?? [];
    return { tokenLimitUse: tokenLimitUse(ledgers, providers?.nowMs() ?? 0) };
  });
  const server = await serveRunMetrics(metrics, port);
  tell(server.url);
  try {
    return await play({
      began: (begun) => {
        providers = begun;
      },
      ended: server.count,
    });
  } finally {
    await server.close();
  }
}

/** Errors: `port-taken`, where somebody listens there. */
export async function serveRunMetrics(metrics: RunMetrics, port: number): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { "content-type": Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await listening(server, port);
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    ...metrics,
    url: `http://127.0.0.1:${bound}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        environmentNotReady(`port ${port} for the metrics cannot be listened on`, {
          code: "port-taken",
          hint: "give another one with --metrics-port; 0 picks a free one",
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

function registerGauges(
  described: (name: FamilyName) => ConstructorParameters<typeof Gauge>[0],
  gauges: () => Promise<Gauges>,
): void {
  const use: Gauge = new Gauge({
    ...described("squall_token_limit_utilization"),
    collect: async () => {
      use.reset();
      for (const [provider, share] of (await gauges()).tokenLimitUse ?? []) use.set({ provider }, share);
    },
  });
}
