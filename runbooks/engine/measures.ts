/**
 * What a drill measured of the response, derived from events and never from times that somebody typed in.
 *
 * Time to detect = alert - fault, to acknowledge = acknowledgement - alert, to contain = users served again - alert, to resolve = end of
 * the resolve phase - fault. One drill gives one value each; a trend over several gives their number, median and range, never a
 * mean of one (Davidovič, "Incident Metrics in SRE", Google, 2021: means of such samples mislead).
 */
import type { NanoDollars } from "../../core/money.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import type { EntryKind, JournalEntry } from "./journal.ts";
import type { ExpectedAlert, Runbook } from "./runbook.ts";
import type { Account } from "./world.ts";

/** Instants of scenario time; undefined: it did not happen. */
export interface Moments {
  readonly faultMs: Ms | undefined;
  /** Users were first served worse than the objectives allow. */
  readonly firstBadMs: Ms | undefined;
  readonly alertMs: Ms | undefined;
  readonly acknowledgedMs: Ms | undefined;
  readonly triagedMs: Ms | undefined;
  /** Users were served again, or, where that was not seen, the contain phase was over. */
  readonly containedMs: Ms | undefined;
  readonly resolvedMs: Ms | undefined;
  readonly closedMs: Ms | undefined;
}

export interface DrillMeasures {
  readonly moments: Moments;
  readonly timeToDetectMs: Ms | undefined;
  readonly timeToAcknowledgeMs: Ms | undefined;
  readonly timeToContainMs: Ms | undefined;
  readonly timeToResolveMs: Ms | undefined;
  readonly phases: readonly PhaseAccount[];
  /** Alerts that had to fire, and how that went. */
  readonly expected: readonly ExpectationResult[];
  /** What the whole drill cost. */
  readonly total: Loss;
  /** Scenario time for which somebody was asked and had not answered. */
  readonly waitedForPeopleMs: Ms;
  /** Alerts that had to fire and never did. */
  readonly silentAlerts: readonly string[];
  /**
   * Alerts that fired before anything was wrong, or after all was well again. Where nothing is made to go wrong, whatever fires is what
   * was done.
   */
  readonly falsePages: readonly string[];
  /** Steps that failed, and what was taken back because of it. */
  readonly falseSteps: readonly string[];
}

/** What was spent and lost. */
export interface Loss extends Account {
  readonly costOfFailed: NanoDollars;
  /** Share of the drill's error budget that the failed requests used; undefined where the scenario allows no share of errors. */
  readonly errorBudget: number | undefined;
}

