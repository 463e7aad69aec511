/** Alerts from the outside: told of a run, exported, held to promtool, loaded into a real Prometheus that scrapes a live run. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../../gateways/child/loopback-port.ts";
import { promtool, whyNoPromtool } from "../analyzers/alerts/promtool.ts";
import { fixture, freshFolder, squall, startSquall } from "./squall-process.ts";

const scenario = fixture("alerts.yaml");
const skipped = whyNoPromtool === undefined ? "" : ` (skipped: ${whyNoPromtool})`;
const read = (folder: string, file: string): string => readFileSync(path.join(folder, file), "utf8");

describe("squall simulate", () => {
  it("tells which alerts fired, when, and what the error budget lost", async () => {
    const { stdout } = await squall(["simulate", scenario]);
    expect(stdout).toMatch(/Error budget of availability: \S+ %; \d+ of \d+ requests bad/);
    expect(stdout).toMatch(/ErrorRateHigh fires 2 m \d+ s into the load;/);
    const { stdout: json } = await squall(["simulate", scenario, "--json"]);
    expect((await squall(["simulate", scenario, "--json"])).stdout).toBe(json);
    const kinds = JSON.parse(json).events.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toContain("alert-fires");
  });
});

describe("squall export prometheus", () => {
  it.skipIf(whyNoPromtool !== undefined)(
    `writes rules and tests that promtool accepts and passes${skipped}`,
    async () => {
      const out = freshFolder();
      const { code, stdout } = await squall(["export", "prometheus", scenario, "--out", out]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/every provider is down: .*ErrorRateHigh at 1\d m/);
      expect(stdout).toMatch(/nothing goes wrong: (?!.*ErrorRate)/);
      const files = ["squall-rules.yaml", "squall-rules.test.yaml"];
      const written = Object.fromEntries(files.map((name) => [name, read(out, name)]));
      const tested = await promtool(written, "test", "rules", "squall-rules.test.yaml");
      expect(tested.output).toContain("SUCCESS");
      expect(tested.ok).toBe(true);
      const checked = await promtool(written, "check", "rules", "squall-rules.yaml");
      expect(checked.output).toMatch(/SUCCESS: \d\d rules found/);

      // The tests do look: with a limit that nothing reaches they fail.
      const dull = written["squall-rules.yaml"]?.replace("> 0.05 and", "> 1.5 and") ?? "";
      const failing = await promtool(
        { ...written, "squall-rules.yaml": dull },
        "test",
        "rules",
        "squall-rules.test.yaml",
      );
      expect(failing.ok).toBe(false);
      expect(failing.output).toContain("ErrorRateHigh");
    },
  );

  it.skipIf(whyNoPromtool !== undefined)(
    `writes rules that a real Prometheus loads and asks of a live run${skipped}`,
    async () => {
      const [out, target, api] = [freshFolder(), await freePort(), await freePort()];
      const live = path.join(out, "live.yaml");
      writeFileSync(
        live,
        readFileSync(scenario, "utf8")
          .replace("for: 6m", "for: 14s")
          .replace(/alerts:.*\ntimeline:\n.*\n/, ""),
      );
      await squall(["export", "prometheus", scenario, "--out", out, "--target", `127.0.0.1:${target}`]);
      const config = path.join(out, "prometheus.yaml");
      writeFileSync(config, readFileSync(config, "utf8").replaceAll("15s", "1s"));
      startPrometheus(config, path.join(out, "data"), api);
      const running = startSquall(["run", live, "--no-simulation", "--metrics-port", String(target)]);

      const rules = await eventually(
        `http://127.0.0.1:${api}/api/v1/rules`,
        (body) => !/"health":"unknown"/.test(body),
      );
      expect(rules).toContain('"name":"ErrorBudgetBurnFast"');
      expect(rules).not.toContain('"health":"err"');
      const query = encodeURIComponent('sum(squall_requests_total{outcome="ok"}) > 5');
      const value = await eventually(
        `http://127.0.0.1:${api}/api/v1/query?query=${query}`,
        (body) => !body.includes('"result":[]'),
      );
      expect(Number(/"value":\[[\d.]+,"(\d+)"\]/.exec(value)?.[1])).toBeGreaterThan(5);
      expect((await running.ended).stderr).toContain(`metrics at http://127.0.0.1:${target}/metrics`);
    },
  );
});

describe("squall analyze alerts", () => {
  it("tells of simulated months what is found, missed and for nothing, and proposes limits", async () => {
    const { code, stdout } = await squall(["analyze", "alerts", scenario, "--json"]);
    expect(code).toBe(0);
    const { quality, proposals } = JSON.parse(stdout);
    const down = quality.kinds.find(({ name }: { name: string }) => name === "every provider is down");
    expect(down.incidents).toBeGreaterThan(0);
    expect(down.missed).toBe(0);
    expect(down.detectionMs).toBeLessThanOrEqual(5 * 60_000);
    expect(proposals.map(({ alert }: { alert: string }) => alert)).toContain("LatencyP95High");
  });
});

describe("squall export openslo", () => {
  it("writes what squall import openslo reads back", async () => {
    const file = path.join(freshFolder(), "slo.yaml");
    const { stderr } = await squall(["export", "openslo", scenario, "--out", file]);
    expect(stderr).toContain("not expressed: QueueDepthHigh: OpenSLO alerts on burn rates only");
    const { stdout } = await squall(["import", "openslo", file, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      slo: { availability: { target: 0.99, good: "answered", period: "30d" } },
      alerts: { ErrorBudgetBurnFast: { burns: 0.02, in: "1h", severity: "critical" } },
      notes: [],
    });
  });
});

function startPrometheus(config: string, data: string, port: number): void {
  const child = spawn(
    "prometheus",
    ["--config.file", config, "--storage.tsdb.path", data, "--web.listen-address", `127.0.0.1:${port}`],
    { stdio: "ignore" },
  );
  onTestFinished(async () => {
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
  });
}

/** Asks until the answer is right; the test's own limit ends it otherwise. */
async function eventually(url: string, isRight: (body: string) => boolean): Promise<string> {
  for (;;) {
    const body = await fetch(url).then(
      (answer) => (answer.ok ? answer.text() : ""),
      () => "",
    );
    if (body !== "" && isRight(body)) return body;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
