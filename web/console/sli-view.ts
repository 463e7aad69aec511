/** What users get, as three small charts: failed requests, time to first token, requests a second. */
import type { Ms } from "../../core/time.ts";
import { minuteMs } from "../../core/time.ts";
import { html, type Markup } from "../../reports/html/markup.ts";
import type { GameDay, Sample } from "./game-day.ts";
import { sparkline } from "./sparkline.ts";
import { drillOf, duration, rate, share } from "./views.ts";

/** How far back the charts reach. */
const windowMs: Ms = 20 * minuteMs;

/** Kinds of entries that a chart marks. */
const marked: ReadonlySet<string> = new Set(["alert-fires", "action-done", "undo-done"]);

export function slisView({ stage, samples, entries, nowMs }: GameDay): Markup {
  const objectives = drillOf(stage)?.objectives;
  const toMs = Math.max(nowMs, minuteMs);
  const fromMs = Math.max(0, toMs - windowMs);
  const seen = samples.filter(({ atMs }) => atMs >= fromMs);
  const marks = entries.filter(({ kind }) => marked.has(kind)).map(({ atMs }) => atMs);
  const chart = (name: string, said: string, value: Figure, atLeast: number, limit: number | undefined): Markup => {
    const points = seen.map((sample) => ({ atMs: sample.atMs, value: value(sample) }));
    const last = points.at(-1)?.value;
    const isOver = limit !== undefined && last !== undefined && last > limit;
    return html`<div class="sli${isOver ? " over" : ""}">
      <p>
        <span>${name}</span>
        <strong>${said}</strong>
      </p>
      ${sparkline({ label: `${name}: ${said} now`, points, limit, atLeast, fromMs, toMs, marks })}
    </div>`;
  };
  const last = samples.at(-1);
  return html`<div class="slis">
      ${chart("Failed", share(last?.errors), (sample) => sample.errors, 0.02, objectives?.errors)}
      ${chart("First token, p95", duration(last?.ttftP95Ms), (sample) => sample.ttftP95Ms, 500, objectives?.ttftP95Ms)}
      ${chart("Requests a second", rate(last?.requestsPerSecond), (sample) => sample.requestsPerSecond, 1, undefined)}
    </div>
    <p class="quiet">
      Over the minute before, for the last 20 minutes of the scenario. Lines across: what the scenario allows. Ticks:
      alerts and actions.
    </p>`;
}

type Figure = (sample: Sample) => number | undefined;
