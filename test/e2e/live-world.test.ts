/** A drill's world of real processes: the real Portkey twice behind the real HAProxy, looked at and acted upon. */
import path from "node:path";
import { writeFileSync, readFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { readAlertsOrDefaults } from "../../cli/alert-files.ts";
import { startLiveWorld } from "../../cli/drill/live-world.ts";
import { readScenarioInput } from "../../cli/scenario-input.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { findHaproxy } from "../../gateways/haproxy/binary.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { fixture, freshFolder, root } from "./squall-process.ts";

const haproxy = await findHaproxy(process.env);
if (haproxy === undefined) console.log("skipped: a live drill needs HAProxy, and there is none on this machine");

const silent = { step: () => undefined, detail: () => undefined, note: () => undefined };
const progress = { ...silent, done: () => undefined, fail: () => undefined };

withRealPortkey();

/** The scenario of the fleet's events without them. */
function quietFleet(): string {
  const file = path.join(freshFolder(), "quiet.yaml");
  const text = readFileSync(fixture("fleet-events.yaml"), "utf8").replace("for: 60s", "for: 30m");
  writeFileSync(file, text.replace(/^ {2}- \{ at: .*\n/gm, "").replace("timeline:\n", ""));
  return file;
}

/** Any will do: it is read, and not played. */
const runbookFile = path.join(root, "runbooks/replica-loss.md");

describe.skipIf(haproxy === undefined)("a live world", () => {
  it("is measured, probed, acted upon, and plans what goes wrong, on the scenario's clock", async () => {
    const { signal } = new AbortController();
    const scenarioFile = quietFleet();
    const text = readFileSync(runbookFile, "utf8");
    const played = await readScenarioInput(scenarioFile, {}, signal);
    const alerts = await readAlertsOrDefaults(played.scenario, scenarioFile);
    const input = { runbook: parseRunbook(text, runbookFile), text, input: played, alerts, scaling: undefined };
    const { world, stop } = await startLiveWorld(input, {
      gateway: "portkey",
      timeScale: 10,
      mockPort: 0,
      readyTimeoutMs: 30_000,
      cacheDir: cacheFolder(process.env),
      progress,
      signal,
    });
    onTestFinished(async () => void (await stop()));
    expect(await world.advanceTo(20_000, signal)).toBe("reached");
    expect(world.nowMs()).toBeGreaterThan(19_900);
    expect(world.wallTime()).toMatch(/^\d{4}-/);
    expect(await world.measure("errors", 60_000, undefined)).toBe(0);
    expect(await world.measure("replicas.ready", 60_000, undefined)).toBe(2);
    expect(await world.usersAffected()).toBe(false);
    expect(await world.probe("openai")).toMatchObject({ answers: true });
    expect(await world.probe("nobody")).toMatchObject({ answers: false });
    expect((await world.account()).requests).toBeGreaterThan(20);

    const rotate = { kind: "rotate-key", provider: "openai", gapMs: 0 } as const;
    const before = await world.stateOf(rotate);
    await world.act(rotate, "rotate");
    const rotated = await world.stateOf(rotate);
    expect(rotated).not.toBe(before);
    await world.act(rotate, "rotate");
    expect(await world.stateOf(rotate)).toBe(rotated);
    const route = { kind: "route", model: "gpt-4o-mini", providers: ["spare", "openai"] } as const;
    await world.act(route, "route");
    expect(await world.stateOf(route)).toBe("goes to spare, openai");
    await world.act({ kind: "drain", replicas: 1 }, "drain");
    expect(await world.measure("errors", 60_000, undefined)).toBe(0);

    expect(await world.measure("tokens.of-limit", 60_000, { kind: "provider", name: "spare" })).toBeLessThan(1);
    expect(await world.measure("scaling.reversals", 60_000, undefined)).toBe(0);
    const cap = { kind: "cap-tenant", tenant: "default", perHour: 60 } as const;
    await world.act(cap, "cap");
    await expect.poll(() => world.measure("rate-limited", 60_000, undefined), { timeout: 20_000 }).toBeGreaterThan(0);
    await world.act({ ...cap, perHour: null }, "lift");
    expect(await world.stateOf(cap)).toBe("may spend what it likes");

    const off = { kind: "admit", requests: false } as const;
    await world.plan([], [{ atMs: world.nowMs() + 2_000, forMs: undefined, action: off }]);
    await expect.poll(() => world.stateOf(off), { timeout: 10_000 }).toBe("turns every request away");
    await expect.poll(() => world.usersAffected(), { timeout: 20_000 }).toBe(true);
    await world.act({ kind: "admit", requests: true }, "admit");

    const run = await stop();
    expect(run.manifest.status).toBe("interrupted");
    expect(await world.advanceTo(Number.MAX_SAFE_INTEGER, signal)).toBe("over");
    const outcomes = run.records.map(({ outcome }) => outcome).filter((outcome) => outcome !== "unfinished");
    expect(new Set(outcomes)).toEqual(new Set(["ok", "rate-limited", "server-error"]));
  });
});
