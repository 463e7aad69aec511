/**
 * A live run beside a real Prometheus, which scrapes the load, the mocks, the gateway and each of its replicas as they come and go. What
 * scales asks it, and its alerts are the run's.
 *
 *     squall ──▶ run, fleet, replicas ─┐
 *     squall mock ─────────────────────┼─▶ Prometheus ─▶ scaling policy
 *     gateway, where it has metrics ───┘        └─▶ rules ─▶ alerts ─▶ events of the run
 *
 * It is started before the run and asked for its alerts after it. Should it end in between, the run breaks off and says so.
 */
import { alertsAtSpeed, slosAtSpeed } from "../../analyzers/alerts/at-speed.ts";
import { rulesFile } from "../../analyzers/alerts/export/rules-file.ts";
import { ruleGroups } from "../../analyzers/alerts/rule-groups.ts";
import { tokenLimitUse } from "../../analyzers/alerts/run-scrapes.ts";
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Run } from "../../core/run.ts";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import type { RunningGateway } from "../../gateways/driver.ts";
import type { LiveFleet } from "../../gateways/fleet/live-fleet.ts";
import { findPrometheus, prometheusMissing } from "../../gateways/prometheus/binary.ts";
import type { ComingTarget } from "../../gateways/prometheus/config.ts";
import { type RunningPrometheus, startPrometheus } from "../../gateways/prometheus/server.ts";
import type { Onlooker } from "../live/run.ts";
import { runMetrics } from "../run-metrics.ts";
import { alertEventsOf } from "./alert-events.ts";
import { type Exporter, startExporter } from "./exporter.ts";
import { type ReadMetrics, readingsFrom } from "./readings.ts";

export interface WatchChoices {
  readonly scenario: Scenario;
  /** Loaded as rules; undefined: nothing alerts. */
  readonly alerts: AlertsSpec | undefined;
  readonly timeScale: number;
  readonly readyTimeoutMs: Ms;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What a run is given while it is watched. */
export interface Watch {
  /** `prometheus 2.42.0`. */
  readonly description: string;
  readonly onlooker: Onlooker;
  /** What scales reads this in place of own samples. */
  readonly readMetrics: ReadMetrics;
  readonly loseSamples: (share: number) => void;
  /** Resolves when it cannot go on. */
  readonly exited: Promise<string>;
  /** The run with what its alerts did among its events, once it is over. */
  readonly withAlerts: <Played extends Run>(run: Played) => Promise<Played>;
}

/** Wall time between two samples of one target at least: a quarter of a second costs Prometheus some percent of a core. */
const scrapeMsMin: Ms = 250;
/** How often it is looked who has come and gone, wall time. */
const lookEveryMs: Ms = 200;
const stopDeadlineMs: Ms = 5_000;

/** Errors: `prometheus-missing`, `not-started`, `gateway-not-ready`, and those of the play. */
export async function whileWatched<Outcome>(
  choices: WatchChoices,
  play: (watch: Watch) => Promise<Outcome>,
): Promise<Outcome> {
  const binary = await findPrometheus(choices.env);
  if (binary === undefined) throw prometheusMissing();
  const scrapeMs = scrapeEveryMs(choices);
  const watched = new Watched();
  const exporter = await startExporter({
    metrics: runMetrics(choices.scenario, () => watched.gauges()),
    fleet: () => watched.parts?.fleet,
    ledger: () => watched.parts?.mock.ledger() ?? Promise.resolve([]),
    random: Math.random,
  });
  try {
    const prometheus = await startPrometheus({
      ...choices,
      binary,
      scrapeMs,
      targets: [{ name: "squall", url: exporter.url }],
      rules: rulesOf(choices, scrapeMs),
    });
    choices.tell(`${prometheus.description} at ${prometheus.url}, which scrapes every ${formatDuration(scrapeMs)}`);
    try {
      return await play(watchOf(choices, scrapeMs, { watched, exporter, prometheus }));
    } finally {
      watched.stop();
      await prometheus.stop(stopDeadlineMs);
    }
  } finally {
    await exporter.close();
  }
}

/** As the platform's own pipeline samples, or as the alerts want it where nothing scales; faster on the wall at a time scale. */
function scrapeEveryMs({ scenario, alerts, timeScale }: WatchChoices): Ms {
  const scrapeMs = (scenario.platform.fleet ?? plainFleet).metrics.scrapeMs;
  const wanted = Math.min(scrapeMs, alerts?.scrapeMs ?? scrapeMs);
  return Math.max(scrapeMsMin, Math.round(wanted / timeScale));
}

function rulesOf({ scenario, alerts, timeScale }: WatchChoices, evaluateMs: Ms): object | undefined {
  if (alerts === undefined) return undefined;
  const groups = ruleGroups(alertsAtSpeed(alerts, timeScale, evaluateMs), slosAtSpeed(scenario.slo ?? [], timeScale));
  return groups.length === 0 ? undefined : rulesFile(groups);
}

/** What there is to be watched, once the run has begun. */
interface Parts {
  readonly mock: Parameters<Onlooker["began"]>[0];
  readonly fleet: LiveFleet | undefined;
  readonly gateway: Pick<RunningGateway, "metricsUrl"> | undefined;
}

class Watched {
  parts: Parts | undefined;
  /** Wall time since the epoch at which the scenario's time was 0. */
  zeroMs = Date.now();
  #timer: NodeJS.Timeout | undefined;

