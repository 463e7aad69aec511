/** `squall run` with replicas in real containers: Portkey, and a FastAPI service of somebody's own. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Run } from "../../core/run.ts";
import { findHaproxy } from "../../gateways/haproxy/binary.ts";
import { readRun } from "../../runs/reader.ts";
import {
  fleetContainers,
  hasDocker,
  hasFastApi,
  nodeBase,
  ownGateway,
  pythonBase,
  withDockerImages,
} from "./docker-images.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { expectNothingLeft, fixture, freshFolder, squall, startSquall } from "./squall-process.ts";

const haproxy = await findHaproxy(process.env);
const available = hasDocker && haproxy !== undefined;
if (!available)
  console.log("skipped: fleets in containers need a Docker daemon and HAProxy, and one of them is not here");
if (available && !hasFastApi) console.log("skipped: a gateway in Python needs FastAPI, which comes with LiteLLM");

/** A machine that was too busy for its own load generator says so, and then judges nothing. */
const passOrInconclusive: readonly (number | null)[] = [0, 6];

const env = { SQUALL_NODE_IMAGE: nodeBase };

withRealPortkey();
withDockerImages();

function told(run: Run, kind: string): readonly string[] {
  return run.events.filter((event) => event.kind === kind).map(({ subject, text }) => `${subject}: ${text}`);
}

