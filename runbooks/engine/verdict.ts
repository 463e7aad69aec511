/**
 * What a drill is worth: passed when it ran to its end, every target was met, every expected alert fired in time, and the world is as
 * it was. A target whose measure there is none of leaves it inconclusive: a drill does not pass because nothing was measured. For the
 * same reason a tabletop has a verdict of its own.
 */
import { formatDuration, type Ms } from "../../core/time.ts";
import type { DrillResult } from "./execute.ts";
import type { DrillMeasures } from "./measures.ts";
import type { Targets } from "./runbook.ts";

export interface DrillVerdict {
  /** `tabletop`: talked through to its end, and nothing of the response measured. */
  readonly verdict: "pass" | "fail" | "inconclusive" | "interrupted" | "tabletop";
  /** One sentence each; of a pass or a tabletop, none. */
  readonly reasons: readonly string[];
  readonly targets: readonly TargetResult[];
}

export interface TargetResult {
  /** `Time to detect`. */
  readonly name: string;
  /** What it is counted from and to. */
  readonly about: string;
  readonly targetMs: Ms | undefined;
  /** undefined: it did not happen. */
  readonly valueMs: Ms | undefined;
  /** undefined where there is no target. */
  readonly judgement: "pass" | "fail" | "inconclusive" | undefined;
}

export function judgeDrill(result: DrillResult, measures: DrillMeasures, targets: Targets): DrillVerdict {
  const rows = targetResults(measures, targets);
  const failures = [
    ...(result.status === "completed" || result.status === "interrupted" ? [] : [result.why]),
    ...rows.flatMap(({ name, targetMs, valueMs, judgement }) =>
      judgement === "fail" ? [`${name} was ${inWords(valueMs)}; the target is ${inWords(targetMs)}`] : [],
    ),
    ...measures.expected.flatMap(({ alert, withinMs, firedAfterMs, met }) => {
      if (met) return [];
      const fired = firedAfterMs === undefined ? "never fired" : `fired after ${formatDuration(firedAfterMs)}`;
      return [`${alert} ${fired}; expected within ${formatDuration(withinMs)}`];
    }),
    ...measures.falsePages.map((alert) => `${alert} fired while nothing was wrong`),
    ...result.notRestored.map((what) => `not taken back: ${what}`),
  ];
  if (result.status === "interrupted") return { verdict: "interrupted", reasons: [result.why], targets: rows };
  if (failures.length > 0) return { verdict: "fail", reasons: failures, targets: rows };
  const unknown = rows.filter(({ judgement }) => judgement === "inconclusive");
  const reasons = unknown.map(
    ({ name, targetMs }) => `${name} has a target of ${inWords(targetMs)}, and nothing was measured`,
  );
  return { verdict: unknown.length > 0 ? "inconclusive" : "pass", reasons, targets: rows };
}

/** Of a tabletop: nothing was done, so nothing passes, and only what stopped the talk fails. */
export function judgeTabletop({ status, why }: DrillResult): DrillVerdict {
  if (status === "completed") return { verdict: "tabletop", reasons: [], targets: [] };
  return { verdict: status === "interrupted" ? "interrupted" : "fail", reasons: [why], targets: [] };
}

function targetResults(measures: DrillMeasures, targets: Targets): readonly TargetResult[] {
  const row = (name: string, about: string, valueMs: Ms | undefined, targetMs: Ms | undefined): TargetResult => {
    const judgement =
      targetMs === undefined
        ? undefined
        : valueMs === undefined
          ? "inconclusive"
          : valueMs <= targetMs
            ? "pass"
            : "fail";
    return { name, about, targetMs, valueMs, judgement };
  };
  return [
    row("Time to detect", "from the fault to the alert", measures.timeToDetectMs, targets.detectMs),
    row("Time to acknowledge", "from the alert to its answer", measures.timeToAcknowledgeMs, targets.acknowledgeMs),
    row("Time to contain", "from the alert until users are served", measures.timeToContainMs, targets.containMs),
    row("Time to resolve", "from the fault until all is as before", measures.timeToResolveMs, targets.resolveMs),
  ];
}

function inWords(ms: Ms | undefined): string {
  return ms === undefined ? "not measured" : formatDuration(ms);
}
