/** What a Prometheus would have scraped during a run, from its records, its ledgers and its replicas. */
import type { RequestRecord } from "../../core/record.ts";
import type { ProviderLedger, ReplicaCounts, Run } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import { type MinuteUse, minuteLimit, useByMinute } from "../quota.ts";
import type { Sample } from "./promql/series-store.ts";
import { type Gauges, requestMeterOf } from "./request-meter.ts";

export interface Scrape {
  readonly atMs: Ms;
  readonly samples: readonly Sample[];
}

/** Everything that has ended by each multiple of `scrapeMs`, from the start of the run up to its end. */
export function* scrapesOf(
  run: Pick<Run, "records" | "manifest">,
  scenario: Pick<Scenario, "traffic" | "platform" | "slo">,
  scrapeMs: Ms,
): Generator<Scrape> {
  const meter = requestMeterOf(scenario);
  const ended = run.records.toSorted((left, right) => left.endMs - right.endMs);
  const gaugesAt = gaugesOf(run);
  let next = 0;
  for (let atMs = 0; atMs <= run.manifest.durationMs; atMs += scrapeMs) {
    for (let record = ended[next]; record !== undefined && record.endMs <= atMs; record = ended[++next]) {
      meter.count(record);
    }
    yield { atMs, samples: meter.samples(gaugesAt(atMs)) };
  }
}

/** Gauges at instants that grow. */
function gaugesOf({ records, manifest }: Pick<Run, "records" | "manifest">): (atMs: Ms) => Gauges {
  const waiting = waitingAt(records);
  const use = manifest.providers.flatMap((ledger) => limitUseAt(ledger) ?? []);
  const counts = manifest.replicas?.counts ?? [];
  let latest: ReplicaCounts | undefined;
  let seen = 0;
  return (atMs) => {
    for (let count = counts[seen]; count !== undefined && count.atMs <= atMs; count = counts[++seen]) latest = count;
    return { queueDepth: waiting?.(atMs), replicas: latest, tokenLimitUse: new Map(use.map((each) => each(atMs))) };
  };
}

/**
 * Requests in their wait for an instance, where records say what their time went into. They do not say when in that time they
 * waited; it is taken to be from when they were sent, which is so for all but those that their client sent again.
 */
function waitingAt(records: readonly RequestRecord[]): ((atMs: Ms) => number) | undefined {
  if (records.every(({ spent }) => spent === undefined)) return undefined;
  const waits = records.filter(({ spent }) => (spent?.instance ?? 0) > 0);
  const began = Float64Array.from(waits, ({ sentMs }) => sentMs).sort();
  const ended = Float64Array.from(waits, ({ sentMs, spent }) => sentMs + (spent?.instance ?? 0)).sort();
  let [begun, over] = [0, 0];
  return (atMs) => {
    while (begun < began.length && (began[begun] ?? 0) <= atMs) begun++;
    while (over < ended.length && (ended[over] ?? 0) <= atMs) over++;
    return begun - over;
  };
}

/** The same for a run that goes on, from its ledgers as they are now. */
export function tokenLimitUse(ledgers: readonly ProviderLedger[], nowMs: Ms): ReadonlyMap<string, number> {
  const uses = ledgers.flatMap((ledger) => limitUseAt(ledger) ?? []);
  return new Map(uses.map((use) => use(nowMs)));
}

/** Share of the provider's token limit that was charged in the minute before; undefined where it has none. */
function limitUseAt(ledger: ProviderLedger): ((atMs: Ms) => readonly [string, number]) | undefined {
  const limit = minuteLimit(ledger).tokens;
  if (limit === undefined) return undefined;
  const minutes: readonly MinuteUse[] = useByMinute(ledger.usage);
  let seen = 0;
  return (atMs) => {
    while ((minutes[seen + 1]?.endMs ?? Number.POSITIVE_INFINITY) <= atMs) seen++;
    const minute = minutes[seen];
    const tokens = minute === undefined || minute.endMs > atMs ? 0 : minute.tokens;
    return [ledger.provider, tokens / limit];
  };
}
