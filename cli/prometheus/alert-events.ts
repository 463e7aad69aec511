/**
 * When a Prometheus' alerts fired, as events of the run: read off the series `ALERTS`, which has a sample for each evaluation at
 * which an alert fired and none where it did not.
 */
import { alertEnds, alertFires } from "../../analyzers/alerts/alert-findings.ts";
import type { RunEvent } from "../../core/run.ts";
import type { Ms } from "../../core/time.ts";
import type { QueriedSeries } from "../../gateways/prometheus/server.ts";

export interface AlertSpan {
  /** Wall time between two evaluations. */
  readonly scrapeMs: Ms;
  /** End of the run, scenario time: what happens later is not of it. */
  readonly endMs: Ms;
  readonly timeScale: number;
  /** Scenario time of an instant on the wall. */
  readonly scenarioMs: (wallMs: number) => Ms;
}

/** Without a sample for so many evaluations, an alert no longer fires: one may be late on a busy machine. */
const missedMost = 2.5;

export function alertEventsOf(series: readonly QueriedSeries[], span: AlertSpan): readonly RunEvent[] {
  return series.flatMap(({ labels, samples }) => {
    const { alertname: alert = "", severity = "", alertstate: _state, __name__: _name, ...others } = labels;
    const whose = Object.values(others).join(", ");
    const what = (verb: string): string =>
      `${alert} ${verb}${whose === "" ? "" : ` for ${whose}`} (${severity}, by Prometheus)`;
    return spansOf(
      samples.map(([atMs]) => atMs),
      span,
    ).flatMap(([fromMs, untilMs]): RunEvent[] => [
      ...(fromMs > span.endMs ? [] : [{ atMs: fromMs, kind: alertFires, subject: alert, text: what("fires") }]),
      ...(untilMs === undefined || untilMs > span.endMs
        ? []
        : [{ atMs: untilMs, kind: alertEnds, subject: alert, text: what("ends") }]),
    ]);
  });
}

/** From when to when, scenario time; undefined: it fired when it was last asked. */
function spansOf(
  firedAtMs: readonly number[],
  { scrapeMs, scenarioMs, timeScale, endMs }: AlertSpan,
): readonly (readonly [Ms, Ms | undefined])[] {
  const spans: (readonly [Ms, Ms | undefined])[] = [];
  let [first, last] = [firedAtMs[0], firedAtMs[0]];
  if (first === undefined || last === undefined) return [];
  for (const atMs of firedAtMs.slice(1)) {
    if (atMs - last > missedMost * scrapeMs) {
      spans.push([scenarioMs(first), scenarioMs(last + scrapeMs)]);
      first = atMs;
    }
    last = atMs;
  }
  const firesStill = scenarioMs(last) + missedMost * scrapeMs * timeScale > endMs;
  return [...spans, [scenarioMs(first), firesStill ? undefined : scenarioMs(last + scrapeMs)]];
}
