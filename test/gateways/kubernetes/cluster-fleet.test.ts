/** A fleet of pods, moved by the real kubectl; the API server answers what is on record. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { ClusterFleet, type ClusterFleetOptions, joinCluster } from "../../../gateways/kubernetes/cluster-fleet.ts";
import type { DeploymentFile } from "../../../gateways/kubernetes/deployment-file.ts";
import type { ClusterChange } from "../../../gateways/kubernetes/cluster-change.ts";
import { findKubectl, type Kubectl, kubectlFor, type KubectlOptions } from "../../../gateways/kubernetes/kubectl.ts";
import { type ClusterSettings, type RecordedCluster, startCluster } from "./recorded-cluster.ts";

const kubectl = await findKubectl(process.env);
if (kubectl === undefined) console.log("skipped: tests of pods need kubectl, and there is none on this machine");

const file: DeploymentFile = {
  context: "recorded",
  namespace: "shop",
  deployment: "gateway",
  container: undefined,
  versions: { v2: "shop/gateway:2" },
};

interface Joined {
  readonly fleet: ClusterFleet;
  readonly cluster: RecordedCluster;
  readonly events: string[];
  readonly commands: string[];
  readonly troubles: string[];
}

interface Changes extends Partial<ClusterSettings> {
  readonly fleet?: Partial<ClusterFleetOptions>;
  readonly kubectl?: Partial<KubectlOptions>;
}

async function joined(changes: Changes = {}): Promise<Joined> {
  const cluster = await startCluster(changes);
  onTestFinished(() => cluster.remove());
  const told = { events: [] as string[], commands: [] as string[], troubles: [] as string[] };
  const fleet = await joinCluster({
    kubectl: kubectlFor({
      binary: kubectl?.file ?? "",
      deployment: file,
      env: { ...process.env, ...cluster.env },
      onCommand: (text) => told.commands.push(text),
      isRehearsal: false,
      ...changes.kubectl,
    }),
    file,
    gateway: {
      description: "shop",
      call: (model) => ({ url: `http://shop/${model}`, headers: {} }),
    },
    start: 2,
    firstVersion: "v1",
    readyTimeoutMs: 20_000,
    clock: { nowMs: () => performance.now(), timeScale: 1 },
    watcher: {
      happened: (kind, subject, text) => told.events.push(`${kind} ${subject} ${text}`),
      changed: () => undefined,
    },
    onTrouble: (text) => told.troubles.push(text),
    signal: new AbortController().signal,
    ...changes.fleet,
  });
  onTestFinished(() => fleet.stop());
  return { fleet, cluster, ...told };
}

it("puts back what a command that failed may have changed all the same", async () => {
  const changes: ClusterChange[] = [];
  const kubectl: Kubectl = {
    isRehearsal: false,
    read: () => Promise.resolve(""),
    change: (change) => {
      changes.push(change);
      return changes.length === 1 ? Promise.reject(new Error("no answer in time")) : Promise.resolve("");
    },
    command: () => ({ command: "kubectl", args: [] }),
  };
  const fleet = new ClusterFleet(
    {
      kubectl,
      file,
      gateway: { description: "shop", call: () => ({ url: "http://shop/", headers: {} }) },
      start: 2,
      firstVersion: "v1",
      readyTimeoutMs: 1_000,
      clock: { nowMs: () => 0, timeScale: 1 },
      watcher: { happened: () => undefined, changed: () => undefined },
      onTrouble: () => undefined,
      signal: new AbortController().signal,
    },
    { replicas: 2, selector: "app=gateway", container: "gateway", image: "shop/gateway:1", pace: "surge 1" },
  );
  await expect(fleet.scale(3)).rejects.toThrow("no answer in time");
  await fleet.stop();
  expect(changes).toEqual([
    { kind: "scale", replicas: 3 },
    { kind: "scale", replicas: 2 },
  ]);
});

/** Until it is so, at most for as long as a test may take. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(10);
}

const phases = (fleet: ClusterFleet): readonly string[] =>
  fleet.replicas().map(({ name, phase }) => `${name} ${phase}`);
const ready = (fleet: ClusterFleet): number => fleet.replicas().filter(({ phase }) => phase === "ready").length;

describe.skipIf(kubectl === undefined)("a fleet of pods", () => {
  it("is what the Deployment has, called by its Service's address", async () => {
    const { fleet, cluster, commands } = await joined();
    expect(phases(fleet)).toEqual(["gateway-hash1-0 ready", "gateway-hash1-1 ready"]);
    expect(fleet.replicas().map(({ version }) => version)).toEqual(["v1", "v1"]);
    expect(fleet.description).toBe("shop, deployment gateway in shop of recorded");
    expect(fleet.call("gpt-4o-mini").url).toBe("http://shop/gpt-4o-mini");
    expect(fleet.pace).toBe("surge 1, unavailable 0");
    await fleet.stop();
    expect([commands, cluster.changes, cluster.unknown]).toEqual([[], [], []]);
  });

  it("is brought to the number of pods that the run begins with, and back to what it was at the end", async () => {
    const { fleet, cluster, commands } = await joined({ fleet: { start: 3 } });
    expect(ready(fleet)).toBe(3);
    await fleet.setImage("shop/gateway:2");
    await fleet.stop();
    expect(commands.map((text) => text.replace("kubectl --context recorded --namespace shop ", ""))).toEqual([
      "scale deployment/gateway --replicas=3",
      "set image deployment/gateway gateway=shop/gateway:2",
      "set image deployment/gateway gateway=shop/gateway:1",
      "scale deployment/gateway --replicas=2",
    ]);
    expect([cluster.replicas(), cluster.image()]).toEqual([2, "shop/gateway:1"]);
  });

  it("shows each command before it runs, and sees pods come and go", async () => {
    const { fleet, cluster, events } = await joined();
    await fleet.scale(3);
    expect(cluster.changes).toEqual(['PATCH deployments/gateway/scale {"spec":{"replicas":3}}']);
    await until(() => ready(fleet) === 3);
    expect(events[0]).toMatch(/^replica-ready gateway-hash1-2 serves .* after it was seen first$/);
    await fleet.scale(1);
    await until(() => fleet.replicas().length === 1);
    expect(events.slice(1).toSorted()).toEqual([
      "replica-gone gateway-hash1-1 has ended",
      "replica-gone gateway-hash1-2 has ended",
    ]);
    expect(cluster.unknown).toEqual([]);
  });

  it("is rolled out and rolled back by the Deployment, pod by pod", async () => {
    const { fleet, cluster, commands } = await joined();
    await fleet.setImage("shop/gateway:2");
    await until(() => fleet.replicas().every(({ version, phase }) => version === "v2" && phase === "ready"));
    await fleet.undo("shop/gateway:1");
    await until(() => fleet.replicas().every(({ version, phase }) => version === "v1" && phase === "ready"));
    expect(commands.map((text) => text.split(" shop ")[1])).toEqual([
      "set image deployment/gateway gateway=shop/gateway:2",
      "rollout undo deployment/gateway",
    ]);
    await fleet.stop();
    expect(cluster.image()).toBe("shop/gateway:1");
    expect(commands).toHaveLength(2); // it is as it was found: nothing is put back
    expect(cluster.unknown).toEqual([]);
  });

  it("loses pods at once, or lets them finish; others come for them", async () => {
    const { fleet, cluster } = await joined();
    expect(await fleet.remove(1, "at-once")).toBe(1);
    await until(() => ready(fleet) === 2 && !cluster.pods().includes("gateway-hash1-0"));
    expect(await fleet.remove(1, "in-order")).toBe(1);
    await until(() => ready(fleet) === 2 && !cluster.pods().includes("gateway-hash1-1"));
    expect(cluster.changes).toEqual([
      'DELETE pods/gateway-hash1-0 {"gracePeriodSeconds":0,"propagationPolicy":"Background"}',
      'DELETE pods/gateway-hash1-1 {"propagationPolicy":"Background"}',
    ]);
  });

  it("leaves alone what has the same labels and belongs to something else", async () => {
    const { fleet, cluster } = await joined();
    cluster.addStranger();
    await fleet.scale(3);
    await until(() => ready(fleet) === 3);
    expect(fleet.replicas().map(({ name }) => name)).toEqual(["gateway-hash1-0", "gateway-hash1-1", "gateway-hash1-2"]);
  });

  it("tells of a container that was started again, with the reason", async () => {
    const { cluster, events } = await joined();
    cluster.restart();
    await until(() => events.length > 0);
    expect(events).toEqual([
      "replica-restarted gateway-hash1-0 its container was started again (OOMKilled, exit code 137)",
    ]);
  });

  it("knows what pods use where the cluster has a metrics API, and says so once where it has none", async () => {
    const { fleet } = await joined();
    fleet.saw(12, 3);
    expect(await fleet.sample()).toEqual({ arrived: 12, waiting: 0, inFlight: 3, cpuSeconds: 2 * 0.25 * 15.2 });
    expect(fleet.replicas().map(({ cpuSeconds, rssBytes }) => [cpuSeconds, rssBytes])).toEqual([
      [3.8, 134_217_728],
      [3.8, 134_217_728],
    ]);
    const without = await joined({ hasMetrics: false });
    expect(await without.fleet.sample()).toMatchObject({ cpuSeconds: 0 });
    await without.fleet.sample();
    expect(without.events).toEqual([
      "usage-unknown gateway the cluster has no metrics API: CPU and memory are not known",
    ]);
  });

  it("goes on watching when the API server ends a watch", async () => {
    const { fleet, cluster } = await joined();
    cluster.endWatches();
    await fleet.scale(3);
    await until(() => ready(fleet) === 3);
    cluster.endWatches();
    cluster.evict(); // while nobody watches
    await until(() => ready(fleet) === 3 && !phases(fleet).includes("gateway-hash1-0 ready"));
  });

  it("cannot go on when the cluster is out of reach, and says why and what was not put back", async () => {
    const { fleet, cluster, troubles } = await joined({ fleet: { start: 3 } });
    cluster.close();
    expect(await fleet.exited).toMatch(/^the pods cannot be watched any more: .*connection.*refused/);
    await fleet.stop();
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatch(
      /^not put back; do it by hand: `kubectl .* scale deployment\/gateway --replicas=2` failed/,
    );
  });

  it("refuses to begin with pods that do not become ready, and puts back what it changed", async () => {
    const begun = joined({ isStuck: true, fleet: { start: 3, readyTimeoutMs: 1_500 } });
    await expect(begun).rejects.toMatchObject({
      code: "gateway-not-ready",
      message: expect.stringMatching(/has 2 of 3 pods ready after 1.5 s: .*gateway-hash1-2 starting$/),
    });
  });

  it("says what kubectl says when a command fails, and has the change checked without doing it where it is a rehearsal", async () => {
    const elsewhere = { ...file, context: "production" };
    await expect(joined({ kubectl: { deployment: elsewhere } })).rejects.toMatchObject({
      code: "kubectl-failed",
      message: expect.stringContaining('context "production" does not exist'),
    });
    const { fleet, cluster, commands } = await joined({ kubectl: { isRehearsal: true } });
    await fleet.scale(5);
    expect(commands[0]).toMatch(/scale deployment\/gateway --replicas=5 --dry-run=server$/);
    expect(cluster.changes).toEqual(['PATCH deployments/gateway/scale (dry) {"spec":{"replicas":5}}']);
    expect(cluster.replicas()).toBe(2);
  });

  it("refuses in words what only something in front of it could do", async () => {
    const { fleet, cluster } = await joined();
    await expect(fleet.setPolicy()).rejects.toMatchObject({ code: "not-done-live" });
    await expect(fleet.admit()).rejects.toThrow("requests go straight to its Service");
    await expect(fleet.bar()).rejects.toThrow("requests go straight to its Service");
    expect(() => fleet.cutOff()).toThrow("cannot be cut off");
    expect(cluster.changes).toEqual([]);
  });
});
