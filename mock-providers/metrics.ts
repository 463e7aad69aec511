/**
 * What the mock tells Prometheus, in the words of OpenTelemetry's conventions for generative AI where they have one
 * (open-telemetry/semantic-conventions-genai: gen_ai.server.request.duration, .time_to_first_token, .time_per_output_token;
 * gen_ai.client.token.usage with gen_ai.token.type), dots and units written the Prometheus way.
 *
 * Durations of answers are scenario time, so that they compare with the plan at any time scale; the lateness of streams is
 * wall time, because it is about this process.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { QuotaSnapshot } from "../behavior/provider.ts";
import { toDollars } from "../core/money.ts";
import type { RequestRecord } from "../core/record.ts";
import { secondMs } from "../core/time.ts";
import { callLabels, type CallTally, CallTallies, Observations } from "./call-tally.ts";

export interface MockMetrics {
  /** Counts a call that has ended. `model` is a configured model or "unknown", so that clients cannot invent label values. */
  readonly callEnded: (record: RequestRecord, model: string, served: boolean) => void;
  /** One content event left this much after its planned time, wall milliseconds. */
  readonly chunkSent: (lateMs: number) => void;
  readonly contentType: string;
  /** The exposition text. */
  readonly text: () => Promise<string>;
}

/** Read only when somebody looks. */
export interface MetricSources {
  readonly remaining: () => readonly RemainingQuota[];
  readonly inFlight: () => readonly { readonly provider: string; readonly calls: number }[];
  readonly waitingJobs: () => number;
}

/** Limits as one key sees them for one model. */
export interface RemainingQuota {
  readonly provider: string;
  /** Masked. */
  readonly key: string;
  readonly model: string;
  readonly quota: QuotaSnapshot;
}

/** Upper bounds in seconds. The conventions' own for durations end at 81.92 s; tokens come faster than their first bound. */
const answerSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1];
const latenessSeconds = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 1];

export function createMetrics(sources: MetricSources): MockMetrics {
  const registry = new Registry();
  const tallies = callTallies([registry]);
  const lateness = latenessObservations([registry]);
  registerCounters(tallies, [registry]);
  registerGauges(sources, [registry]);
  return {
    callEnded: (record, model, served) => tallies.of(record.provider, model).count(record, served),
    chunkSent: (lateMs) => lateness.add(lateMs / secondMs),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function callTallies(registers: Registry[]): CallTallies {
  const histogram = (name: string, help: string, buckets: number[]): Histogram<(typeof callLabels)[number]> =>
    new Histogram({
      name,
      help: `${help}, scenario time`,
      labelNames: callLabels,
      buckets,
      registers,
      collect: () => {
        for (const tally of tallies.all()) tally.flush();
      },
    });
  const tallies: CallTallies = new CallTallies({
    duration: histogram("gen_ai_server_request_duration_seconds", "From arrival to the last byte", answerSeconds),
    firstToken: histogram(
      "gen_ai_server_time_to_first_token_seconds",
      "From arrival to the first content event",
      answerSeconds,
    ),
    perToken: histogram(
      "gen_ai_server_time_per_output_token_seconds",
      "Mean gap of a streamed answer's tokens",
      tokenSeconds,
    ),
  });
  return tallies;
}

function latenessObservations(registers: Registry[]): Observations {
  const observations: Observations = new Observations(
    new Histogram({
      name: "squall_mock_stream_lateness_seconds",
      help: "How long after its planned time a content event left, wall time",
      buckets: latenessSeconds,
      registers,
      collect: () => observations.flush(),
    }),
    {},
  );
  return observations;
}

/** One line of a counter. */
interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function registerCounters(tallies: CallTallies, registers: Registry[]): void {
  const counted = (
    name: string,
    help: string,
    more: readonly string[],
    read: (tally: CallTally) => readonly Counted[],
  ): void => {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [...callLabels, ...more],
      registers,
      collect: () => {
        counter.reset();
        for (const tally of tallies.all()) {
          for (const { labels, value } of read(tally)) counter.inc({ ...tally.labels, ...labels }, value);
        }
      },
    });
  };
  const resultLabels = ["http_response_status_code", "outcome"];
  counted(
    "squall_mock_requests_total",
    "Calls that ended, by HTTP status (0: no answer) and outcome",
    resultLabels,
    (tally) =>
      [...tally.calls].flatMap(([status, byOutcome]) =>
        [...byOutcome].map(([outcome, value]) => ({
          labels: { http_response_status_code: String(status), outcome },
          value,
        })),
      ),
  );
  const one = (value: number): readonly Counted[] => [{ labels: {}, value }];
  counted("squall_mock_tokens_total", "Tokens of served calls", ["gen_ai_token_type"], ({ tokens }) => [
    { labels: { gen_ai_token_type: "input" }, value: tokens.input },
    { labels: { gen_ai_token_type: "output" }, value: tokens.output },
  ]);
  counted("squall_mock_cached_tokens_total", "Input tokens that were read from a cache", [], ({ tokens }) =>
    one(tokens.cached),
  );
  counted("squall_mock_wasted_tokens_total", "Output tokens that nobody received", [], ({ tokens }) =>
    one(tokens.wasted),
  );
  counted("squall_mock_cost_dollars_total", "What the provider charges for the calls that ended", [], (tally) => [
    { labels: {}, value: toDollars(tally.cost) },
  ]);
}

function registerGauges(sources: MetricSources, registers: Registry[]): void {
  const collected = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void => {
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers, collect: () => collect(gauge) });
  };
  const limitLabels = ["gen_ai_provider_name", "key", "gen_ai_request_model", "dimension"];
  const quotas = (part: "limit" | "remaining") => (gauge: Gauge) => {
    gauge.reset();
    for (const { provider, key, model, quota } of sources.remaining()) {
      const labels = { gen_ai_provider_name: provider, key, gen_ai_request_model: model };
      if (quota.requests !== undefined) gauge.set({ ...labels, dimension: "requests" }, quota.requests[part]);
      if (quota.tokens !== undefined) gauge.set({ ...labels, dimension: "tokens" }, quota.tokens[part]);
    }
  };
  collected("squall_mock_ratelimit_limit", "The limit as the headers say it", limitLabels, quotas("limit"));
  collected("squall_mock_ratelimit_remaining", "What is left of the limit now", limitLabels, quotas("remaining"));
  collected("squall_mock_requests_in_flight", "Served calls that have not ended", ["gen_ai_provider_name"], (gauge) => {
    gauge.reset();
    for (const { provider, calls } of sources.inFlight()) gauge.set({ gen_ai_provider_name: provider }, calls);
  });
  collected("squall_mock_answers_waiting", "Answers and streams that wait for their time", [], (gauge) => {
    gauge.set(sources.waitingJobs());
  });
}
