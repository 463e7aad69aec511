/** How good a scenario's alerts are: incidents are simulated once, and laid on months of simulated time. */
import { type AlertQuality, alertQuality } from "../../analyzers/alerts/alert-quality.ts";
import { healthyStage, stagedIncidents } from "../../analyzers/alerts/incidents.ts";
import { type StagedMinutes, type TimeOfDay, watchLong } from "../../analyzers/alerts/long-watch.ts";
import { type LimitProposal, limitProposals } from "../../analyzers/alerts/proposals.ts";
import { scrapesOf } from "../../analyzers/alerts/run-scrapes.ts";
import { phaseSpan } from "../../analyzers/phases.ts";
import { badMinutes } from "../../analyzers/slo/bad-minutes.ts";
import { invariant } from "../../core/invariant.ts";
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import { dayMs, hourMs, minuteMs, type Ms } from "../../core/time.ts";
import { scenarioAtLoad } from "../../simulator/sweep/load-factor.ts";
import type { ScalingInput } from "../scaling-input.ts";
import type { ScenarioInput } from "../scenario-input.ts";
import { simulateScenario } from "../simulated-run.ts";

export interface AlertAnalysis {
  readonly lengthMs: Ms;
  readonly quality: AlertQuality;
  readonly proposals: readonly LimitProposal[];
}

export interface AlertAnalysisChoices {
  readonly lengthMs: Ms;
  /** Mean distance of two incidents. */
  readonly everyMs: Ms;
  readonly scaling: ScalingInput | undefined;
  /** Traffic at night, as a part of the scenario's own, which is that of the day; undefined: day and night are alike. */
  readonly night?: number | undefined;
}

/** Times of day that are told apart, from the least traffic to the most. */
const timesOfDay = 4;
/** Hour of the most traffic, as `daily` has it in a scenario. */
const peakMs: Ms = 14 * hourMs;

export function analyzeAlerts(input: ScenarioInput, alerts: AlertsSpec, choices: AlertAnalysisChoices): AlertAnalysis {
  const { lengthMs, everyMs, night } = choices;
  const shares =
    night === undefined
      ? [1]
      : Array.from({ length: timesOfDay }, (_, index) => night + ((1 - night) * index) / (timesOfDay - 1));
  const times = shares.map((share) => timeOfDay(input, share, choices));
  const day = times.at(-1);
  invariant(day !== undefined, "there is a time of day");
  const slos = input.scenario.slo ?? [];
  const at = (minute: number): TimeOfDay => times[levelAt(minute * minuteMs, times.length)] ?? day;
  const byTime = night === undefined ? {} : { byTime: { all: times, at } };
  const watched = watchLong({ ...day, ...byTime, alerts, slos, lengthMs, everyMs, seed: input.scenario.seed });
  return {
    lengthMs,
    quality: alertQuality(watched, lengthMs),
    proposals: limitProposals(
      alerts,
      times.map(({ healthy }) => healthy.scrapes),
      times.flatMap(({ incidents }) => incidents.map(({ scrapes }) => scrapes)),
    ),
  };
}

/** A wave a day, from 0 at its least to `levels` - 1 at its most. */
export function levelAt(atMs: Ms, levels: number): number {
  const wave = (1 + Math.cos((2 * Math.PI * (atMs - peakMs)) / dayMs)) / 2;
  return Math.round(wave * (levels - 1));
}

/** The healthy run and the incidents at a part of the scenario's traffic. */
function timeOfDay(input: ScenarioInput, share: number, { scaling }: AlertAnalysisChoices): TimeOfDay {
  const played = stagedIncidents(scenarioAtLoad(input.scenario, share))
    .filter(({ name, between }) => between !== undefined || name === healthyStage)
    .map(({ name, scenario, between }) => {
      const run = simulateScenario({ ...input, scenario }, { timeScale: 1, scaling, explain: true });
      const bad = new Set(badMinutes(run, scenario).map((atMs) => Math.floor(atMs / minuteMs)));
      const startMs = phaseSpan(run, "load")?.startMs ?? 0;
      return {
        name,
        between,
        startMs,
        isBad: (minute: number): boolean => bad.has(minute),
        scrapes: [...scrapesOf(run, scenario, minuteMs)],
      };
    });
  const healthy = played.find(({ name }) => name === healthyStage);
  invariant(healthy !== undefined, "the healthy run is among those staged");
  const incidents = played.flatMap(({ between, startMs, ...minutes }): readonly StagedMinutes[] => {
    if (between === undefined) return [];
    const [begins, ends] = between.map((atMs) => Math.floor((startMs + atMs) / minuteMs));
    return begins === undefined || ends === undefined ? [] : [{ ...minutes, begins, ends }];
  });
  return { healthy, incidents };
}
