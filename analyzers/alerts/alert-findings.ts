/** What alerts did in a run: which fired, when, and how long before or after users were served badly. */
import type { Finding } from "../../core/finding.ts";
import type { Run } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import { phaseSpan } from "../phases.ts";
import { badMinutes } from "../slo/bad-minutes.ts";

/** One time that an alert fired; it may have fired for several sets of labels at once. */
export interface AlertEpisode {
  readonly alert: string;
  readonly fromMs: Ms;
  /** undefined: it fired when the run ended. */
  readonly untilMs: Ms | undefined;
}

/** The event kinds of alerts. */
export const alertFires = "alert-fires";
export const alertEnds = "alert-ends";

/** Episodes in order of their beginning, read off the events of the run. */
export function alertEpisodes({ events }: Pick<Run, "events">): readonly AlertEpisode[] {
  const names = [...new Set(events.filter(({ kind }) => kind === alertFires).map(({ subject }) => subject))];
  return names.flatMap((alert) => episodesOf(alert, events)).toSorted((left, right) => left.fromMs - right.fromMs);
}

/** Overlapping ones, of several sets of labels, are one. */
function episodesOf(alert: string, events: Run["events"]): readonly AlertEpisode[] {
  const episodes: AlertEpisode[] = [];
  let firing = 0;
  let fromMs = 0;
  for (const { kind, subject, atMs } of events) {
    if (subject !== alert || (kind !== alertFires && kind !== alertEnds)) continue;
    if (kind === alertFires && firing === 0) fromMs = atMs;
    firing += kind === alertFires ? 1 : -1;
    if (firing === 0) episodes.push({ alert, fromMs, untilMs: atMs });
  }
  return firing === 0 ? episodes : [...episodes, { alert, fromMs, untilMs: undefined }];
}

/** A finding for each alert that fired, and one that says what no alert told. Nothing without alerts. */
export function alertFindings(run: Run, scenario: Scenario): readonly Finding[] {
  if (scenario.alerts === undefined) return [];
  const episodes = alertEpisodes(run);
  const loadStartMs = phaseSpan(run, "load")?.startMs ?? 0;
  const firstBadMs = badMinutes(run, scenario)[0];
  const byAlert = Map.groupBy(episodes, ({ alert }) => alert);
  const fired = [...byAlert].flatMap(([alert, [first, ...more]]): readonly Finding[] => {
    if (first === undefined) return [];
    const times = more.length === 0 ? "" : `; ${plural(more.length + 1, "time")} in all`;
    return [
      {
        analyzer: "alerts",
        id: `alerts.${alert}`,
        title: `${alert} fires`,
        measured: first.fromMs - loadStartMs,
        unit: "ms",
        samples: more.length + 1,
        detail: `${lasted(first)}${times}; ${leadInWords(first.fromMs, firstBadMs)}`,
      },
    ];
  });
  return [...fired, ...silence(episodes, firstBadMs, loadStartMs)];
}

function lasted({ fromMs, untilMs }: AlertEpisode): string {
  return untilMs === undefined ? "until the end of the run" : `for ${formatDuration(untilMs - fromMs)}`;
}

function leadInWords(firesMs: Ms, firstBadMs: Ms | undefined): string {
  if (firstBadMs === undefined) return "no minute was worse than the objectives allow";
  const leadMs = firstBadMs - firesMs;
  if (leadMs === 0) return "as the first bad minute begins";
  return leadMs > 0
    ? `${formatDuration(leadMs)} before the first bad minute`
    : `${formatDuration(-leadMs)} after the first bad minute began`;
}

function silence(episodes: readonly AlertEpisode[], firstBadMs: Ms | undefined, loadStartMs: Ms): readonly Finding[] {
  if (episodes.length > 0) return [];
  const about = {
    analyzer: "alerts",
    id: "alerts.none",
    title: "Alerts that fire",
    measured: 0,
    unit: "count",
  } as const;
  if (firstBadMs === undefined) return [{ ...about, detail: "and no minute was worse than the objectives allow" }];
  const atMs = firstBadMs - loadStartMs;
  return [{ ...about, detail: `though users were served badly from ${formatDuration(atMs)} into the load on` }];
}
