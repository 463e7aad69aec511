import { describe, expect, it } from "vitest";
import { findPrometheus, prometheusMissing } from "../../../gateways/prometheus/binary.ts";
import { comingFile, prometheusConfig } from "../../../gateways/prometheus/config.ts";

describe("the configuration of a Prometheus beside a run", () => {
  it("scrapes and asks its rules at one pace, within bounds", () => {
    const config = prometheusConfig({
      scrapeMs: 500,
      targets: [{ name: "squall", url: "http://127.0.0.1:9464/metrics" }],
      rules: { groups: [] },
    });
    expect(config).toMatchObject({
      global: { scrape_interval: "500ms", evaluation_interval: "500ms" },
      rule_files: ["rules.json"],
      scrape_configs: [
        {
          job_name: "squall",
          metrics_path: "/metrics",
          sample_limit: 50_000,
          body_size_limit: "32MB",
          scrape_timeout: "500ms",
          static_configs: [{ targets: ["127.0.0.1:9464"] }],
        },
        { job_name: "replicas", sample_limit: 50_000, file_sd_configs: [{ files: ["coming.json"] }] },
      ],
    });
    expect(prometheusConfig({ scrapeMs: 500, targets: [], rules: undefined })).not.toHaveProperty("rule_files");
  });

  it("writes those that come and go with their path as a label, as file_sd_configs takes it", () => {
    const url = "http://127.0.0.1:9464/replicas/gateway-0";
    expect(comingFile([{ url, labels: { replica: "gateway-0" } }])).toEqual([
      { targets: ["127.0.0.1:9464"], labels: { __metrics_path__: "/replicas/gateway-0", replica: "gateway-0" } },
    ]);
  });
});

describe("a Prometheus that is not there", () => {
  it("is not found, and the error says how to get it", async () => {
    expect(await findPrometheus({ SQUALL_PROMETHEUS: "/nowhere/prometheus" })).toBeUndefined();
    expect(await findPrometheus({ PATH: "" })).toBeUndefined();
    expect(prometheusMissing()).toMatchObject({ code: "prometheus-missing", exitCode: 5 });
  });
});
