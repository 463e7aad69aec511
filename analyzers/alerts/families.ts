/**
 * The metrics of a run, in the words of the field: what a Prometheus would find at the gateway, whether the run is live or
 * simulated. Alerting rules are written over these names and over nothing else.
 *
 * Times are seconds and money is dollars, as Prometheus' naming practice asks for base units. The mock providers' own metrics
 * are named `squall_mock_` and `gen_ai_` and describe the other end of the wire.
 */
import { toDollars } from "../../core/money.ts";
import { e2eMs, isOk, itlMs, outcomes, type RequestRecord, ttftMs } from "../../core/record.ts";
import type { SloSpec } from "../../core/scenario/slo-schema.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { Labels } from "./promql/series-store.ts";

export type FamilyName = CounterName | HistogramName | GaugeName;

export type CounterName =
  | "squall_requests_total"
  | "squall_upstream_calls_total"
  | "squall_tokens_total"
  | "squall_cost_dollars_total";

export type HistogramName = "squall_ttft_seconds" | "squall_itl_seconds" | "squall_e2e_seconds";

export type GaugeName = "squall_token_limit_utilization" | "squall_queue_depth" | "squall_replicas";

export interface Family {
  readonly kind: "counter" | "histogram" | "gauge";
  readonly help: string;
  readonly labels: readonly string[];
}

/** Labels of what is counted by request. `provider` is empty where none was reached. */
const requestLabels = ["model", "provider", "tenant"] as const;
/** Histograms are many series each, so they leave the tenant out. */
const latencyLabels = ["model", "provider"] as const;

export const families: Readonly<Record<FamilyName, Family>> = {
  squall_requests_total: {
    kind: "counter",
    help: "Requests that ended, by outcome as their client saw it",
    labels: ["outcome", ...requestLabels],
  },
  squall_upstream_calls_total: {
    kind: "counter",
    help: "Calls that reached a provider on behalf of the requests that ended",
    labels: requestLabels,
  },
  squall_tokens_total: {
    kind: "counter",
    help: "Tokens of the requests that ended; direction is input or output",
    labels: ["direction", ...requestLabels],
  },
  squall_cost_dollars_total: {
    kind: "counter",
    help: "What providers charge for the requests that ended, in US dollars",
    labels: requestLabels,
  },
  squall_ttft_seconds: {
    kind: "histogram",
    help: "Time to first token of answered requests, from when they were due",
    labels: latencyLabels,
  },
  squall_itl_seconds: {
    kind: "histogram",
    help: "Mean time between tokens of answered streams",
    labels: latencyLabels,
  },
  squall_e2e_seconds: {
    kind: "histogram",
    help: "Time to the end of answered requests, from when they were due",
    labels: latencyLabels,
  },
  squall_token_limit_utilization: {
    kind: "gauge",
    help: "Tokens charged in the past minute as a share of the provider's limit; absent without a limit",
    labels: ["provider"],
  },
  squall_queue_depth: { kind: "gauge", help: "Requests waiting for a place on an instance of the gateway", labels: [] },
  squall_replicas: {
    kind: "gauge",
    help: "Replicas of the gateway: wished, starting, ready, draining",
    labels: ["state"],
  },
};

/** Upper bounds in seconds of a histogram's buckets, the last one without an end left out. */
export type Bounds = Readonly<Record<HistogramName, readonly number[]>>;

/**
 * Bounds close enough that a percentile read off them is within a quarter of the truth, with every threshold of the default
 * alerts (2, 5 and 10 s) among them, since a quantile is exact at a bound.
 */
const defaultBounds: Bounds = {
  squall_ttft_seconds: [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 60],
  squall_itl_seconds: [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1],
  squall_e2e_seconds: [0.25, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12.5, 15, 20, 30, 45, 60, 120],
};

