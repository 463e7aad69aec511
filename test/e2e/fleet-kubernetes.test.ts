/** `squall run` with a gateway in a cluster: the real kubectl, an API server on record, and the mock in the place of the Service. */
import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Run } from "../../core/run.ts";
import { findKubectl } from "../../gateways/kubernetes/kubectl.ts";
import { readRun } from "../../runs/reader.ts";
import { type RecordedCluster, startCluster } from "../gateways/kubernetes/recorded-cluster.ts";
import { expectNothingLeft, fixture, freshFolder, root, squall, startSquall } from "./squall-process.ts";

const kubectl = await findKubectl(process.env);
if (kubectl === undefined)
  console.log("skipped: gateways in a cluster need kubectl, and there is none on this machine");

/** Before it rehearses a change, an older kubectl reads the server's OpenAPI document, some megabytes that are not on record. */
const readsSchemas = Number(kubectl?.version.split(".")[1] ?? 0) < 27;
if (kubectl !== undefined && readsSchemas)
  console.log(`skipped: --dry-run with kubectl ${kubectl.version}, which is old`);

/** A machine that was too busy for its own load generator says so, and then judges nothing. */
const passOrInconclusive: readonly (number | null)[] = [0, 6];

const launch = path.join(root, "scenarios/small-launch.yaml");
const scenario = fixture("pod-fleet.yaml");

function told(run: Run, kind: string): readonly string[] {
  return run.events.filter((event) => event.kind === kind).map(({ subject, text }) => `${subject}: ${text}`);
}

async function cluster(replicas = 2): Promise<RecordedCluster> {
  const started = await startCluster({ replicas, hasMetrics: false });
  onTestFinished(() => started.remove());
  return started;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function gatewayFile(mockPort: number): string {
  const file = path.join(freshFolder(), "shop.yaml");
  const text = `name: shop
base-url: http://127.0.0.1:${mockPort}/openai/v1
kubernetes:
  context: recorded
  namespace: shop
  deployment: gateway
  versions: { v2: "shop/gateway:2" }
`;
  writeFileSync(file, text);
  return file;
}

const prefix = "kubectl --context recorded --namespace shop";

describe.skipIf(kubectl === undefined)("a gateway in a cluster", () => {
  it("is acted on by kubectl, shows each command, and is left as it was found", async () => {
    const { env, replicas, image, unknown } = await cluster();
    const port = await freePort();
    const out = path.join(freshFolder(), "run");
    const gateway = ["--gateway", gatewayFile(port), "--mock-port", String(port)];
    const running = startSquall(["run", scenario, ...gateway, "--time-scale", "5", "--out", out], { env });
    const { code, stdout, stderr } = await running.ended;
    expect(passOrInconclusive, `${stdout}\n${stderr}`).toContain(code);
    const run = await readRun(out);
    expect(told(run, "action")).toEqual([
      "gateway: by hand: 2 -> 3",
      "gateway: v2 is rolled out, surge 1, unavailable 0",
      "gateway: rolls back to the version before",
      "gateway: 1 replica drained",
      "gateway: 1 replica lost",
      'gateway: no image is named for version "v9"',
      'gateway: "admit" cannot be done live: requests go straight to its Service: nothing of ours could turn them away',
    ]);
    const commands = [
      "scale deployment/gateway --replicas=3",
      "set image deployment/gateway gateway=shop/gateway:2",
      "rollout undo deployment/gateway",
    ];
    expect(told(run, "command").slice(0, 3)).toEqual(commands.map((command) => `gateway: ${prefix} ${command}`));
    const deletions = told(run, "command").slice(3);
    expect(deletions[0]).toMatch(/ delete pod gateway-hash3-\d+ --wait=false --ignore-not-found$/);
    expect(deletions[1]).toMatch(
      / delete pod gateway-hash3-\d+ --grace-period=0 --force --wait=false --ignore-not-found$/,
    );
    for (const command of [...commands, "scale deployment/gateway --replicas=2"]) expect(stderr).toContain(command);
    expect([replicas(), image(), unknown]).toEqual([2, "shop/gateway:1", []]);
    expect(told(run, "replica-ready").length).toBeGreaterThanOrEqual(1 + 3 + 3 + 2);
    expect(run.manifest.replicas?.counts.map(({ wished }) => wished)).toContain(3);
    expect(run.manifest.gateway).toBe("shop, deployment gateway in shop of recorded");
    expect(run.records.every(({ outcome }) => outcome === "ok")).toBe(true);
    await expectNothingLeft(running);
  });

  it("is scaled by the policy that scales a simulated one", { retry: 2 }, async () => {
    const { env, changes, unknown } = await cluster(1);
    const port = await freePort();
    const out = path.join(freshFolder(), "run");
    const gateway = ["--gateway", gatewayFile(port), "--mock-port", String(port)];
    const running = startSquall(["run", launch, ...gateway, "--time-scale", "10", "--out", out], { env });
    const { code, stdout, stderr } = await running.ended;
    expect(passOrInconclusive, `${stdout}\n${stderr}`).toContain(code);
    const run = await readRun(out);
    expect(told(run, "scale")[0]).toMatch(
      /^gateway: HPA: requests_per_second [\d.]+ of target 3 per replica, 1 -> [23]$/,
    );
    // Nobody knows what a request takes of a pod without metrics, so nothing is said of too few and too many of them.
    expect(Object.keys(run.manifest.replicas?.demand[0] ?? {})).toEqual(["startMs", "widthMs", "arrived"]);
    expect(stdout).not.toContain("less than half busy");
    const wished = changes.map((change) => /"replicas":(\d)/.exec(change)?.[1]);
    expect(wished).toContain("3");
    expect(wished.at(-1)).toBe("1");
    expect(unknown).toEqual([]);
    await expectNothingLeft(running);
  });

  it.skipIf(readsSchemas)(
    "is only looked at with --dry-run: every change is shown, and checked by the API server",
    async () => {
      const { env, changes, replicas } = await cluster();
      const { code, stdout } = await squall(["run", scenario, "--gateway", gatewayFile(1), "--dry-run"], { env });
      expect(stdout).toContain("deployment gateway in shop of recorded: 2 pods of shop/gateway:1; rollouts: surge 1");
      expect(stdout).toContain(`at 2 s: scale\n  $ ${prefix} scale deployment/gateway --replicas=3 --dry-run=server\n`);
      expect(stdout).toContain('at 25 s: rollout\n  no: no image is named for version "v9"');
      expect(stdout).toContain("at 14 s: rollback\n  cannot be checked ahead");
      expect(stdout).toContain("at 26 s: admit\n  no: requests go straight to its Service");
      expect(code).toBe(3);
      expect(changes.length).toBeGreaterThan(3);
      expect(changes.every((change) => change.includes("(dry)"))).toBe(true);
      expect(replicas()).toBe(2);
    },
  );

  it("is refused where the context is unknown, and --dry-run where there is no cluster", async () => {
    const { env } = await cluster();
    const file = gatewayFile(1);
    const elsewhere = await squall(["run", scenario, "--gateway", file, "--dry-run"], {
      env: { ...env, KUBECONFIG: "/nowhere" },
    });
    expect(elsewhere.code).toBe(5);
    expect(elsewhere.stderr).toContain('context "recorded" does not exist');
    const none = await squall(["run", scenario, "--gateway", "direct", "--dry-run"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("--dry-run shows what is done to a cluster, and this gateway is in none");
  });
});
