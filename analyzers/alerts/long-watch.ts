/**
 * Alerts over months, without simulating months: minutes of a healthy run and of staged incidents are laid end to end on a
 * long timeline, drawn from a seed, and go through the rules as if they had been scraped.
 *
 * Healthy minutes are drawn at random from the healthy run of that time of day; without `byTime` day and night have the same traffic. An
 * incident is its minutes in order, from when it begins to well after its end. Everything is measured once a minute, so times
 * are whole minutes.
 */
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import { invariant } from "../../core/invariant.ts";
import { type RandomStream, randomStream } from "../../core/random.ts";
import type { SloSpec } from "../../core/scenario/slo-schema.ts";
import { dayMs, minuteMs, type Ms } from "../../core/time.ts";
import type { AlertChange } from "./alert-state.ts";
import { createAlertWatch } from "./alert-watch.ts";
import { labelsKey, type Sample } from "./promql/series-store.ts";
import { ruleGroups } from "./rule-groups.ts";
import type { Scrape } from "./run-scrapes.ts";

/** A run scraped every minute, and which of its minutes were bad for users. */
export interface WatchedMinutes {
  readonly name: string;
  readonly scrapes: readonly Scrape[];
  /** By minute of the run. */
  readonly isBad: (minute: number) => boolean;
}

export interface StagedMinutes extends WatchedMinutes {
  /** Minute at which it begins, and the first one after it. */
  readonly begins: number;
  readonly ends: number;
}

/** What a time of day is made of. */
export interface TimeOfDay {
  readonly healthy: WatchedMinutes;
  /** At least one. */
  readonly incidents: readonly StagedMinutes[];
}

export interface LongWatch extends TimeOfDay {
  /** Where day and night differ: all times of day, with as many incidents each, in the same order, and which of them a minute is. */
  readonly byTime?: { readonly all: readonly TimeOfDay[]; readonly at: (minute: number) => TimeOfDay };
  readonly alerts: AlertsSpec;
  readonly slos: readonly SloSpec[];
  readonly lengthMs: Ms;
  /** Mean distance of two incidents. */
  readonly everyMs: Ms;
  readonly seed: number;
}

/** One incident on the timeline. */
export interface PlayedIncident {
  readonly name: string;
  readonly beginsMs: Ms;
  readonly endsMs: Ms;
  /** First minute that was bad for users; undefined: nobody noticed. */
  readonly firstBadMs: Ms | undefined;
}

export interface LongWatchResult {
  readonly incidents: readonly PlayedIncident[];
  readonly changes: readonly AlertChange[];
}

/** Nothing happens in the first days: every window is to be full of healthy traffic before anything is judged. */
const quietMs: Ms = 3 * dayMs;

export function watchLong(options: LongWatch): LongWatchResult {
  const { alerts, slos, lengthMs, seed } = options;
  const random = randomStream(seed).split("alerts");
  const planned = plannedIncidents(options, random.split("incidents"));
  const timeAt = options.byTime?.at ?? ((): TimeOfDay => options);
  const times = options.byTime?.all ?? [options];
  const layout = new Layout(times.flatMap(({ healthy, incidents }) => [healthy, ...incidents]));
  const changes: AlertChange[] = [];
  const spec: AlertsSpec = { ...alerts, scrapeMs: minuteMs, evaluateMs: minuteMs };
  const watch = createAlertWatch(ruleGroups(spec, slos), { onChange: (change) => changes.push(change) });
  const draw = random.split("minutes");
  let next = 0;
  for (let minute = 0; minute * minuteMs < lengthMs; minute++) {
    while ((planned[next]?.until ?? Number.POSITIVE_INFINITY) <= minute) next++;
    const incident = planned[next];
    if (incident !== undefined && minute >= incident.from) {
      layout.add(incident.source, incident.source.begins + (minute - incident.from));
    } else {
      const { healthy } = timeAt(minute);
      layout.add(healthy, 1 + Math.floor(draw.uniform() * (healthy.scrapes.length - 1)));
    }
    watch.scrape(minute * minuteMs, layout.samples());
  }
  return { changes, incidents: planned.map(playedOf) };
}

