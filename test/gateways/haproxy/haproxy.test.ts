import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findHaproxy } from "../../../gateways/haproxy/binary.ts";
import { haproxyConfig, type HaproxySettings, modelKey } from "../../../gateways/haproxy/config.ts";
import { startHaproxy } from "../../../gateways/haproxy/front.ts";
import { runtimeCommand } from "../../../gateways/haproxy/runtime-socket.ts";
import { parseStatistics } from "../../../gateways/haproxy/statistics.ts";

const settings: HaproxySettings = {
  port: 8080,
  folder: "/tmp/lb",
  balance: { by: "round-robin" },
  slots: 3,
  concurrency: 7,
  headers: ["x-route"],
};

const binary = await findHaproxy(process.env);

describe("HAProxy's configuration", () => {
  it("has empty slots, no retry of what was sent, and no checks of its own", () => {
    const text = haproxyConfig(settings);
    expect(text).toContain("server-template s 1-3 127.0.0.1:1 disabled weight 100 maxconn 7\n");
    expect(text).toContain("  bind 127.0.0.1:8080\n");
    expect(text).toContain("  option http-no-delay\n");
    expect(text).toContain("  retries 1\n");
    expect(text).not.toMatch(/retry-on|httpchk/);
    expect(haproxyConfig({ ...settings, concurrency: undefined })).toContain("weight 100\n");
  });

  it.each([
    [{ by: "round-robin" }, "balance roundrobin"],
    [{ by: "weighted" }, "balance roundrobin"],
    [{ by: "least-connections" }, "balance leastconn"],
    [{ by: "consistent-hash" }, "balance hdr(x-squall-session)\n  hash-type consistent\n  http-response"],
    [{ by: "consistent-hash", loadBound: 1.25 }, "hash-type consistent\n  hash-balance-factor 125"],
  ] as const)("balances as the scenario says: %j", (balance, lines) => {
    expect(haproxyConfig({ ...settings, balance })).toContain(`  ${lines}`);
  });

  it("names models so that neither a comma nor a space can split them", () => {
    expect(modelKey("meta/llama 3,1")).toBe("meta%2Fllama%203%2C1");
  });

  it.skipIf(binary === undefined)("is refused with HAProxy's own words when it is wrong", async () => {
    const started = startHaproxy({
      ...settings,
      binary: binary ?? { file: "", version: "" },
      slots: 0,
      values: new Map(),
      readyTimeoutMs: 5_000,
      signal: AbortSignal.timeout(10_000),
    });
    await expect(started).rejects.toMatchObject({ code: "haproxy-config" });
  });
});

describe("HAProxy's counts", () => {
  it("are read by the names of their columns", () => {
    const csv = [
      "# pxname,svname,qcur,qmax,scur,lbtot,req_tot,",
      "clients,FRONTEND,,,3,,40,",
      "gateway,s1,1,2,2,21,,",
      "gateway,s12,0,0,1,19,,",
      "gateway,BACKEND,5,8,3,40,40,",
    ].join("\n");
    expect(parseStatistics(csv)).toEqual({
      arrived: 40,
      waiting: 6,
      mostWaiting: [8, 10],
      slots: new Map([
        [1, { inFlight: 2, taken: 21 }],
        [12, { inFlight: 1, taken: 19 }],
      ]),
    });
  });
});

describe("finding HAProxy", () => {
  it("takes the one that is named, and only that", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "squall-haproxy-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const named = path.join(folder, "balancer");
    writeFileSync(named, "#!/bin/sh\necho 'HAProxy version 3.1.4-abc 2026/01/01'\n", { mode: 0o755 });
    expect(await findHaproxy({ SQUALL_HAPROXY: named })).toEqual({ file: named, version: "3.1.4" });
    expect(await findHaproxy({ SQUALL_HAPROXY: path.join(folder, "none"), PATH: process.env["PATH"] })).toBeUndefined();
  });

  it("says so when nobody answers on its socket", async () => {
    await expect(runtimeCommand("/nowhere/admin.sock", "show stat")).rejects.toMatchObject({ code: "haproxy-silent" });
  });
});