/** What one phase cost, from its beginning to its end. */
export interface PhaseAccount extends Loss {
  readonly phase: string;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export interface ExpectationResult extends ExpectedAlert {
  /** After the fault; undefined: it never fired. */
  readonly firedAfterMs: Ms | undefined;
  readonly met: boolean;
}

/** Reads them off a journal. `objectives`: those of the scenario, which say what share of errors is allowed. */
export function measureDrill(
  entries: readonly JournalEntry[],
  runbook: Pick<Runbook, "drill">,
  objectives: readonly Objective[],
): DrillMeasures {
  const moments = momentsOf(entries);
  const expected = (runbook.drill?.expects ?? []).map((each) => expectationOf(each, entries, moments.faultMs));
  const total = lossBetween(entries.find(accountOf), entries.findLast(accountOf));
  const budget = (allowedErrors(objectives) ?? 0) * total.requests;
  const withBudget = <Lost extends Omit<Loss, "errorBudget">>(lost: Lost): Lost & Loss => ({
    ...lost,
    errorBudget: budget === 0 ? undefined : lost.failed / budget,
  });
  const { faultMs, alertMs, acknowledgedMs, containedMs, resolvedMs } = moments;
  return {
    moments,
    timeToDetectMs: between(faultMs, alertMs),
    timeToAcknowledgeMs: between(alertMs, acknowledgedMs),
    timeToContainMs: between(alertMs, containedMs),
    timeToResolveMs: between(faultMs, resolvedMs),
    phases: phaseAccounts(entries).map(withBudget),
    total: withBudget(total),
    waitedForPeopleMs: waitedForPeople(entries),
    expected,
    silentAlerts: expected.flatMap(({ alert, firedAfterMs }) => (firedAfterMs === undefined ? [alert] : [])),
    falsePages: falsePages(entries, moments),
    falseSteps: entries.filter(({ kind }) => kind === "step-fails").map(({ step = "", text }) => `${step}: ${text}`),
  };
}

function momentsOf(entries: readonly JournalEntry[]): Moments {
  const planned = entries.filter(({ kind }) => kind === "fault-planned").map(({ data = {} }) => Number(data["atMs"]));
  const faultMs = planned.length === 0 ? undefined : Math.min(...planned);
  const after = (fromMs: Ms | undefined, kind: EntryKind, phase?: string): Ms | undefined =>
    entries.find(
      (entry) =>
        entry.kind === kind &&
        (phase === undefined || entry.phase === phase) &&
        fromMs !== undefined &&
        entry.atMs >= fromMs,
    )?.atMs;
  const alert = entries.find(
    (entry) => entry.kind === "alert-fires" && faultMs !== undefined && firedMs(entry) >= faultMs,
  );
  const alertMs = alert === undefined ? undefined : firedMs(alert);
  const firstBadMs = after(faultMs, "users-affected");
  // The last return to good service before the resolve phase begins is what containment achieved.
  const resolveBeginsMs = after(faultMs, "phase-begins", "resolve") ?? Number.POSITIVE_INFINITY;
  const served = entries.findLast(
    ({ kind, atMs }) =>
      kind === "users-served" && firstBadMs !== undefined && atMs > firstBadMs && atMs <= resolveBeginsMs,
  );
  return {
    faultMs,
    firstBadMs,
    alertMs,
    acknowledgedMs: after(alertMs, "acknowledged"),
    triagedMs: after(faultMs, "phase-ends", "triage"),
    containedMs: served?.atMs ?? after(faultMs, "phase-ends", "contain"),
    resolvedMs: after(faultMs, "phase-ends", "resolve"),
    closedMs: after(faultMs, "drill-ends"),
  };
}

function falsePages(entries: readonly JournalEntry[], { faultMs, resolvedMs }: Moments): readonly string[] {
  if (faultMs === undefined) return [];
  return entries.flatMap((entry) => {
    if (entry.kind !== "alert-fires") return [];
    const atMs = firedMs(entry);
    return atMs < faultMs || (resolvedMs !== undefined && atMs > resolvedMs) ? [alertOf(entry)] : [];
  });
}

/** Questions that were open at the same time count once. */
function waitedForPeople(entries: readonly JournalEntry[]): Ms {
  const open = new Set<unknown>();
  let [waitedMs, sinceMs] = [0, 0];
  for (const { kind, atMs, data = {} } of entries) {
    if (kind === "question") {
      if (open.size === 0) sinceMs = atMs;
      open.add(data["id"]);
    } else if ((kind === "answer" || kind === "acknowledged") && open.delete(data["question"]) && open.size === 0) {
      waitedMs += atMs - sinceMs;
    }
  }
  return waitedMs;
}

function expectationOf(
  expected: ExpectedAlert,
  entries: readonly JournalEntry[],
  faultMs: Ms | undefined,
): ExpectationResult {
  const fired = entries.find(
    (entry) =>
      entry.kind === "alert-fires" &&
      alertOf(entry) === expected.alert &&
      faultMs !== undefined &&
      firedMs(entry) >= faultMs,
  );
  const firedAfterMs = fired === undefined || faultMs === undefined ? undefined : firedMs(fired) - faultMs;
  return { ...expected, firedAfterMs, met: firedAfterMs !== undefined && firedAfterMs <= expected.withinMs };
}

function phaseAccounts(entries: readonly JournalEntry[]): readonly Omit<PhaseAccount, "errorBudget">[] {
  return entries.flatMap((begins) => {
    if (begins.kind !== "phase-begins") return [];
    const ends = entries.find(
      ({ kind, seq, phase }) => seq > begins.seq && kind === "phase-ends" && phase === begins.phase,
    );
    const last = ends ?? entries.find(({ kind }) => kind === "drill-ends");
    if (last === undefined) return [];
    return [{ phase: begins.phase ?? "", fromMs: begins.atMs, toMs: last.atMs, ...lossBetween(begins, last) }];
  });
}

function lossBetween(from: JournalEntry | undefined, to: JournalEntry | undefined): Omit<Loss, "errorBudget"> {
  const nothing: Account = { requests: 0, failed: 0, cost: 0 };
  const before = (from && accountOf(from)) ?? nothing;
  const after = (to && accountOf(to)) ?? nothing;
  return {
    requests: after.requests - before.requests,
    failed: after.failed - before.failed,
    cost: after.cost - before.cost,
    costOfFailed: (after.costOfFailed ?? 0) - (before.costOfFailed ?? 0),
  };
}

/** Share of requests that may fail; undefined where no objective says so. */
export function allowedErrors(objectives: readonly Objective[]): number | undefined {
  return objectives.find(({ metric, comparison }) => metric === "errors" && comparison.startsWith("<"))?.limit;
}

/** The running totals that an entry carries. */
export function accountOf({ data }: JournalEntry): Account | undefined {
  const account = data?.["account"];
  return typeof account === "object" && account !== null ? (account as Account) : undefined;
}

function firedMs({ atMs, data }: JournalEntry): Ms {
  const since = data?.["sinceMs"];
  return typeof since === "number" ? since : atMs;
}

function alertOf({ data, text }: JournalEntry): string {
  const alert = data?.["alert"];
  return typeof alert === "string" ? alert : text;
}

function between(fromMs: Ms | undefined, toMs: Ms | undefined): Ms | undefined {
  return fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs;
}

/** Several drills of one runbook: how many, their median and range, in the measure's unit. Undefined when none has the measure. */
export interface Trend {
  readonly count: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function trendOf(values: readonly (number | undefined)[]): Trend | undefined {
  const sorted = values.flatMap((value) => value ?? []).toSorted((left, right) => left - right);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  const half = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
  return { count: sorted.length, median, least, most };
}