interface Planned {
  readonly source: StagedMinutes;
  /** Minutes of the timeline; `until` is when the last minute of its run has been played. */
  readonly from: number;
  readonly until: number;
}

function plannedIncidents(options: LongWatch, random: RandomStream): readonly Planned[] {
  const { lengthMs, everyMs, byTime } = options;
  const planned: Planned[] = [];
  let from = Math.round((quietMs + random.uniform() * everyMs) / minuteMs);
  for (;;) {
    const { incidents } = byTime?.at(from) ?? options;
    const source = incidents[planned.length % incidents.length];
    invariant(source !== undefined, "there is an incident to stage");
    const until = from + source.scrapes.length - source.begins;
    if (until * minuteMs >= lengthMs) return planned;
    planned.push({ source, from, until });
    // Half the mean distance at least, so that one incident is over, and its windows empty, before the next.
    from = until + Math.round((everyMs * (0.5 + random.uniform())) / minuteMs);
  }
}

function playedOf({ source, from }: Planned): PlayedIncident {
  const length = source.ends - source.begins;
  const bad = Array.from({ length: source.scrapes.length - source.begins }, (_, minute) => minute);
  const firstBad = bad.find((minute) => source.isBad(source.begins + minute));
  return {
    name: source.name,
    beginsMs: from * minuteMs,
    endsMs: (from + length) * minuteMs,
    firstBadMs: firstBad === undefined ? undefined : (from + firstBad) * minuteMs,
  };
}

/** Labels that rules tell apart; all others are added up, which changes no sum. */
const keptLabels: readonly string[] = ["outcome", "direction", "le", "state", "provider"];
const gauges: readonly string[] = ["squall_token_limit_utilization", "squall_queue_depth", "squall_replicas"];

/** All series of all sources, as they grow on the long timeline. */
class Layout {
  readonly #totals = new Map<string, { readonly name: string; readonly labels: Sample["labels"]; value: number }>();
  readonly #growth = new Map<WatchedMinutes, readonly ReadonlyMap<string, number>[]>();

  constructor(sources: readonly WatchedMinutes[]) {
    for (const source of sources) {
      const summed = source.scrapes.map(({ samples }) => this.#summed(samples));
      const minutes = summed.map((now, index) => growthOf(now, summed[index - 1]));
      this.#growth.set(source, minutes);
    }
  }

  /** One more minute passes as it did in this run. */
  add(source: WatchedMinutes, minute: number): void {
    for (const [key, grown] of this.#growth.get(source)?.[minute] ?? []) {
      const total = this.#totals.get(key);
      if (total !== undefined) total.value = gauges.includes(total.name) ? grown : total.value + grown;
    }
  }

  samples(): readonly Sample[] {
    return [...this.#totals.values()].map(({ name, labels, value }) => ({ name, labels, value }));
  }

  /** Adds up what differs in no label that counts, and remembers every series. */
  #summed(samples: readonly Sample[]): ReadonlyMap<string, number> {
    const sums = new Map<string, number>();
    for (const { name, labels: all, value } of samples) {
      const isGauge = gauges.includes(name);
      const kept = Object.entries(all).filter(
        ([label]) => keptLabels.includes(label) && (isGauge || label !== "provider"),
      );
      const labels = Object.fromEntries(kept);
      const key = `${name}${labelsKey(labels)}`;
      sums.set(key, (sums.get(key) ?? 0) + value);
      if (!this.#totals.has(key)) this.#totals.set(key, { name, labels, value: 0 });
    }
    return sums;
  }
}

/** Counters by how much they grew since the minute before, gauges as they are. */
function growthOf(
  now: ReadonlyMap<string, number>,
  before: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, number> {
  return new Map(
    [...now].map(([key, value]) => {
      const isGauge = gauges.some((name) => key.startsWith(name));
      return [key, isGauge ? value : value - (before?.get(key) ?? 0)];
    }),
  );
}
