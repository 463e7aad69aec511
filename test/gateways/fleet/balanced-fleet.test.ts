/** A fleet behind the real HAProxy; the gateways are servers of this process. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { GatewayPolicy } from "../../../gateways/driver.ts";
import type { MovableFleet } from "../../../gateways/fleet/live-fleet.ts";
import type { BalancedFleetOptions } from "../../../gateways/fleet/balanced-fleet.ts";
import { startBalancedFleet } from "../../../gateways/fleet/start-fleet.ts";
import { findHaproxy } from "../../../gateways/haproxy/binary.ts";
import { type HaproxyStart, startHaproxy } from "../../../gateways/haproxy/front.ts";
import { testModel, testPolicy, testProvider } from "../policies.ts";
import { type Echo, echoGateway, type EchoGateway, type EchoOptions } from "./echo-gateway.ts";

const binary = await findHaproxy(process.env);
if (binary === undefined) console.log("skipped: tests of the fleet need HAProxy, and there is none on this machine");

const policy = testPolicy([testProvider("openai")]);
const other = testPolicy([testProvider("azure"), testProvider("openai")]);

interface Changes extends Partial<EchoOptions> {
  readonly start?: number;
  readonly front?: Partial<HaproxyStart>;
  readonly fleet?: Partial<BalancedFleetOptions>;
}

interface Started {
  readonly fleet: MovableFleet;
  readonly gateways: EchoGateway[];
  readonly events: string[];
}

async function started(changes: Changes = {}): Promise<Started> {
  const gateways: EchoGateway[] = [];
  const events: string[] = [];
  const signal = AbortSignal.timeout(20_000);
  if (binary === undefined) throw new Error("no HAProxy");
  const begunMs = performance.now();
  const fleet = await startBalancedFleet(
    {
      startReplica: async (given: GatewayPolicy, version) => {
        const gateway = await echoGateway(given, version, { holds: false, takesPolicy: true, ...changes });
        gateways.push(gateway);
        return gateway;
      },
      policy,
      startFront: (values) =>
        startHaproxy({
          binary,
          values,
          headers: [...values.keys()],
          balance: { by: "round-robin" },
          slots: 4,
          concurrency: undefined,
          readyTimeoutMs: 10_000,
          signal,
          ...changes.front,
        }),
      slots: 4,
      balance: "round-robin",
      startupMs: () => 0,
      readinessMs: 0,
      clock: { nowMs: () => (performance.now() - begunMs) * 10, timeScale: 10 },
      watcher: {
        happened: (kind, subject, text) => events.push(`${kind} ${subject} ${text}`),
        changed: () => undefined,
      },
      ...changes.fleet,
    },
    changes.start ?? 2,
    "v1",
    signal,
  );
  onTestFinished(async () => {
    for (const gateway of gateways) gateway.release();
    await fleet.stop(1_000);
  });
  return { fleet, gateways, events };
}

async function ask(fleet: MovableFleet, session = ""): Promise<Response> {
  const { url, headers, sessionHeader } = fleet.call(testModel);
  const named = sessionHeader === undefined ? {} : { [sessionHeader]: session };
  return await fetch(url, { method: "POST", body: "{}", headers: { ...headers, ...named } });
}

async function echoOf(fleet: MovableFleet, session?: string): Promise<Echo> {
  const response = await ask(fleet, session);
  expect(response.status).toBe(200);
  const echo: Echo = JSON.parse(response.headers.get("x-echo") ?? "null");
  return echo;
}

/** Until it is so, at most for as long as a test may take. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}

const phases = (fleet: MovableFleet): readonly string[] =>
  fleet.replicas().map(({ name, phase }) => `${name} ${phase}`);

describe.skipIf(binary === undefined)("a fleet behind a load balancer", () => {
  it("deals requests out in turn, and adds the gateway's headers in place of its own", async () => {
    const { fleet, gateways } = await started();
    const echoes = [await echoOf(fleet), await echoOf(fleet), await echoOf(fleet), await echoOf(fleet)];
    expect(new Set(echoes.map(({ port }) => port)).size).toBe(2);
    expect(echoes[0]?.port).toBe(echoes[2]?.port);
    expect(echoes[0]).toMatchObject({ route: "openai", version: "v1" });
    expect(echoes[0]?.fleetHeader).toBeUndefined();
    expect(fleet.description).toBe(`echo 1.0 behind haproxy ${binary?.version} (round-robin)`);
    expect(() => fleet.call("unheard-of")).toThrow('no route for model "unheard-of"');
    const sample = await fleet.sample();
    expect(sample).toEqual({ arrived: 4, waiting: 0, mostWaiting: [0, 0], inFlight: 0, cpuSeconds: 0 });
    expect(fleet.replicas()).toMatchObject([
      { name: "gateway-0", phase: "ready", taken: 2, cpuSeconds: 1.5, rssBytes: 1_000 },
      { name: "gateway-1", phase: "ready", taken: 2 },
    ]);
    await fleet.stop(1_000);
    expect(gateways.map((gateway) => gateway.isStopped())).toEqual([true, true]);
  });

  it("gives a new replica requests once its start-up is over and its process answers", async () => {
    const { fleet, events } = await started({ start: 1, fleet: { startupMs: () => 1_000, readinessMs: 500 } });
    fleet.add(1, "v2");
    expect(phases(fleet)).toEqual(["gateway-0 ready", "gateway-1 starting"]);
    expect((await echoOf(fleet)).version).toBe("v1");
    await until(() => phases(fleet).includes("gateway-1 unready"));
    await until(() => phases(fleet).includes("gateway-1 ready"));
    const [, second] = fleet.replicas();
    expect((second?.sinceMs ?? 0) - (second?.wishedMs ?? 0)).toBeGreaterThanOrEqual(1_400);
    expect(events[0]).toMatch(/^replica-ready gateway-1 serves .* after it was wished for$/);
    const versions = [(await echoOf(fleet)).version, (await echoOf(fleet)).version];
    expect(versions.toSorted()).toEqual(["v1", "v2"]);
  });

  it("lets a replica that drains finish what it has, and gives it nothing more", async () => {
    const { fleet, gateways, events } = await started({ holds: true });
    const held = [ask(fleet), ask(fleet)];
    await until(() => gateways.every((gateway) => gateway.held() === 1));
    fleet.drain(0);
    expect(phases(fleet)).toEqual(["gateway-0 draining", "gateway-1 ready"]);
    await until(async () => (await fleet.sample()).inFlight === 2);
    gateways[1]?.release();
    const [, second] = fleet.replicas();
    expect(second?.inFlight).toBe(1);
    const versions = await Promise.all([ask(fleet), ask(fleet)]);
    expect(versions.map(({ status }) => status)).toEqual([200, 200]);
    expect(gateways[0]?.held()).toBe(1);
    gateways[0]?.release();
    await until(() => phases(fleet).length === 1);
    expect(events[0]).toMatch(/^replica-gone gateway-0 finished its last request .* after it got no more$/);
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it("ends a drain when the grace is over, and says what is lost", async () => {
    const { fleet, gateways, events } = await started({ holds: true, start: 1, fleet: { graceMs: 500 } });
    const held = ask(fleet);
    await until(() => gateways[0]?.held() === 1);
    fleet.drain(0);
    expect((await held).status).toBe(502);
    expect(events).toEqual(["replica-gone gateway-0 is killed: its grace is over, with 1 request in flight"]);
  });

  it("kills a replica with what is in flight on it", async () => {
    const { fleet, gateways, events } = await started({ holds: true, start: 1 });
    const held = ask(fleet);
    await until(() => gateways[0]?.held() === 1);
    await until(async () => (await fleet.sample()).inFlight === 1);
    expect(await fleet.kill(0)).toBe(1);
    expect((await held).status).toBe(502);
    expect(events).toEqual(["replica-gone gateway-0 is killed, with 1 request in flight"]);
    expect(await fleet.kill(0)).toBe(0);
    fleet.add(1, "v1");
    await until(() => phases(fleet)[0] === "gateway-1 ready");
    gateways[1]?.release();
    expect((await ask(fleet)).status).toBe(200);
    await fleet.sample();
    expect(fleet.replicas()[0]?.taken).toBe(1); // it lives where the other one did, whose requests are not its own
  });

  it("notices a replica that ends by itself, and sends nobody there", async () => {
    const { fleet, gateways, events } = await started();
    gateways[0]?.crash();
    await until(() => phases(fleet).length === 1);
    expect(events).toEqual(["replica-gone gateway-0 echo ended by itself (exit code 7)"]);
    expect([(await ask(fleet)).status, (await ask(fleet)).status]).toEqual([200, 200]);
  });

  it("keeps conversations together, and moves only some when a replica comes", async () => {
    const { fleet } = await started({ front: { balance: { by: "consistent-hash" } } });
    const sessions = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const homes = async (): Promise<readonly number[]> =>
      await Promise.all(sessions.map(async (session) => (await echoOf(fleet, session)).port));
    const before = await homes();
    expect(await homes()).toEqual(before);
    expect(new Set(before).size).toBe(2);
    fleet.add(1, "v1");
    await until(() => fleet.replicas().every(({ phase }) => phase === "ready"));
    const after = await homes();
    const moved = after.filter((port, index) => port !== before[index]).length;
    expect(new Set(after).size).toBe(3);
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(sessions.length / 2);
  });

  it("deals requests out by the shares of versions", async () => {
    const weights = { v1: 0.75, v2: 0.25 };
    const { fleet } = await started({ start: 1, front: { balance: { by: "weighted" } }, fleet: { weights } });
    fleet.add(1, "v2");
    await until(() => fleet.replicas().every(({ phase }) => phase === "ready"));
    const versions: string[] = [];
    for (let count = 0; count < 20; count++) versions.push((await echoOf(fleet)).version);
    const second = versions.filter((version) => version === "v2").length;
    expect([4, 5, 6]).toContain(second); // weights are whole percents of each other: 33 to 100
  });

  it("makes requests wait while every replica has as many as it takes", async () => {
    const { fleet, gateways } = await started({ holds: true, start: 1, front: { concurrency: 2 } });
    const held = [ask(fleet), ask(fleet), ask(fleet)];
    await until(async () => (await fleet.sample()).waiting === 1);
    expect(gateways[0]?.held()).toBe(2);
    gateways[0]?.release();
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await fleet.sample()).toMatchObject({ waiting: 0, mostWaiting: [1, 1] });
    await fleet.countMostAnew?.();
    expect(await fleet.sample()).toMatchObject({ mostWaiting: [0, 0], arrived: 3 });
  });

  it("takes a sick replica out, and lets all serve when all are found sick", async () => {
    const { fleet, gateways } = await started();
    fleet.judge(0, false);
    await until(async () => (await echoOf(fleet)).port === (await echoOf(fleet)).port);
    fleet.judge(1, false);
    await until(async () => (await echoOf(fleet)).port !== (await echoOf(fleet)).port);
    expect(await fleet.probe(0, "http", 1_000)).toBe(true);
    expect(await fleet.probe(0, "model", 1_000)).toBe(true);
    gateways[0]?.crash();
    expect(await fleet.probe(0, "http", 1_000)).toBe(false);
    expect(await fleet.probe(0, "model", 1_000)).toBe(false);
  });

  it("turns everybody away, and lets them in again", async () => {
    const { fleet } = await started({ start: 1 });
    await fleet.admit(false);
    const refused = await ask(fleet);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: "gateway-off" } });
    await fleet.admit(true);
    expect((await ask(fleet)).status).toBe(200);
  });

  it("routes by another policy from the next request on, where the gateway takes it from requests", async () => {
    const { fleet } = await started({ start: 1 });
    expect(await fleet.setPolicy(other)).toBe("at-once");
    expect((await echoOf(fleet)).route).toBe("azure then openai");
  });

  it("has new replicas serve another policy, where the gateway reads it when it starts", async () => {
    const { fleet } = await started({ start: 1, takesPolicy: false });
    expect(await fleet.setPolicy(other)).toBe("new-replicas");
    fleet.add(1, "v1");
    expect(fleet.replicas().map((replica) => replica.policy)).toEqual([0, 1]);
  });

  it.each([
    ["a start that fails", false, 3],
    ["a start that nobody waits for any more", true, 1],
  ])("does not ask for one replica after the other without end: %s", async (_, isOver, asked) => {
    const over = new AbortController();
    const made: { fleet?: MovableFleet } = {};
    let adds = 0;
    let isLooking = false;
    // As whoever moves a fleet does: two are wished for.
    const changed = (): void => {
      const { fleet } = made;
      if (isLooking || fleet === undefined || fleet.replicas().length >= 2 || adds === 50) return;
      isLooking = true;
      adds += 1;
      fleet.add(1, "v1");
      isLooking = false;
    };
    const echo = { holds: false, takesPolicy: true };
    const startReplica: BalancedFleetOptions["startReplica"] = async (given, version) => {
      if (made.fleet === undefined) return await echoGateway(given, version, echo);
      throw new Error("no memory");
    };
    const watcher = { happened: () => undefined, changed };
    const { fleet } = await started({ start: 1, fleet: { startReplica, signal: over.signal, watcher } });
    made.fleet = fleet;
    if (isOver) over.abort();
    changed();
    await sleep(50);
    expect(adds).toBe(asked);
  });

  it("gives up, with the reason, when several in a row do not start", async () => {
    const { fleet, events } = await started({ start: 1, front: { slots: 4 }, fleet: { slots: 1 } });
    fleet.add(3, "v1");
    expect(await fleet.exited).toBe(
      "3 replicas in a row did not start: all 1 places behind the load balancer are taken",
    );
    expect(events).toHaveLength(3);
    await until(() => fleet.replicas().length === 1);
  });

  it("leaves nothing running when a replica of the start fails", async () => {
    const gateways: EchoGateway[] = [];
    let asked = 0;
    const startReplica: BalancedFleetOptions["startReplica"] = async (given, version) => {
      asked += 1;
      if (asked === 2) throw new Error("out of memory");
      const gateway = await echoGateway(given, version, { holds: false, takesPolicy: true });
      gateways.push(gateway);
      return gateway;
    };
    await expect(started({ fleet: { startReplica } })).rejects.toThrow("out of memory");
    expect(gateways.map((gateway) => gateway.isStopped())).toEqual([true]);
  });
});
