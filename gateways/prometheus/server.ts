/**
 * A real Prometheus beside a live run: started on a loopback port with a configuration of ours, asked over its HTTP API, told of
 * targets that come and go, stopped with its data. It holds little and for a short time; every bound is a flag below.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { request } from "undici";
import { environmentNotReady } from "../../core/errors.ts";
import { field, isMapping, items } from "../../core/raw-data.ts";
import type { Ms } from "../../core/time.ts";
import { endedByItself } from "../child/child-process.ts";
import { loopback } from "../child/loopback-port.ts";
import { startServer } from "../child/server-process.ts";
import { httpProbe } from "../http-probe.ts";
import type { PrometheusBinary } from "./binary.ts";
import { type ComingTarget, comingFile, prometheusConfig, prometheusFiles, type PrometheusSetup } from "./config.ts";

export interface PrometheusStart extends PrometheusSetup {
  readonly binary: PrometheusBinary;
  readonly readyTimeoutMs: Ms;
  readonly signal: AbortSignal;
}

/** One series of an answer, with its samples in order of time. */
export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Wall time since the epoch, and the value. */
  readonly samples: readonly (readonly [atMs: number, value: number])[];
}

export interface RunningPrometheus {
  /** `prometheus 2.42.0`. */
  readonly description: string;
  readonly url: string;
  /**
   * Asks for the value of an expression at an instant, wall time since the epoch; now unless given. Rejects with
   * `prometheus-query-failed`, within a few seconds.
   */
  readonly query: (expression: string, atMs?: number) => Promise<readonly QueriedSeries[]>;
  /** These come and go: it scrapes exactly them from now on. */
  readonly setComing: (targets: readonly ComingTarget[]) => void;
  /** Resolves with a reason if it ends by itself. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends it and removes its data. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

/** Memory and disk stay small whatever a run does; a run is minutes or hours. */
const bounds: readonly string[] = [
  "--storage.tsdb.retention.time=1d",
  "--storage.tsdb.retention.size=512MB",
  "--query.timeout=5s",
  "--query.max-samples=1000000",
  "--query.max-concurrency=8",
  "--web.max-connections=64",
];
/** The server gives up after 5 s by itself. */
const queryTimeoutMs: Ms = 6_000;
const probeTimeoutMs: Ms = 1_000;

/** Throws `not-started` or `gateway-not-ready`, with what it said; nothing is left then. */
export async function startPrometheus(start: PrometheusStart): Promise<RunningPrometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-prometheus-"));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  const write = (name: string, content: object): void => {
    const file = path.join(folder, name);
    writeFileSync(`${file}.new`, JSON.stringify(content));
    renameSync(`${file}.new`, file); // it watches, and must never see half of it
  };
  try {
    write(prometheusFiles.config, prometheusConfig(start));
    write(prometheusFiles.coming, comingFile([]));
    if (start.rules !== undefined) write(prometheusFiles.rules, start.rules);
    const { child, port } = await startServer({
      name: "prometheus",
      commandFor: (candidate) => ({
        command: start.binary.file,
        args: [
          `--config.file=${path.join(folder, prometheusFiles.config)}`,
          `--storage.tsdb.path=${path.join(folder, prometheusFiles.data)}`,
          `--web.listen-address=${loopback}:${candidate}`,
          "--log.level=warn",
          ...bounds,
        ],
        cwd: folder,
      }),
      probe: async (candidate) =>
        (await httpProbe(`http://${loopback}:${candidate}/-/ready`, probeTimeoutMs))?.status === 200,
      port: 0,
      readyTimeoutMs: start.readyTimeoutMs,
      signal: start.signal,
    });
    const url = `http://${loopback}:${port}`;
    return {
      description: `prometheus ${start.binary.version}`,
      url,
      query: (expression, atMs) => query(url, expression, atMs),
      setComing: (targets) => write(prometheusFiles.coming, comingFile(targets)),
      exited: endedByItself(child),
      stop: async (deadlineMs) => {
        await child.stop(deadlineMs);
        forget();
      },
    };
  } catch (cause) {
    forget();
    throw cause;
  }
}

/** Prometheus HTTP API, "Instant queries": a vector has one sample a series, a matrix (`metric[5m]`) several. */
async function query(url: string, expression: string, atMs: number | undefined): Promise<readonly QueriedSeries[]> {
  const asked = new URLSearchParams({
    query: expression,
    ...(atMs === undefined ? {} : { time: String(atMs / 1_000) }),
  });
  try {
    const { body } = await request(`${url}/api/v1/query`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: asked.toString(),
      signal: AbortSignal.timeout(queryTimeoutMs),
    });
    const answer: unknown = await body.json();
    if (field(answer, "status") !== "success") throw new Error(JSON.stringify(field(answer, "error")));
    return items(field(field(answer, "data"), "result")).map(seriesOf);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw environmentNotReady(`Prometheus did not answer ${expression}: ${why}`, {
      code: "prometheus-query-failed",
      hint: "a machine that is too busy for it does that; try fewer replicas or a longer scrape interval",
      cause,
    });
  }
}

function seriesOf(series: unknown): QueriedSeries {
  const metric = field(series, "metric");
  const value = field(series, "value");
  const samples = value === undefined ? items(field(series, "values")) : [value];
  return {
    labels: isMapping(metric)
      ? Object.fromEntries(Object.entries(metric).map(([name, text]) => [name, String(text)]))
      : {},
    samples: samples.map((sample) => {
      const [seconds, text] = items(sample);
      return [Number(seconds) * 1_000, Number(text)];
    }),
  };
}
