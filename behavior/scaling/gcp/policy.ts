/**
 * Google Compute Engine managed instance groups: the size that the peak of the last ten minutes needed.
 *
 * Rules from cloud.google.com (autoscaler, scale-in controls) and the Compute API (AutoscalingPolicy): the recommended size
 * is the largest that any signal asks for, rounded up; the group keeps the highest recommendation of the stabilization
 * period; a scale-in control keeps it within a number or share of the peak of its own trailing window. Instances inside
 * the initialization period are not measured.
 */
import { invariant } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import { amountInWords } from "../metric-names.ts";
import { type Replica, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { keepRecent, type Sample, type Signal, signalInWords, signalValue } from "../signal.ts";

export interface GcpSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly signals: readonly GcpSignal[];
  /** `coolDownPeriodSec`: how long a new instance's samples are ignored. */
  readonly initializationMs: Ms;
  readonly scaleInControl?: GcpScaleInControl;
}

export interface GcpSignal {
  /** `average`: utilization per instance. `sum`: a group metric of which each instance takes its part. */
  readonly signal: Signal & { readonly statistic: "average" | "sum" };
  /** Per instance. */
  readonly target: number;
}

export interface GcpScaleInControl {
  readonly maxScaledIn: { readonly fixed: number } | { readonly percent: number };
  readonly windowMs: Ms;
}

export const gcpDefaults = { syncMs: 60_000, stabilizationMs: 600_000, initializationMs: 60_000 } as const;

export function gcpPolicy(spec: GcpSpec): ScalingPolicy {
  invariant(spec.signals.length > 0, "a managed instance group scales on at least one signal");
  const windowMs = Math.max(gcpDefaults.stabilizationMs, spec.scaleInControl?.windowMs ?? 0);
  let recommended: readonly Sample[] = [];
  return {
    describe: `GCP MIG ${spec.signals.map(({ signal }) => signalInWords(signal)).join(", ")}, ${spec.minReplicas}..${spec.maxReplicas}`,
    syncMs: gcpDefaults.syncMs,
    decide: (observation) => {
      const { nowMs, replicas } = observation;
      const wish = recommend(spec, observation);
      if (wish === undefined) return { replicas, reason: `GCP: nothing measured, stays at ${replicas}` };
      recommended = keepRecent(recommended, { atMs: nowMs, value: wish.size }, windowMs);
      const stabilized = Math.max(
        peak(recommended, nowMs, gcpDefaults.stabilizationMs),
        lowestAllowed(spec, recommended, nowMs),
      );
      const size = Math.min(spec.maxReplicas, Math.max(spec.minReplicas, stabilized));
      const held = stabilized > wish.size ? `, held at the peak's ${stabilized} instead of ${wish.size}` : "";
      const limited = size === stabilized ? "" : `, limited to ${size}`;
      return { replicas: size, reason: `GCP: ${wish.words}, ${stepInWords(replicas, size)}${held}${limited}` };
    },
  };
}

function recommend(
  spec: GcpSpec,
  observation: ScalingObservation,
): { readonly size: number; readonly words: string } | undefined {
  const isInitialized = ({ deleting, startedAtMs }: Replica): boolean =>
    !deleting && startedAtMs !== undefined && observation.nowMs - startedAtMs >= spec.initializationMs;
  const serving = observation.fleet.filter(isInitialized).length;
  const wishes = spec.signals.flatMap(({ signal, target }) => {
    const value = signalValue(signal, observation, isInitialized);
    if (value === undefined) return [];
    const total = signal.statistic === "average" ? value * serving : value;
    const words = `${signalInWords(signal)} ${amountInWords(signal.metric, value)} of target ${amountInWords(signal.metric, target)}`;
    return [{ size: Math.ceil(total / target), words }];
  });
  return wishes.toSorted((one, other) => other.size - one.size)[0];
}

function peak(recommended: readonly Sample[], nowMs: Ms, windowMs: Ms): number {
  return Math.max(...recommended.filter(({ atMs }) => atMs > nowMs - windowMs).map(({ value }) => value));
}

/** Rounded so that no more than the allowed share goes. */
function lowestAllowed({ scaleInControl }: GcpSpec, recommended: readonly Sample[], nowMs: Ms): number {
  if (scaleInControl === undefined) return 0;
  const highest = peak(recommended, nowMs, scaleInControl.windowMs);
  const { maxScaledIn } = scaleInControl;
  return highest - ("fixed" in maxScaledIn ? maxScaledIn.fixed : Math.floor((highest * maxScaledIn.percent) / 100));
}
