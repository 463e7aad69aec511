/**
 * Scaling by the clock: capacity per period of the week, alone or as bounds around another policy.
 *
 * Blind to surprises, and right for known patterns. Periods may overlap: the highest minimum wins. Instants of a run count
 * from its start, so the schedule must be told which minute of the week that is.
 */
import { type Ms, minuteMs } from "../../../core/time.ts";
import { type ScalingPolicy, stepInWords } from "../policy.ts";

export interface ScheduleSpec {
  readonly periods: readonly SchedulePeriod[];
  /** Outside every period. */
  readonly otherwise: Capacity;
  /** Minute of the week at which the run starts; 0 is Monday 00:00. */
  readonly startMinuteOfWeek: number;
  /** Decides within the bounds; absent: the minimum is what runs. */
  readonly within?: ScalingPolicy;
  /** How often it looks at the clock when nobody decides within. */
  readonly syncMs: Ms;
}

export interface SchedulePeriod {
  readonly name: string;
  /** 0 is Monday. */
  readonly days: readonly number[];
  /** Of the day; a period that ends at or before it starts runs over midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly capacity: Capacity;
}

export interface Capacity {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

const dayMinutes = 1_440;
const weekMinutes = 7 * dayMinutes;

/** Reserved units and a buffer of on-demand ones, rounded up: `8 + 25 %` is 10. */
export function reservedCapacity(reservedUnits: number, bufferPercent: number): number {
  return Math.ceil((reservedUnits * (100 + bufferPercent)) / 100);
}

export function schedulePolicy(spec: ScheduleSpec): ScalingPolicy {
  return {
    describe: `schedule of ${spec.periods.length} periods${spec.within === undefined ? "" : ` around ${spec.within.describe}`}`,
    syncMs: spec.within?.syncMs ?? spec.syncMs,
    decide: (observation) => {
      const { name, capacity } = capacityAt(spec, observation.nowMs);
      const inner = spec.within?.decide(observation) ?? { replicas: capacity.minReplicas, reason: "minimum" };
      const replicas = Math.min(capacity.maxReplicas, Math.max(capacity.minReplicas, inner.replicas));
      const step = stepInWords(observation.replicas, replicas);
      const bounds = `${name} ${capacity.minReplicas}..${capacity.maxReplicas}`;
      return {
        replicas,
        reason: `schedule: ${bounds}, ${step}${spec.within === undefined ? "" : ` (${inner.reason})`}`,
      };
    },
  };
}

/** The period with the highest minimum among those that hold at that instant. */
export function capacityAt(spec: ScheduleSpec, nowMs: Ms): { readonly name: string; readonly capacity: Capacity } {
  const minute = (spec.startMinuteOfWeek + Math.floor(nowMs / minuteMs)) % weekMinutes;
  const holding = spec.periods.filter((period) => holds(period, minute));
  const highest = holding.toSorted((one, other) => other.capacity.minReplicas - one.capacity.minReplicas)[0];
  return highest ?? { name: "otherwise", capacity: spec.otherwise };
}

function holds({ days, fromMinute, toMinute }: SchedulePeriod, minuteOfWeek: number): boolean {
  const lengthMinutes = toMinute > fromMinute ? toMinute - fromMinute : toMinute + dayMinutes - fromMinute;
  return days.some((day) => {
    const sinceStart = (minuteOfWeek - (day * dayMinutes + fromMinute) + weekMinutes) % weekMinutes;
    return sinceStart < lengthMinutes;
  });
}