/** The scenario without its events, for longer than anybody waits. */
function quietFleet(): string {
  const file = path.join(freshFolder(), "quiet.yaml");
  const text = readFileSync(fixture("container-fleet.yaml"), "utf8").replace("for: 60s", "for: 30m");
  writeFileSync(file, text.replace(/^ {2}- \{ at: .*\n/gm, "").replace("timeline:\n", ""));
  return file;
}

/** Whether a container that was not there before answers. */
async function answering(before: readonly string[]): Promise<boolean> {
  const [fresh] = fleetContainers().filter((id) => !before.includes(id));
  if (fresh === undefined) return false;
  const published = spawnSync("docker", ["port", fresh], { encoding: "utf8" }).stdout;
  const address = /127\.0\.0\.1:\d+/.exec(published)?.[0];
  return (
    address !== undefined &&
    (await fetch(`http://${address}/`).then(
      (answer) => answer.ok,
      () => false,
    ))
  );
}

async function nothingIsLeft(): Promise<void> {
  await expect.poll(fleetContainers, { timeout: 20_000, interval: 200 }).toEqual([]);
}

describe.skipIf(!available)("a fleet in containers", () => {
  it(
    "goes on without one that was killed, and starts another; Ctrl-C leaves no container behind",
    { retry: 2 },
    async () => {
      const out = path.join(freshFolder(), "run");
      const running = startSquall(["run", quietFleet(), "--fleet", "docker", "--time-scale", "5", "--out", out], {
        env,
      });
      await running.says("stderr", /live, under load/);
      const before = fleetContainers();
      expect(before).toHaveLength(2);
      execFileSync("docker", ["kill", before[0] ?? ""], { stdio: "ignore" });
      await expect.poll(() => answering(before), { timeout: 30_000, interval: 200 }).toBe(true);
      running.kill("SIGINT");
      const { code } = await running.ended;
      expect(code).toBe(130);
      const run = await readRun(out);
      expect(told(run, "replica-gone")[0]).toMatch(/^gateway-[01]: portkey ended by itself \(SIGKILL\)$/);
      expect(run.manifest.gateway).toMatch(/^portkey [\d.]+ in a container \(docker [\d.]+\) behind haproxy/);
      const answered = run.records.filter(({ outcome }) => outcome === "ok");
      expect(answered.length).toBeGreaterThan(0);
      await nothingIsLeft();
      await expectNothingLeft(running);
    },
  );

  it("leaves no container behind when Squall itself is killed", async () => {
    const running = startSquall(["run", quietFleet(), "--fleet", "docker", "--time-scale", "5"], { env });
    await running.says("stderr", /live, under load/);
    expect(fleetContainers()).toHaveLength(2);
    running.kill("SIGKILL");
    await nothingIsLeft();
    await expectNothingLeft(running);
  });

  it("is refused for a gateway that Squall has no image of, before anything starts", async () => {
    const running = startSquall(["run", quietFleet(), "--gateway", "tensorzero", "--fleet", "docker"]);
    const { code, stderr } = await running.ended;
    expect(code).toBe(2);
    expect(stderr).toContain(
      "tensorzero cannot be run in containers: its package listens where nobody outside reaches it",
    );
  });

  it("is refused for a drill that breaks copies on purpose, before anything starts", async () => {
    const out = path.join(freshFolder(), "drill");
    const args = ["drill", "runbooks/bad-deployment.md", "--live", "--auto", "--fleet", "docker", "--out", out];
    const { code, stderr } = await squall(args);
    expect(code).toBe(3);
    expect(stderr).toContain('"roll out v2" cannot be done live: container cannot be broken on purpose');
  });

  it("is not probed: a probe's providers listen where no container reaches them", async () => {
    const file = path.join(freshFolder(), "my-gateway.yaml");
    writeFileSync(file, "container: { image: my-gateway, port: 80 }\n");
    const { code, stderr } = await squall(["probe", "--gateway", file]);
    expect(code).toBe(2);
    expect(stderr).toContain("squall probe needs a gateway that it can start and configure");
  });
});

const litellmToo = process.env["SQUALL_TEST_CONTAINERS"] === "all";
if (available && !litellmToo) console.log("skipped: LiteLLM in containers, a minute; set SQUALL_TEST_CONTAINERS=all");

describe.skipIf(!available || !hasFastApi || !litellmToo)("LiteLLM in containers", () => {
  it("serves with the packages that it has as a process, and leaves no container behind", async () => {
    const folder = freshFolder();
    const [file, out] = [path.join(folder, "quiet.yaml"), path.join(folder, "run")];
    writeFileSync(file, readFileSync(quietFleet(), "utf8").replace("for: 30m", "for: 20s"));
    const args = ["run", file, "--gateway", "litellm", "--fleet", "docker", "--out", out];
    const running = startSquall(args, { env: { ...env, SQUALL_PYTHON_IMAGE: pythonBase }, withinMs: 240_000 });
    const { code, stderr } = await running.ended;
    expect(passOrInconclusive, stderr).toContain(code);
    const { manifest, records } = await readRun(out);
    expect(manifest.gateway).toMatch(/^litellm [\d.]+ in a container \(docker [\d.]+\) behind haproxy/);
    expect(records.every(({ outcome }) => outcome === "ok")).toBe(true);
    expect(records.length).toBeGreaterThan(20);
    expect(manifest.providers[0]?.served).toBe(records.length);
    await nothingIsLeft();
    await expectNothingLeft(running);
  }, 300_000);
});

describe.skipIf(!available || !hasFastApi)("a gateway of somebody's own, from its image", () => {
  it("is told of the providers by its environment, and rolled out, scaled and given another key", async () => {
    const folder = freshFolder();
    const out = path.join(folder, "run");
    const gateway = path.join(folder, "my-gateway.yaml");
    writeFileSync(
      gateway,
      `name: my-gateway
container:
  image: ${ownGateway.first}
  port: 8000
  cpus: 1
  memory: 256 MB
  env: { OPENAI_BASE_URL: "{openai.base-url}", OPENAI_API_KEY: "{openai.key}" }
  versions: { v2: "${ownGateway.second}" }
health: /health
`,
    );
    const running = startSquall(
      ["run", fixture("container-fleet.yaml"), "--gateway", gateway, "--time-scale", "5", "--out", out],
      { env },
    );
    const { code, stderr } = await running.ended;
    expect(passOrInconclusive, stderr).toContain(code);
    const run = await readRun(out);
    expect(told(run, "action")).toEqual([
      "openai: has a new key; the old one is sent for 0 ms more",
      "gateway: v2 is rolled out, surge 1, unavailable 0",
      'gpt-4o-mini: "route" cannot be done live: where my-gateway sends its requests is decided in its own code: it can be told of other keys, and of no other route',
      "gateway: by hand: 2 -> 3",
    ]);
    // On a machine that was too busy nobody knows how far a rollout came within the run.
    if (code === 0) expect(told(run, "replica-ready").length).toBeGreaterThanOrEqual(2);
    expect(run.manifest.gateway).toContain(`my-gateway (${ownGateway.first}) in a container`);
    const [openai, spare] = run.manifest.providers;
    expect(openai?.served).toBeGreaterThan(20);
    expect([openai?.failed, spare?.served]).toEqual([0, 0]);
    expect(run.records.every(({ outcome }) => outcome === "ok")).toBe(true);
    await nothingIsLeft();
    await expectNothingLeft(running);
  });
});
