/** `squall run` with several real Portkeys behind the real HAProxy: scaled, acted on, killed. */
import { writeFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Run } from "../../core/run.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { findHaproxy } from "../../gateways/haproxy/binary.ts";
import { findK6 } from "../../load/k6/find.ts";
import { readRun } from "../../runs/reader.ts";
import { withRealPortkey } from "./real-portkey.ts";
import {
  expectNothingLeft,
  families,
  fixture,
  freshFolder,
  root,
  type Running,
  startSquall,
} from "./squall-process.ts";

const haproxy = await findHaproxy(process.env);
if (haproxy === undefined) console.log("skipped: a live fleet needs HAProxy, and there is none on this machine");

/** A machine that stands still for a moment moves a decision to the next one: what was timed so badly is played again. */
const onBusyMachines = { retry: 2 };

/** A machine that was too busy for its own load generator says so, and then judges nothing. */
const passOrInconclusive: readonly (number | null)[] = [0, 6];

const events = fixture("fleet-events.yaml");

withRealPortkey();

/** Numbers wished for, in order of time. */
function wishes({ manifest }: Run): readonly number[] {
  const wished = manifest.replicas?.counts.map((counts) => counts.wished) ?? [];
  return wished.filter((count, index) => count !== wished[index - 1]);
}

function told(run: Run, kind: string): readonly string[] {
  return run.events.filter((event) => event.kind === kind).map(({ subject, text }) => `${subject}: ${text}`);
}

function kill(running: Running, words: string): void {
  const members = running.family().filter(({ command }) => command.includes(words) && !command.includes("guard.ts"));
  const [first] = members;
  if (first === undefined) throw new Error(`nothing runs ${words}`);
  process.kill(first.pid, "SIGKILL");
}

/** The scenario of the events without them, for longer than anybody waits. */
function quietFleet(): string {
  const file = path.join(freshFolder(), "quiet.yaml");
  const text = readFileSync(events, "utf8").replace("for: 60s", "for: 30m");
  writeFileSync(file, text.replace(/^ {2}- \{ at: .*\n/gm, "").replace("timeline:\n", ""));
  return file;
}

describe.skipIf(haproxy === undefined)("a live fleet", () => {
  it(
    "is scaled by the policy that scales the simulated one, to the same numbers for the same reasons",
    onBusyMachines,
    async () => {
      const out = path.join(freshFolder(), "run");
      const running = startSquall(["run", "scenarios/small-launch.yaml", "--time-scale", "10", "--out", out]);
      const { code, stdout } = await running.ended;
      expect(passOrInconclusive).toContain(code);
      const [live, simulated] = [await readRun(out), await readRun(path.join(out, "simulated"))];
      expect(wishes(live)).toEqual([1, 2, 3, 1]);
      expect(wishes(live)).toEqual(wishes(simulated));
      const scaled = told(live, "scale");
      expect(scaled[0]).toMatch(/^gateway: HPA: requests_per_second [\d.]+ of target 3 per replica, 1 -> 2$/);
      expect(told(live, "replica-ready")).toHaveLength(2);
      expect(told(live, "replica-gone")).toHaveLength(2);
      expect(live.manifest.gateway).toContain("behind haproxy");
      expect(live.manifest.scaling).toMatchObject({ file: "requests-hpa.yaml" });
      expect(live.manifest.replicas?.demand.length).toBeGreaterThan(10);
      expect(live.manifest.replicas?.mostWaiting).toHaveLength(2);
      expect(live.records.every(({ outcome }) => outcome === "ok")).toBe(true);
      expect(stdout).toContain("Replicas that serve, mean distance");
      await expectNothingLeft(running);
    },
  );

  it(
    "is acted on as its simulation is, and refuses in words what cannot be done to processes",
    onBusyMachines,
    async () => {
      const out = path.join(freshFolder(), "run");
      const running = startSquall(["run", events, "--time-scale", "10", "--out", out]);
      const { code } = await running.ended;
      expect(passOrInconclusive).toContain(code);
      const [live, simulated] = [await readRun(out), await readRun(path.join(out, "simulated"))];
      const done = told(live, "action");
      expect(done).toEqual([
        "openai: has a new key; the old one is sent for 0 ms more",
        "gateway: v2 is rolled out, surge 1, unavailable 0",
        "gateway: 1 replica drained",
        "gateway: by hand: 2 -> 3",
        "gpt-4o-mini: goes to spare in place of openai",
        "openai: no connection comes about",
        "everybody: may spend $5.00 an hour, counted by the minute",
        "gateway: nobody scales",
        "gateway: 1 replica can reach no model",
        "gateway: the gateway keeps no answers: there is nothing to lose",
        "gateway: every replica reaches models again",
        "gateway: turns every request away",
        "gateway: lets requests in",
      ]);
      expect(wishes(live)).toEqual([2, 3]);
      expect(wishes(live)).toEqual(wishes(simulated));
      // Every failure was asked for: the new key, the rollout, the drain and the route cost no request.
      const failed = live.records.filter(({ outcome }) => outcome !== "ok");
      expect(failed.length).toBeGreaterThan(0);
      expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([500, 503]));
      const [openai, spare] = live.manifest.providers;
      expect([openai?.refused, openai?.failed]).toEqual([0, 0]);
      expect(spare?.served).toBeGreaterThan(10);
      await expectNothingLeft(running);
    },
  );
});

