/** KEDA vectors (upstream v2.21.0, the scale executor): their form, and what the port answers in the same form. */
import { pollOnce, type KedaExecutorSpec } from "../../behavior/scaling/keda/executor.ts";
import type { Comparison } from "./hpa-vectors.ts";

export interface KedaSequenceVector {
  readonly id: string;
  readonly scaledObjectCreatedAtSeconds: number;
  readonly initialLastActiveTimeAtSeconds: number | null;
  readonly config: {
    readonly minReplicaCount: number | null;
    readonly maxReplicaCount: number | null;
    readonly idleReplicaCount: number | null;
    readonly cooldownPeriodSeconds: number | null;
    readonly initialCooldownPeriodSeconds: number | null;
    readonly fallbackReplicas: number | null;
    readonly paused?: boolean;
    readonly pauseScaleIn?: boolean;
    readonly pauseScaleOut?: boolean;
    readonly forceActivation?: boolean;
  };
  readonly ticks: readonly {
    readonly atSeconds: number;
    readonly isActive: boolean;
    readonly isError: boolean;
    readonly currentReplicas: number;
    readonly expect: Readonly<Record<string, unknown>>;
  }[];
}

/** Adding 0 makes the files' -0 a plain 0. */
const ms = (seconds: number): number => Math.round(seconds * 1_000) + 0;

/** Plays one ScaledObject poll by poll; its last active time is carried from poll to poll by the port alone. */
export function* compareKedaSequence(vector: KedaSequenceVector): Generator<Comparison> {
  const spec = specOf(vector.config);
  const initial = vector.initialLastActiveTimeAtSeconds;
  let lastActiveMs = initial === null ? undefined : ms(initial);
  for (const tick of vector.ticks) {
    const answer = pollOnce(spec, {
      nowMs: ms(tick.atSeconds),
      createdAtMs: ms(vector.scaledObjectCreatedAtSeconds),
      isActive: tick.isActive,
      isError: tick.isError,
      currentReplicas: tick.currentReplicas,
      lastActiveMs,
    });
    ({ lastActiveMs } = answer);
    const actual = {
      replicas: answer.write ?? tick.currentReplicas,
      wroteScale: answer.write !== undefined,
      ...(answer.active === undefined ? {} : { activeCondition: answer.active }),
      readyCondition: answer.ready,
      lastActiveTimeAtSeconds: lastActiveMs === undefined ? null : lastActiveMs / 1_000,
    };
    const lastActive = tick.expect["lastActiveTimeAtSeconds"];
    const expected = { ...tick.expect, lastActiveTimeAtSeconds: lastActive === 0 ? 0 : lastActive };
    yield { where: `${vector.id} at ${tick.atSeconds} s`, expected, actual };
  }
}

function specOf(config: KedaSequenceVector["config"]): KedaExecutorSpec {
  const { paused = false, pauseScaleIn = false, pauseScaleOut = false, forceActivation = false } = config;
  const { fallbackReplicas } = config;
  return {
    ...given("minReplicaCount", config.minReplicaCount),
    ...given("maxReplicaCount", config.maxReplicaCount),
    ...given("idleReplicaCount", config.idleReplicaCount),
    ...given("cooldownPeriodSeconds", config.cooldownPeriodSeconds),
    ...given("initialCooldownPeriodSeconds", config.initialCooldownPeriodSeconds),
    ...(fallbackReplicas === null ? {} : { fallback: { failureThreshold: 3, replicas: fallbackReplicas } }),
    annotations: { paused, pauseScaleIn, pauseScaleOut, forceActivation },
  };
}

function given(name: string, value: number | null | undefined): Readonly<Record<string, number>> {
  return value === null || value === undefined ? {} : { [name]: value };
}
