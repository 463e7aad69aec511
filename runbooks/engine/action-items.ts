/** What follows from a drill, as sentences that an issue can be made of. */
import { formatDuration } from "../../core/time.ts";
import type { DrillResult } from "./execute.ts";
import type { JournalEntry } from "./journal.ts";
import type { DrillMeasures } from "./measures.ts";
import type { DrillVerdict } from "./verdict.ts";

export function actionItems(
  { targets }: DrillVerdict,
  measures: DrillMeasures,
  result: DrillResult,
  entries: readonly JournalEntry[],
): readonly string[] {
  return [
    ...targets.flatMap(({ name, targetMs = 0, valueMs = 0, judgement }) => {
      if (judgement === "fail") {
        return [
          `${name} took ${formatDuration(valueMs)} against a target of ${formatDuration(targetMs)}: find what took longest`,
        ];
      }
      return judgement === "inconclusive"
        ? [`${name} has a target and could not be measured: say what begins and ends it`]
        : [];
    }),
    ...measures.expected.flatMap(({ alert, withinMs, firedAfterMs }) => {
      if (firedAfterMs === undefined) return [`${alert} stayed silent: lower its threshold, or expect another alert`];
      return firedAfterMs > withinMs
        ? [`${alert} fired ${formatDuration(firedAfterMs - withinMs)} late: shorten its window or its hold`]
        : [];
    }),
    ...measures.falsePages.map(
      (alert) => `${alert} paged while nothing was wrong: raise its threshold or lengthen its hold`,
    ),
    ...measures.falseSteps.map((step) => `Step ${step}: mend the step, or what it relies on`),
    ...result.notRestored.map((what) => `Restore by hand, and mend the undo: ${what}`),
    ...entries.flatMap(({ kind, step = "", data = {}, text }) =>
      kind === "answer" && data["taken"] !== undefined && data["taken"] !== data["evidence"]
        ? [`Decision ${step} was taken against the evidence (${text}): ask for other evidence, or trust it`]
        : [],
    ),
  ];
}
