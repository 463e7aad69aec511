/**
 * What can be said about a scaling config before anything runs.
 *
 * The four static rules (operating-world notes: minimum below 2, no maximum, short scale-down delay, CPU alone), and the
 * flapping pre-check: after s of n replicas are gone the rest carry n x t_in / (n - s) each; where that is not below t_out
 * for some n, the scale-in calls the scale-out that undoes it. Azure's engine forecasts the same before it scales in.
 */
import { formatDuration, minuteMs } from "../../../core/time.ts";
import { type LoadedScaling, type ThresholdPair, unlimitedReplicas } from "./loaded.ts";

export interface ScalingWarning {
  readonly code: "no-high-availability" | "no-maximum" | "short-scale-down-delay" | "cpu-alone" | "may-flap";
  readonly message: string;
}

/** The customary delay, and the stabilization window of an HPA that names none. */
const scaleDownDelayAdvisedMs = 5 * minuteMs;

export function scalingWarnings(config: LoadedScaling): readonly ScalingWarning[] {
  const warnings: ScalingWarning[] = [];
  if (config.minReplicas < 2) {
    const message = `minimum ${config.minReplicas}: one lost replica is an outage; 2 keeps one serving`;
    warnings.push({ code: "no-high-availability", message });
  }
  if (config.maxReplicas === undefined) {
    warnings.push({ code: "no-maximum", message: "no maximum: a runaway metric becomes a runaway bill" });
  }
  if (config.scaleDownDelayMs !== undefined && config.scaleDownDelayMs < scaleDownDelayAdvisedMs) {
    const message = `scales down after ${formatDuration(config.scaleDownDelayMs)}; below ${formatDuration(scaleDownDelayAdvisedMs)} short dips cost replicas that are needed again`;
    warnings.push({ code: "short-scale-down-delay", message });
  }
  if (config.metrics.length > 0 && config.metrics.every((metric) => /(^|\/)cpu(_utilization)?$/.test(metric))) {
    const message = "scales on CPU alone: a gateway waits for its provider, so CPU lags behind tokens and queues";
    warnings.push({ code: "cpu-alone", message });
  }
  for (const pair of config.thresholds) {
    const first = flappingCounts(pair, config.minReplicas, config.maxReplicas)[0];
    if (first === undefined) continue;
    const after = (first * pair.scaleInAt) / (first - pair.scaleInStep);
    const message = `${pair.metric}: at ${first} replicas, taking ${pair.scaleInStep} away at ${pair.scaleInAt} leaves ${Number(after.toFixed(1))} each, which scales out again at ${pair.scaleOutAt}`;
    warnings.push({ code: "may-flap", message });
  }
  return warnings;
}

/** Every n between minimum and maximum at which n x t_in / (n - s) < t_out does not hold. */
export function flappingCounts(
  { scaleInAt, scaleInStep, scaleOutAt }: ThresholdPair,
  minReplicas: number,
  maxReplicas: number | undefined,
): readonly number[] {
  const counts: number[] = [];
  for (let n = Math.max(1, minReplicas) + scaleInStep; n <= (maxReplicas ?? unlimitedReplicas); n += 1) {
    // The left side falls with n: once it holds, it holds for all larger fleets.
    if ((n * scaleInAt) / (n - scaleInStep) < scaleOutAt) break;
    counts.push(n);
  }
  return counts;
}
