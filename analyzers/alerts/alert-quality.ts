/** How good a set of alerts is: what it finds, how soon, and how often it wakes somebody for nothing. */
import { dayMs, hourMs, minuteMs, type Ms } from "../../core/time.ts";
import type { AlertChange } from "./alert-state.ts";
import type { LongWatchResult, PlayedIncident } from "./long-watch.ts";

export interface AlertQuality {
  /** By name of the incident, in the order in which they came. */
  readonly kinds: readonly KindQuality[];
  /** Pages outside of every incident. */
  readonly falsePages: number;
  readonly falsePagesPerWeek: number;
  /** Share of the time outside of incidents in which a page was firing: one that never ends is one page, and all of it. */
  readonly falseShare: number;
  /** By name of the alert, most first. */
  readonly falsePagesBy: readonly { readonly alert: string; readonly pages: number }[];
}

/** All incidents of one kind. */
export interface KindQuality {
  readonly name: string;
  readonly incidents: number;
  /** Those that users noticed and no page told of. */
  readonly missed: number;
  /** Those that users noticed. */
  readonly noticed: number;
  /** From the beginning to the first page, median; undefined: none came. */
  readonly detectionMs: Ms | undefined;
  /** From the first page to the first bad minute, median; negative: users knew first. */
  readonly leadMs: Ms | undefined;
  /** Alerts that paged first, each once. */
  readonly firstBy: readonly string[];
}

/** A page so long after an incident still belongs to it: what it left in a window of an hour. */
const tailMs: Ms = hourMs;

export function alertQuality({ incidents, changes }: LongWatchResult, lengthMs: Ms): AlertQuality {
  const pages = changes.filter(({ kind, severity }) => kind === "fires" && severity === "critical");
  const isOf = (page: AlertChange, { beginsMs, endsMs }: PlayedIncident): boolean =>
    page.atMs >= beginsMs && page.atMs <= endsMs + tailMs;
  const falsePages = pages.filter((page) => !incidents.some((incident) => isOf(page, incident)));
  const byKind = Map.groupBy(incidents, ({ name }) => name);
  return {
    kinds: [...byKind].map(([name, same]) =>
      kindQuality(
        name,
        same.map((incident) => ({ incident, page: pages.find((page) => isOf(page, incident)) })),
      ),
    ),
    falsePages: falsePages.length,
    falsePagesPerWeek: falsePages.length / (lengthMs / (7 * dayMs)),
    falseShare: falseShare({ incidents, changes }, lengthMs),
    falsePagesBy: [...Map.groupBy(falsePages, ({ alert }) => alert)]
      .map(([alert, of]) => ({ alert, pages: of.length }))
      .toSorted((left, right) => right.pages - left.pages),
  };
}

/** By the minute, which is how often everything is asked. */
function falseShare({ incidents, changes }: LongWatchResult, lengthMs: Ms): number {
  const pages = changes.filter(({ severity }) => severity === "critical");
  let [firing, next, incident, quiet, woken] = [0, 0, 0, 0, 0];
  for (let atMs = 0; atMs < lengthMs; atMs += minuteMs) {
    for (let page = pages[next]; page !== undefined && page.atMs <= atMs; page = pages[++next]) {
      firing += page.kind === "fires" ? 1 : -1;
    }
    while ((incidents[incident]?.endsMs ?? Number.POSITIVE_INFINITY) + tailMs < atMs) incident++;
    if ((incidents[incident]?.beginsMs ?? Number.POSITIVE_INFINITY) <= atMs) continue;
    quiet++;
    if (firing > 0) woken++;
  }
  return quiet === 0 ? 0 : woken / quiet;
}

interface Told {
  readonly incident: PlayedIncident;
  readonly page: AlertChange | undefined;
}

function kindQuality(name: string, told: readonly Told[]): KindQuality {
  const noticed = told.filter(({ incident }) => incident.firstBadMs !== undefined);
  const paged = told.flatMap(({ incident, page }) => (page === undefined ? [] : [{ incident, page }]));
  const leads = paged.flatMap(({ incident: { firstBadMs }, page }) =>
    firstBadMs === undefined ? [] : [firstBadMs - page.atMs],
  );
  return {
    name,
    incidents: told.length,
    noticed: noticed.length,
    missed: noticed.filter(({ page }) => page === undefined).length,
    detectionMs: median(paged.map(({ incident, page }) => page.atMs - incident.beginsMs)),
    leadMs: median(leads),
    firstBy: [...new Set(paged.map(({ page }) => page.alert))],
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((left, right) => left - right);
  const half = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