/** The default bounds, and those at which service levels are measured: only there is a bucket the exact count. */
export function boundsFor(slos: readonly SloSpec[]): Bounds {
  const own = slos.flatMap(({ good }) => (good.kind === "within" ? [good] : []));
  const withOwn = (name: HistogramName): readonly number[] => {
    const added = own.filter(({ latency }) => histogramOf(latency) === name).map(({ limitMs }) => limitMs / secondMs);
    return [...new Set([...defaultBounds[name], ...added])].toSorted((left, right) => left - right);
  };
  return {
    squall_ttft_seconds: withOwn("squall_ttft_seconds"),
    squall_itl_seconds: withOwn("squall_itl_seconds"),
    squall_e2e_seconds: withOwn("squall_e2e_seconds"),
  };
}

export function histogramOf(latency: "ttft" | "itl" | "e2e"): HistogramName {
  return `squall_${latency}_seconds`;
}

/** Prometheus 3 rewrites `le="2"` to `le="2.0"` when it scrapes (its migration guide, "le and quantile label values"). */
export function boundForms(bound: number): readonly string[] {
  return Number.isInteger(bound) ? [String(bound), `${bound}.0`] : [String(bound)];
}

/** What one ended request adds to one series. */
export interface Observation {
  readonly name: CounterName | HistogramName;
  readonly labels: Labels;
  /** Added to a counter, in a histogram one more of this size. */
  readonly value: number;
}

/** Everything that a request adds when it ends. The one place that says what is counted, live and simulated. */
export function observationsOf(record: RequestRecord): readonly Observation[] {
  const { model, provider, tenant, outcome } = record;
  const labels = { model, provider, tenant };
  const counted: Observation[] = [
    { name: "squall_requests_total", labels: { outcome, ...labels }, value: 1 },
    { name: "squall_upstream_calls_total", labels, value: record.upstreamCalls },
    { name: "squall_tokens_total", labels: { direction: "input", ...labels }, value: record.inputTokens },
    { name: "squall_tokens_total", labels: { direction: "output", ...labels }, value: record.outputTokens },
    { name: "squall_cost_dollars_total", labels, value: toDollars(record.cost) },
  ];
  if (!isOk(record)) return counted;
  return [
    ...counted,
    ...lasted("squall_ttft_seconds", ttftMs(record)),
    ...lasted("squall_itl_seconds", itlMs(record)),
    ...lasted("squall_e2e_seconds", e2eMs(record)),
  ];

  function lasted(name: HistogramName, ms: Ms | undefined): readonly Observation[] {
    return ms === undefined ? [] : [{ name, labels: { model, provider }, value: ms / secondMs }];
  }
}

/** Who may ask whom; known before anything happens. */
export interface KnownLabels {
  readonly models: readonly { readonly model: string; readonly providers: readonly string[] }[];
  readonly tenants: readonly string[];
}

/**
 * Counters that start at zero before anything is counted. A counter that springs up at 30 hides its first growth from `rate`,
 * which would hide the first seconds of every outage (Prometheus' practice: initialize all series that may come).
 */
export function knownCounters({ models, tenants }: KnownLabels): readonly Observation[] {
  return models.flatMap(({ model, providers }) =>
    ["", ...providers].flatMap((provider) =>
      tenants.flatMap((tenant): readonly Observation[] => {
        const labels = { model, provider, tenant };
        const zero = (name: CounterName, more: Labels): Observation => ({
          name,
          labels: { ...more, ...labels },
          value: 0,
        });
        return [
          ...outcomes.map((outcome) => zero("squall_requests_total", { outcome })),
          zero("squall_upstream_calls_total", {}),
          zero("squall_tokens_total", { direction: "input" }),
          zero("squall_tokens_total", { direction: "output" }),
          zero("squall_cost_dollars_total", {}),
        ];
      }),
    ),
  );
}

/** The pairs of model and provider whose histograms start empty. */
export function knownLatencies({ models }: KnownLabels): readonly Labels[] {
  return models.flatMap(({ model, providers }) => providers.map((provider) => ({ model, provider })));
}
