/**
 * The metrics that a fleet offers its scaling policies, with their units: configs of every tool are translated to these.
 *
 * A platform that measures more offers more; a config may name any metric, and one that nobody offers is unavailable.
 */
import { formatCount } from "../../core/units.ts";

export const scalingMetrics: Readonly<Record<string, string>> = {
  cpu: "cores in use, per replica: the Kubernetes resource metric, judged against requests",
  memory: "bytes in use, per replica",
  cpu_utilization: "percent of a replica's CPU, per replica",
  memory_utilization: "percent of a replica's memory, per replica",
  concurrency: "requests in flight, those waiting for a replica included, in all",
  rps: "requests per second, in all",
  requests_per_second: "requests per second, in all",
  requests_per_minute: "requests per minute, in all",
  queue_depth: "requests or messages waiting, in all",
  tokens_per_minute: "prompt and answer tokens per minute, in all",
  token_usage_rate: "tokens per minute as a percentage of the provider's limit",
};

const percentages: ReadonlySet<string> = new Set(["cpu_utilization", "memory_utilization", "token_usage_rate"]);

/** A reading of a metric in words: `91 %` of what is measured in percent, `12.5k` of anything else. */
export function amountInWords(metric: string, value: number): string {
  return `${formatCount(value)}${percentages.has(metric) ? " %" : ""}`;
}

/** Names other tools have for these. */
const otherNames: Readonly<Record<string, string>> = {
  CPUUtilization: "cpu_utilization",
  ECSServiceAverageCPUUtilization: "cpu_utilization",
  "Percentage CPU": "cpu_utilization",
  CpuPercentage: "cpu_utilization",
  MemoryUtilization: "memory_utilization",
  ECSServiceAverageMemoryUtilization: "memory_utilization",
  MemoryPercentage: "memory_utilization",
  ALBRequestCountPerTarget: "requests_per_minute",
  RequestCountPerTarget: "requests_per_minute",
  ApproximateNumberOfMessagesVisible: "queue_depth",
  HttpQueueLength: "queue_depth",
  request_queue_depth: "queue_depth",
  http_requests_per_second: "requests_per_second",
  tokens_per_minute_utilization: "token_usage_rate",
};

/** Our name of a metric; a name nobody knows stays as it is. */
export function scalingMetricName(name: string): string {
  return otherNames[name] ?? name;
}

/**
 * Where a fleet offers the same thing measured on each replica, which is what the HPA asks for as a metric of type Pods:
 * requests that each was given, and requests in flight on each.
 */
export function perReplicaMetric(name: string): string {
  return `pods/${scalingMetricName(name)}`;
}
