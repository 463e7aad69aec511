/** How good a scenario's alerts are: incidents are simulated once, and laid on months of simulated time. */
import { type AlertQuality, alertQuality } from "../../analyzers/alerts/alert-quality.ts";
import { healthyStage, stagedIncidents } from "../../analyzers/alerts/incidents.ts";
import { type StagedMinutes, watchLong } from "../../analyzers/alerts/long-watch.ts";
import { type LimitProposal, limitProposals } from "../../analyzers/alerts/proposals.ts";
import { scrapesOf } from "../../analyzers/alerts/run-scrapes.ts";
import { phaseSpan } from "../../analyzers/phases.ts";
import { badMinutes } from "../../analyzers/slo/bad-minutes.ts";
import { invariant } from "../../core/invariant.ts";
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
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
}

export function analyzeAlerts(input: ScenarioInput, alerts: AlertsSpec, choices: AlertAnalysisChoices): AlertAnalysis {
  const { lengthMs, everyMs, scaling } = choices;
  const played = stagedIncidents(input.scenario)
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
  const slos = input.scenario.slo ?? [];
  const watched = watchLong({ healthy, incidents, alerts, slos, lengthMs, everyMs, seed: input.scenario.seed });
  return {
    lengthMs,
    quality: alertQuality(watched, lengthMs),
    proposals: limitProposals(
      alerts,
      healthy.scrapes,
      incidents.map(({ scrapes }) => scrapes),
    ),
  };
}