describe.skipIf(haproxy === undefined || !families.visible)("a live fleet in which something is killed", () => {
  it("goes on without a replica, says that it ended by itself, and starts another", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", quietFleet(), "--time-scale", "10", "--out", out]);
    await running.says("stderr", /live, under load/);
    const gateways = (): number => running.family().filter(({ command }) => isGateway(command)).length;
    kill(running, "start-server.js");
    await expect.poll(gateways, { timeout: 10_000, interval: 20 }).toBe(1);
    await expect.poll(gateways, { timeout: 20_000, interval: 50 }).toBe(2);
    running.kill("SIGINT");
    const { code } = await running.ended;
    expect(code).toBe(130);
    const run = await readRun(out);
    expect(run.manifest.status).toBe("interrupted");
    expect(told(run, "replica-gone")[0]).toMatch(/^gateway-[01]: portkey ended by itself \(SIGKILL\)$/);
    await expectNothingLeft(running);
  });

  it("ends at once when its load balancer is killed, and the run says that it was that", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", quietFleet(), "--time-scale", "10", "--out", out]);
    await running.says("stderr", /live, under load/);
    kill(running, "haproxy.cfg");
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    const reason = "the gateway ended during the run: haproxy ended by itself (SIGKILL)";
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(reason);
    expect((await readRun(out)).events.at(-1)).toMatchObject({ kind: "failure", text: reason });
    await expectNothingLeft(running);
  });
});

const k6 = await findK6({ env: process.env, cacheDir: cacheFolder(process.env) }).catch(() => undefined);
if (k6 === undefined) console.log("skipped: a fleet under load by k6 needs k6, and there is none on this machine");

describe.skipIf(haproxy === undefined || !families.visible)("what stands around a live fleet and is killed", () => {
  it.each([
    {
      who: "the mock providers",
      words: "squall.mjs mock",
      engine: "native",
      told: "the mock providers ended during the run: SIGKILL",
    },
    { who: "k6", words: `${k6?.binary ?? ""} run`, engine: "k6", told: "k6 ended with SIGKILL in phase load" },
  ])("ends the run at once, which says that it was $who", async ({ words, engine, told: reason }) => {
    if (engine === "k6" && k6 === undefined) return;
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", quietFleet(), "--time-scale", "10", "--engine", engine, "--out", out]);
    await running.says("stderr", /live, under load/);
    if (engine === "k6") await expect.poll(() => runs(running, words), { timeout: 20_000, interval: 50 }).toBe(true);
    kill(running, words);
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(`This run cannot be judged: the run broke off: ${reason}`);
    const { manifest, events: happened } = await readRun(out);
    expect(manifest.status).toBe("failed");
    expect(manifest.durationMs).toBeGreaterThanOrEqual(0);
    expect(happened.at(-1)).toMatchObject({ kind: "failure", text: reason });
    await expectNothingLeft(running);
  });
});

describe("a scenario that wants a fleet", () => {
  it("ends with 5 and what to do where there is no HAProxy", async () => {
    const env = { SQUALL_HAPROXY: path.join(root, "no-such-program") };
    const missing = startSquall(["run", events], { env });
    const { code, stderr } = await missing.ended;
    expect(code).toBe(5);
    expect(stderr).toContain("need HAProxy in front of them, and there is none\nhint: install it");
    await expectNothingLeft(missing);
  });
});

function runs(running: Running, words: string): boolean {
  return running.family().some(({ command }) => command.includes(words) && !command.includes("guard.ts"));
}

function isGateway(command: string): boolean {
  return command.includes("start-server.js") && !command.includes("guard.ts");
}