  /** From now on, tells who is there whenever that changes. */
  begin(
    parts: Parts,
    timeScale: number,
    targetsChanged: (targets: readonly ComingTarget[]) => void,
    replicaUrl: Exporter["replicaUrl"],
  ): void {
    this.parts = parts;
    this.zeroMs = Date.now() - parts.mock.nowMs() / timeScale;
    let before = "";
    const look = (): void => {
      const targets = targetsOf(parts, replicaUrl);
      const now = JSON.stringify(targets);
      if (now !== before) targetsChanged(targets);
      before = now;
    };
    look();
    this.#timer = setInterval(look, lookEveryMs);
  }

  /** Providers that cannot be read have no use to show; the run notices by itself that they are gone. */
  async gauges(): Promise<{ readonly tokenLimitUse: ReadonlyMap<string, number> }> {
    const ledgers = (await this.parts?.mock.ledger().catch(() => [])) ?? [];
    return { tokenLimitUse: tokenLimitUse(ledgers, this.parts?.mock.nowMs() ?? 0) };
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Mocks, the gateway's own metrics where it has them, and each replica whose process runs. */
function targetsOf({ mock, fleet, gateway }: Parts, replicaUrl: Exporter["replicaUrl"]): readonly ComingTarget[] {
  const replicas = fleet?.replicas().filter(({ phase }) => phase === "unready" || phase === "ready") ?? [];
  const own = gateway?.metricsUrl;
  return [
    ...(mock.metricsUrl === undefined ? [] : [{ url: mock.metricsUrl, labels: { job: "mock" } }]),
    ...(own === undefined ? [] : [{ url: own, labels: { job: "gateway" } }]),
    ...replicas.flatMap(({ name, version, metricsUrl }) => [
      { url: replicaUrl(name), labels: { job: "replica", replica: name, version } },
      ...(metricsUrl === undefined ? [] : [{ url: metricsUrl, labels: { job: "gateway", replica: name, version } }]),
    ]),
  ];
}

interface WatchParts {
  readonly watched: Watched;
  readonly exporter: Exporter;
  readonly prometheus: RunningPrometheus;
}

function watchOf(
  { scenario, timeScale }: WatchChoices,
  scrapeMs: Ms,
  { watched, exporter, prometheus }: WatchParts,
): Watch {
  const spec = (scenario.platform.fleet ?? plainFleet).metrics;
  return {
    description: prometheus.description,
    onlooker: {
      began: (mock, platform) => {
        watched.begin({ mock, ...platform }, timeScale, prometheus.setComing, exporter.replicaUrl);
      },
      ended: exporter.count,
    },
    readMetrics: readingsFrom({ prometheus, spec, timeScale, scrapeMs, wallMs: Date.now }),
    loseSamples: exporter.loseSamples,
    exited: prometheus.exited,
    withAlerts: async (run) => {
      const lasted = Math.ceil((Date.now() - watched.zeroMs) / secondMs) + 1;
      const series = await prometheus.query(`ALERTS{alertstate="firing"}[${lasted}s]`);
      const scenarioMs = (atMs: number): Ms => (atMs - watched.zeroMs) * timeScale;
      const events = alertEventsOf(series, { scrapeMs, endMs: run.manifest.durationMs, scenarioMs, timeScale });
      return { ...run, events: [...run.events, ...events].toSorted((left, right) => left.atMs - right.atMs) };
    },
  };
}
