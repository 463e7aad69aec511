/** What follows from a drill: each with its evidence, so that an issue can be made of it. */
import { formatClock, formatDuration } from "../../core/time.ts";
import type { DrillResult } from "./execute.ts";
import type { JournalEntry } from "./journal.ts";
import type { DrillMeasures, Moments } from "./measures.ts";
import type { DrillVerdict } from "./verdict.ts";

export interface ActionItem {
  /** What was found, in a sentence without a full stop. */
  readonly title: string;
  /** What to do about it. */
  readonly todo: string;
  /** What was seen, one line each. */
  readonly evidence: readonly string[];
}

/** In one line, for lists. */
export function itemLine({ title, todo }: ActionItem): string {
  return `${title}: ${todo}`;
}

/** `measures`: undefined at a tabletop. */
export function actionItems(
  verdict: DrillVerdict,
  measures: DrillMeasures | undefined,
  result: DrillResult,
  entries: readonly JournalEntry[],
): readonly ActionItem[] {
  return [
    ...(measures === undefined ? [] : [...aboutTargets(verdict, measures), ...aboutAlerts(measures, entries)]),
    ...entries.flatMap((entry) => aboutStep(entry)),
    ...aboutRestoring(result, entries),
  ];
}

function aboutTargets({ targets }: DrillVerdict, { moments }: DrillMeasures): readonly ActionItem[] {
  return targets.flatMap(({ name, about, targetMs = 0, valueMs = 0, judgement }) => {
    const evidence = [`${name} is counted ${about}.`, ...momentsInWords(moments)];
    if (judgement === "fail") {
      const title = `${name} took ${formatDuration(valueMs)} against a target of ${formatDuration(targetMs)}`;
      return [{ title, todo: "find what took longest", evidence }];
    }
    if (judgement !== "inconclusive") return [];
    return [{ title: `${name} has a target and could not be measured`, todo: "say what begins and ends it", evidence }];
  });
}

function aboutAlerts(
  { expected, falsePages, moments }: DrillMeasures,
  entries: readonly JournalEntry[],
): readonly ActionItem[] {
  const fired = (alert: string): readonly string[] =>
    entries.flatMap((entry) =>
      entry.kind === "alert-fires" && entry.data?.["alert"] === alert ? [entryInWords(entry)] : [],
    );
  const late = expected.flatMap(({ alert, withinMs, firedAfterMs }): readonly ActionItem[] => {
    const wanted = `It was expected within ${formatDuration(withinMs)} of the fault.`;
    if (firedAfterMs === undefined) {
      const todo = "lower its threshold, or expect another alert";
      return [{ title: `${alert} stayed silent`, todo, evidence: [wanted, ...momentsInWords(moments)] }];
    }
    if (firedAfterMs <= withinMs) return [];
    const title = `${alert} fired ${formatDuration(firedAfterMs - withinMs)} late`;
    return [{ title, todo: "shorten its window or its hold", evidence: [wanted, ...fired(alert)] }];
  });
  const causeless = falsePages.map((alert): ActionItem => {
    const evidence = [...fired(alert), ...momentsInWords(moments)];
    return {
      title: `${alert} paged while nothing was wrong`,
      todo: "raise its threshold or lengthen its hold",
      evidence,
    };
  });
  return [...late, ...causeless];
}

function aboutStep(entry: JournalEntry): readonly ActionItem[] {
  const { kind, step = "", text, data = {} } = entry;
  if (kind === "step-fails") {
    return [
      { title: `Step ${step}: ${text}`, todo: "mend the step, or what it relies on", evidence: [entryInWords(entry)] },
    ];
  }
  if (kind !== "answer" || data["taken"] === undefined || data["taken"] === data["evidence"]) return [];
  const title = `Decision ${step} was taken against the evidence (${text})`;
  return [{ title, todo: "ask for other evidence, or trust it", evidence: [entryInWords(entry)] }];
}

function aboutRestoring({ notRestored }: DrillResult, entries: readonly JournalEntry[]): readonly ActionItem[] {
  const failed = entries.flatMap((entry) => (entry.kind === "undo-fails" ? [entryInWords(entry)] : []));
  return notRestored.map((what) => ({
    title: "Restore by hand, and mend the undo",
    todo: what,
    evidence: failed.filter((line) => line.includes(what.split(":")[0] ?? what)),
  }));
}

export const momentNames: readonly (readonly [keyof Moments, string])[] = [
  ["faultMs", "The fault began"],
  ["firstBadMs", "Users were first served badly"],
  ["alertMs", "An alert fired"],
  ["acknowledgedMs", "It was acknowledged"],
  ["triagedMs", "Triage was over"],
  ["containedMs", "Users were served again"],
  ["resolvedMs", "Everything was as before"],
  ["closedMs", "The drill was over"],
];

function momentsInWords(moments: Moments): readonly string[] {
  return momentNames.map(([name, words]) => {
    const atMs = moments[name];
    return `${words}: ${atMs === undefined ? "not seen" : formatClock(atMs)}.`;
  });
}

function entryInWords({ seq, atMs, kind, who, text }: JournalEntry): string {
  return `Entry ${seq} of the journal, at ${formatClock(atMs)}, ${kind.replaceAll("-", " ")} (${who}): ${text}`;
}
