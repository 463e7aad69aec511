/** `squall run --metrics prometheus`: a real Prometheus measures a fleet of real Portkeys, moves it, and alerts. */
import path from "node:path";
import { describe, expect, it } from "vitest";
import { findHaproxy } from "../../gateways/haproxy/binary.ts";
import { findPrometheus } from "../../gateways/prometheus/binary.ts";
import { readRun } from "../../runs/reader.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { expectNothingLeft, families, fixture, freshFolder, squall, startSquall } from "./squall-process.ts";

const missing = [
  (await findHaproxy(process.env)) === undefined ? "HAProxy" : "",
  (await findPrometheus(process.env)) === undefined ? "Prometheus" : "",
].filter((name) => name !== "");
if (missing.length > 0)
  console.log(`skipped: a watched fleet needs ${missing.join(" and ")}, not found on this machine`);

/** A machine that was too busy for its own load generator says so, and then judges nothing. */
const passOrInconclusive: readonly (number | null)[] = [0, 6];
const watched = ["run", fixture("watched.yaml"), "--time-scale", "2", "--metrics", "prometheus"];

withRealPortkey();

describe.skipIf(missing.length > 0)("a live run that Prometheus watches", () => {
  it("is scaled by what Prometheus measured, and its alerts are the run's", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall([...watched, "--out", out]);
    const { code, stdout, stderr } = await running.ended;
    expect(passOrInconclusive, stderr).toContain(code);
    expect(stderr).toMatch(/prometheus [\d.]+ at http:\/\/127\.0\.0\.1:\d+, which scrapes every 500 ms/);
    const { manifest, events } = await readRun(out);
    expect(manifest.environment?.["metrics"]).toMatch(/^prometheus \d/);
    const scaled = events.filter(({ kind }) => kind === "scale");
    expect(scaled[0]?.text).toMatch(/^HPA: requests_per_second [\d.]+ of target 3 per replica, 1 -> [23]/);
    expect(events.filter(({ kind }) => kind === "replica-ready")).toHaveLength(1);
    const [fires, ends] = events.filter(({ kind }) => kind.startsWith("alert-"));
    expect(fires).toMatchObject({ kind: "alert-fires", subject: "ManyErrors" });
    expect(fires?.text).toBe("ManyErrors fires (critical, by Prometheus)");
    // The provider fails from 10 s to 18 s, and the alert looks back over four.
    expect(fires?.atMs).toBeGreaterThan(10_000);
    expect(fires?.atMs).toBeLessThan(18_000);
    expect(ends).toMatchObject({ kind: "alert-ends" });
    expect(stdout).toContain("Alerts  ManyErrors fires");
    await expectNothingLeft(running);
  });

  it.skipIf(!families.visible)("breaks off and says so when Prometheus is killed", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall([...watched, "--no-simulation", "--out", out]);
    await running.says("stderr", /live, under load/);
    const [victim] = running
      .family()
      .filter(({ command }) => /prometheus --config/.test(command) && !command.includes("guard.ts"));
    process.kill(victim?.pid ?? Number.NaN, "SIGKILL");
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "This run cannot be judged: the run broke off: what measures ended during the run: prometheus ended by itself (SIGKILL)",
    );
    expect((await readRun(out)).manifest.status).toBe("failed");
    await expectNothingLeft(running);
  });
});

describe("a live run that Prometheus is to watch", () => {
  it("is refused with 5 where there is none, before anything is started", async () => {
    const { code, stderr } = await squall(watched, { env: { SQUALL_PROMETHEUS: "/nowhere/prometheus" } });
    expect(code).toBe(5);
    expect(stderr).toContain(
      "squall: --metrics prometheus needs Prometheus, and there is none on this machine\nhint: install it",
    );
  });

  it("is refused with 2 where the user has one that is to scrape it", async () => {
    const { code, stderr } = await squall([...watched, "--metrics-port", "0"]);
    expect(code).toBe(2);
    expect(stderr).toContain("'--metrics <source>' cannot be used with option '--metrics-port <number>'");
  });
});
