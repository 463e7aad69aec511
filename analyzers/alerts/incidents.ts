/**
 * What alerts are tried on: a scenario's own happenings, and incidents that every gateway meets, played on that scenario's
 * traffic and providers.
 */
import type { FaultKind, FaultTarget } from "../../core/scenario/fault-spec.ts";
import type { Scenario, TimelineEntry } from "../../core/scenario/scenario.ts";
import { minuteMs, type Ms } from "../../core/time.ts";

export interface StagedIncident {
  /** `every provider is down from 10 m on for 10 m`. */
  readonly name: string;
  readonly scenario: Scenario;
  /** When in the load phase things are wrong; undefined where that is the scenario's own affair, or nothing is. */
  readonly between?: readonly [Ms, Ms];
}

/** Name of the one in which nothing is wrong. */
export const healthyStage = "nothing goes wrong";

/** How long an incident is played, and when in it things go wrong and right again. */
const stageMs: Ms = 30 * minuteMs;
const beginsMs: Ms = 10 * minuteMs;
const lastsMs: Ms = 10 * minuteMs;
/** A staged incident has no more requests than this on average; with more traffic it is shorter, all of it in proportion. */
const requestsMost = 100_000;
/** Factor of the surge: enough to bring a platform that was sized for the scenario to its knees. */
const surge = 5;

/** The scenario as it stands, then the others. */
export function stagedIncidents(scenario: Scenario): readonly StagedIncident[] {
  const stage = stageOf(scenario);
  const everywhere = (kind: FaultKind, share = 1): readonly TimelineEntry[] =>
    scenario.providers.map(({ name }) => ({
      atMs: beginsMs * stage.scale,
      forMs: lastsMs * stage.scale,
      fault: { provider: name, model: undefined, share, ...kind } satisfies FaultTarget & FaultKind,
    }));
  const between = [beginsMs * stage.scale, (beginsMs + lastsMs) * stage.scale] as const;
  const staged = (name: string, timeline: readonly TimelineEntry[]): StagedIncident => ({
    name,
    scenario: { ...stage.scenario, timeline },
    between,
  });
  return [
    { name: "the scenario as it is", scenario },
    { name: healthyStage, scenario: stage.scenario },
    staged("every provider is down", everywhere({ kind: "outage", how: "status", status: 503 })),
    staged("a tenth of all calls fail", everywhere({ kind: "error-rate", status: 500, retryAfterMs: undefined }, 0.1)),
    staged("every provider takes eight times as long", everywhere({ kind: "latency", factor: 8 })),
    ...surged(scenario, stage.scale),
  ];
}

/** The same people and providers at a steady rate, where nothing is planned to happen. */
function stageOf(scenario: Scenario): { readonly scenario: Scenario; readonly scale: number } {
  const { events: _events, ...quiet } = scenario;
  const { load } = scenario.traffic;
  if (load.kind !== "open") return { scenario: { ...quiet, timeline: [] }, scale: 1 };
  const perMs = meanRate(load.segments);
  const scale = Math.min(1, requestsMost / (perMs * stageMs));
  return { scenario: { ...quiet, timeline: [], traffic: steady(scenario, [[stageMs * scale, perMs]]) }, scale };
}

/** Several times the traffic for a while; only where the scenario says how many requests come. */
function surged(scenario: Scenario, scale: number): readonly StagedIncident[] {
  const { load } = scenario.traffic;
  if (load.kind !== "open") return [];
  const { events: _events, ...quiet } = scenario;
  const perMs = meanRate(load.segments);
  const traffic = steady(scenario, [
    [beginsMs * scale, perMs],
    [lastsMs * scale, perMs * surge],
    [lastsMs * scale, perMs],
  ]);
  const between = [beginsMs * scale, (beginsMs + lastsMs) * scale] as const;
  return [{ name: `${surge} times the traffic`, scenario: { ...quiet, timeline: [], traffic }, between }];
}

function steady({ traffic }: Scenario, parts: readonly (readonly [Ms, number])[]): Scenario["traffic"] {
  const { load } = traffic;
  if (load.kind !== "open") return traffic;
  const [first] = load.segments;
  if (first === undefined) return traffic;
  const segments = parts.map(([forMs, perMs]) => ({ ...first, forMs, fromPerMs: perMs, toPerMs: perMs }));
  return { ...traffic, load: { ...load, segments } };
}

function meanRate(
  segments: readonly { readonly forMs: Ms; readonly fromPerMs: number; readonly toPerMs: number }[],
): number {
  const lengthMs = segments.reduce((sum, { forMs }) => sum + forMs, 0);
  const arrivals = segments.reduce(
    (sum, { forMs, fromPerMs, toPerMs }) => sum + (forMs * (fromPerMs + toPerMs)) / 2,
    0,
  );
  return lengthMs === 0 ? 0 : arrivals / lengthMs;
}
