/**
 * What a Prometheus beside a live run is told: whom to scrape, how often, and which rules to ask. JSON, which is YAML too.
 *
 * Targets that come and go stand in a file that it watches (`file_sd_configs`); the others are there for the whole run.
 */
import type { Ms } from "../../core/time.ts";

/** One that is there for the whole run. */
export interface PrometheusTarget {
  /** `load`, `mock`: job and label of what is scraped. */
  readonly name: string;
  /** `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
}

/** One of those that come and go. */
export interface ComingTarget {
  readonly url: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusSetup {
  /** Wall time between two samples of the same target. */
  readonly scrapeMs: Ms;
  readonly targets: readonly PrometheusTarget[];
  /** Rules as `rule_files` takes them; undefined: none. */
  readonly rules: object | undefined;
}

/** Names of the files in its folder. */
export const prometheusFiles = {
  config: "prometheus.json",
  rules: "rules.json",
  coming: "coming.json",
  data: "data",
} as const;

/** Job of the targets that come and go. */
export const comingJob = "replicas";
/** Of one scrape: a run's families with many models and tenants are a few thousand series. */
const samplesMax = 50_000;
const bodyMax = "32MB";

export function prometheusConfig({ scrapeMs, targets, rules }: PrometheusSetup): object {
  const every = `${Math.round(scrapeMs)}ms`;
  const bounds = { sample_limit: samplesMax, body_size_limit: bodyMax, scrape_timeout: every };
  return {
    global: { scrape_interval: every, evaluation_interval: every },
    ...(rules === undefined ? {} : { rule_files: [prometheusFiles.rules] }),
    scrape_configs: [
      ...targets.map(({ name, url }) => {
        const { host, pathname } = new URL(url);
        return { job_name: name, ...bounds, metrics_path: pathname, static_configs: [{ targets: [host] }] };
      }),
      { job_name: comingJob, ...bounds, file_sd_configs: [{ files: [prometheusFiles.coming] }] },
    ],
  };
}

/** The file of those that come and go, as it is now. */
export function comingFile(targets: readonly ComingTarget[]): object {
  return targets.map(({ url, labels }) => {
    const { host, pathname } = new URL(url);
    return { targets: [host], labels: { __metrics_path__: pathname, ...labels } };
  });
}
