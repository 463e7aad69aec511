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
import { itlMs, ttftMs, type RequestRecord } from "../core/record.ts";
import { secondMs } from "../core/time.ts";

/** Label values of a limit and what is left of it. */
export interface RemainingQuota {
  readonly provider: string;
  /** Masked. */
  readonly key: string;
  readonly model: string;
  readonly quota: QuotaSnapshot;
}

/** Read only when somebody looks. */
export interface MetricSources {
  readonly remaining: () => readonly RemainingQuota[];
  readonly inFlight: () => readonly { readonly provider: string; readonly calls: number }[];
  readonly waitingJobs: () => number;
}

export interface MockMetrics {
  /** Counts a call that has ended. `model` is a configured model or "unknown", so that clients cannot invent label values. */
  readonly callEnded: (record: RequestRecord, model: string, served: boolean) => void;
  /** One content event left this much after its planned time, wall milliseconds. */
  readonly chunkSent: (lateMs: number) => void;
  readonly contentType: string;
  /** The exposition text. */
  readonly text: () => Promise<string>;
}

/** Upper bounds in seconds. The conventions' own for durations end at 81.92 s; tokens come faster than their first bound. */
const answerSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokenSeconds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.5, 1];
const latenessSeconds = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 1];

const callLabels = ["gen_ai_provider_name", "gen_ai_request_model"] as const;

export function createMetrics(sources: MetricSources): MockMetrics {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Counter({
    name: "squall_mock_requests_total",
    help: "Calls that ended, by provider, model, HTTP status (0: no answer) and outcome",
    labelNames: [...callLabels, "http_response_status_code", "outcome"],
    registers,
  });
  const tokens = new Counter({
    name: "squall_mock_tokens_total",
    help: "Tokens by type: input (cached ones included), cached, output, and the wasted part of output",
    labelNames: [...callLabels, "gen_ai_token_type"],
    registers,
  });
  const cost = new Counter({
    name: "squall_mock_cost_dollars_total",
    help: "What the provider charges for the calls that ended",
    labelNames: callLabels,
    registers,
  });
  const duration = answerHistogram("gen_ai_server_request_duration_seconds", "From arrival to the last byte, scenario time", registers);
  const firstToken = answerHistogram("gen_ai_server_time_to_first_token_seconds", "From arrival to the first content event, scenario time", registers);
  const perToken = new Histogram({
    name: "gen_ai_server_time_per_output_token_seconds",
    help: "Mean time between output tokens of one streamed answer, scenario time",
    labelNames: callLabels,
    buckets: tokenSeconds,
    registers,
  });
  const lateness = new Histogram({
    name: "squall_mock_stream_lateness_seconds",
    help: "How long after its planned time a content event left, wall time",
    buckets: latenessSeconds,
    registers,
  });
  registerGauges(sources, registers);
  return {
    callEnded: (record, model, served) => {
      const labels = { gen_ai_provider_name: record.provider, gen_ai_request_model: model };
      requests.inc({ ...labels, http_response_status_code: record.status, outcome: record.outcome });
      duration.observe(labels, (record.endMs - record.intendedMs) / secondMs);
      if (!served) return;
      tokens.inc({ ...labels, gen_ai_token_type: "input" }, record.inputTokens);
      tokens.inc({ ...labels, gen_ai_token_type: "output" }, record.outputTokens);
      if (record.cachedTokens > 0) tokens.inc({ ...labels, gen_ai_token_type: "cached" }, record.cachedTokens);
      if (record.wastedTokens > 0) tokens.inc({ ...labels, gen_ai_token_type: "wasted" }, record.wastedTokens);
      cost.inc(labels, toDollars(record.cost));
      const firstMs = ttftMs(record);
      if (record.stream && firstMs !== undefined) firstToken.observe(labels, firstMs / secondMs);
      const gapMs = itlMs(record);
      if (gapMs !== undefined) perToken.observe(labels, gapMs / secondMs);
    },
    chunkSent: (lateMs) => lateness.observe(lateMs / secondMs),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

function answerHistogram(name: string, help: string, registers: Registry[]): Histogram<(typeof callLabels)[number]> {
  return new Histogram({ name, help, labelNames: callLabels, buckets: answerSeconds, registers });
}

function registerGauges(sources: MetricSources, registers: Registry[]): void {
  const collected = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void => {
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers, collect: () => collect(gauge) });
  };
  const dimension = "dimension";
  const limitLabels = ["gen_ai_provider_name", "key", "gen_ai_request_model", dimension];
  const quotas = (part: "limit" | "remaining") => (gauge: Gauge) => {
    gauge.reset();
    for (const { provider, key, model, quota } of sources.remaining()) {
      const labels = { gen_ai_provider_name: provider, key, gen_ai_request_model: model };
      if (quota.requests !== undefined) gauge.set({ ...labels, [dimension]: "requests" }, quota.requests[part]);
      if (quota.tokens !== undefined) gauge.set({ ...labels, [dimension]: "tokens" }, quota.tokens[part]);
    }
  };
  collected("squall_mock_ratelimit_limit", "Limit per minute as the headers say it", limitLabels, quotas("limit"));
  collected("squall_mock_ratelimit_remaining", "What is left of the limit now", limitLabels, quotas("remaining"));
  collected("squall_mock_requests_in_flight", "Served calls that have not ended", ["gen_ai_provider_name"], (gauge) => {
    for (const { provider, calls } of sources.inFlight()) gauge.set({ gen_ai_provider_name: provider }, calls);
  });
  collected("squall_mock_answers_waiting", "Answers and streams that wait for their time", [], (gauge) => {
    gauge.set(sources.waitingJobs());
  });
}
