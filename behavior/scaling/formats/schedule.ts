/**
 * Scaling by the clock, as teams write it: bounds per period of the week, or reserved units with a buffer of on-demand ones.
 *
 *     scheduled_scaling:
 *       starts: mon 00:00                      # when in the week a run starts
 *       periods:
 *         - { name: business hours, days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", min_instances: 8, max_instances: 20 }
 *       otherwise: { min_instances: 2, max_instances: 4 }
 *
 *     capacity_reservations:
 *       periods:
 *         - { name: peak, days: [mon], from: "09:00", to: "11:00", reserved_units: 16, on_demand_buffer_percent: 25 }
 *       otherwise: { reserved_units: 4 }
 */
import { minuteMs } from "../../../core/time.ts";
import { type Capacity, reservedCapacity, type SchedulePeriod, schedulePolicy } from "../schedule/policy.ts";
import type { FieldReader } from "./field-reader.ts";
import type { LoadedScaling } from "./loaded.ts";

type Loaded = Omit<LoadedScaling, "notes">;

type ReadCapacity = (period: FieldReader) => Capacity;

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export function loadScheduledScaling(document: FieldReader): Loaded {
  return loadSchedule(document.requiredPart("scheduled_scaling"), "schedule (scheduled_scaling)", (period) => {
    const minReplicas = period.requiredNumber("min_instances", 0);
    return { minReplicas, maxReplicas: period.number("max_instances", 1) ?? minReplicas };
  });
}

export function loadCapacityReservations(document: FieldReader): Loaded {
  const config = document.requiredPart("capacity_reservations");
  config.note(
    "capacity_reservations: reserved units and their on-demand buffer all run for the whole period (our reading)",
  );
  return loadSchedule(config, "reservations (capacity_reservations)", (period) => {
    const units = period.requiredNumber("reserved_units", 0);
    const replicas = reservedCapacity(units, period.number("on_demand_buffer_percent", 0) ?? 0);
    return { minReplicas: replicas, maxReplicas: replicas };
  });
}

function loadSchedule(config: FieldReader, format: string, capacityOf: ReadCapacity): Loaded {
  const startMinuteOfWeek = config.parsed("starts", "a day and a time such as mon 08:00", minuteOfWeek) ?? 0;
  const periods = config.list("periods").map((part) => periodOf(part, capacityOf));
  if (periods.length === 0) config.missing("periods", "a list of periods");
  const rest = config.requiredPart("otherwise");
  const otherwise = capacityOf(rest);
  rest.done();
  config.done();
  const capacities = [otherwise, ...periods.map(({ capacity }) => capacity)];
  const spec = { periods, otherwise, startMinuteOfWeek, syncMs: minuteMs };
  return {
    format,
    create: () => schedulePolicy(spec),
    minReplicas: Math.min(...capacities.map(({ minReplicas }) => minReplicas)),
    maxReplicas: Math.max(...capacities.map(({ maxReplicas }) => maxReplicas)),
    initialReplicas: undefined,
    scaleDownDelayMs: undefined,
    metrics: [],
    thresholds: [],
  };
}

function periodOf(part: FieldReader, capacityOf: ReadCapacity): SchedulePeriod {
  const written = part.texts("days");
  const unknown = written.filter((day) => !isDay(day));
  if (written.length === 0) part.missing("days", `a list of ${days.join(", ")}`);
  for (const day of unknown) part.problem("days", `has ${day}; allowed are ${days.join(", ")}`);
  const time = (key: string): number => {
    if (!part.has(key)) part.missing(key, "a time of day such as 08:00");
    return part.parsed(key, "a time of day such as 08:00", minuteOfDay) ?? 0;
  };
  const period = {
    name: part.requiredText("name"),
    days: written.filter(isDay).map((day) => days.indexOf(day)),
    fromMinute: time("from"),
    toMinute: time("to"),
    capacity: capacityOf(part),
  };
  part.done();
  return period;
}

function isDay(text: string): text is (typeof days)[number] {
  return days.some((day) => day === text);
}

function minuteOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  return Number(hours) <= 24 && Number(minutes) < 60 && minute <= 1_440 ? minute : undefined;
}

function minuteOfWeek(text: string): number | undefined {
  const [day = "", time = ""] = text.split(" ");
  const minute = minuteOfDay(time);
  return isDay(day) && minute !== undefined ? days.indexOf(day) * 1_440 + minute : undefined;
}
