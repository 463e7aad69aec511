/** What happened during the load phase (faults, scaling), numbered: as lines across the time charts, and as a table. */
import type { Run, RunEvent } from "../../core/run.ts";
import { plural } from "../../core/units.ts";
import type { ReportInput } from "../report-input.ts";
import type { ChartLayer } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { loadSpan } from "./series.ts";
import { dataTable, tableColumns } from "./table.ts";
import { formatClock, type TimeEncoding } from "./time-axis.ts";

/** More lines than this would hide the data; the rest is counted. */
const shownMost = 24;

interface NumberedEvent {
  readonly number: number;
  readonly atS: number;
  readonly event: RunEvent;
}

/** Thin lines with their numbers, for a layered time chart. */
export function eventLayers(run: Run, time: TimeEncoding): readonly ChartLayer[] {
  const shown = eventsOf(run).slice(0, shownMost);
  if (shown.length === 0) return [];
  const values = shown.map(({ atS }) => ({ atS }));
  const labels = labelsOf(shown, loadSpan(run).lengthMs / 1_000);
  const x = { field: "atS", ...time } as const;
  return [
    {
      data: { values },
      mark: { type: "rule", color: "var(--muted)", strokeWidth: 1, strokeDash: [1, 2] },
      encoding: { x },
    },
    {
      data: { values: labels },
      mark: { type: "text", color: "var(--muted)", fontSize: 10, align: "left", baseline: "top", dx: 3 },
      encoding: { x, y: { value: 10 }, text: { field: "label" } },
    },
  ];
}

/** Part of a chart's width that the longest label takes. */
const labelShare = 0.06;

/** Numbers where there is room for them; events too close together share one: `4–9`. */
function labelsOf(
  events: readonly NumberedEvent[],
  lengthS: number,
): readonly { readonly atS: number; readonly label: string }[] {
  const groups: { readonly atS: number; readonly first: number; last: number }[] = [];
  for (const { atS, number } of events) {
    const group = groups.at(-1);
    if (group !== undefined && atS - group.atS < labelShare * lengthS) group.last = number;
    else groups.push({ atS, first: number, last: number });
  }
  return groups.map(({ atS, first, last }) => ({ atS, label: first === last ? String(first) : `${first}–${last}` }));
}

/** The table that the numbers refer to; nothing when nothing happened. */
export function eventsSection({ run }: ReportInput): Markup | undefined {
  const events = eventsOf(run);
  if (events.length === 0) return undefined;
  const left = events.length - shownMost;
  const caption = `The numbers stand on the time charts${left > 0 ? `; ${plural(left, "later event")} left out` : ""}`;
  const columns = tableColumns(["Event", "Time", "What", "Where", "In words"], ["What", "Where", "In words"]);
  const rows = events
    .slice(0, shownMost)
    .map(({ number, atS, event }) => [number, formatClock(atS), event.kind, event.subject, event.text]);
  return html`<section aria-label="Events">
    <h2>Events</h2>
    ${dataTable(columns, rows, caption)}
  </section>`;
}

/** Single replicas come and go in dozens, and a chart of its own shows them. */
const unnumbered: ReadonlySet<string> = new Set(["replica-ready", "replica-gone"]);

/** What says the same again and again while a provider is down: once, with how often. */
const repeated: ReadonlySet<string> = new Set(["breaker-open", "cooldown"]);

/** Events of the load phase in order of time, numbered from one. */
function eventsOf(run: Run): readonly NumberedEvent[] {
  const span = loadSpan(run);
  const during = run.events
    .filter((event) => !unnumbered.has(event.kind))
    .filter((event) => event.atMs >= span.startMs && event.atMs <= span.startMs + span.lengthMs)
    .toSorted((left, right) => left.atMs - right.atMs);
  return withoutRepetitions(during).map(({ event, again, lastMs }, index) => {
    const more = again === 0 ? "" : `; ${again} more, the last at ${formatClock((lastMs - span.startMs) / 1_000)}`;
    return {
      number: index + 1,
      atS: (event.atMs - span.startMs) / 1_000,
      event: more === "" ? event : { ...event, text: `${event.text}${more}` },
    };
  });
}

interface Repeated {
  readonly event: RunEvent;
  again: number;
  lastMs: number;
}

/** The first of those that follow each other without anything else happening to the same thing. */
function withoutRepetitions(events: readonly RunEvent[]): readonly Repeated[] {
  const rows: Repeated[] = [];
  const last = new Map<string, Repeated>();
  for (const event of events) {
    const before = last.get(event.subject);
    if (before !== undefined && before.event.kind === event.kind && repeated.has(event.kind)) {
      before.again += 1;
      before.lastMs = event.atMs;
      continue;
    }
    const row = { event, again: 0, lastMs: event.atMs };
    last.set(event.subject, row);
    rows.push(row);
  }
  return rows;
}
