/** Containers of the real Docker; the image has Node and nothing else. */
import { execFileSync, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startContainer, type ContainerStart, type RunningContainer } from "../../../gateways/docker/container.ts";
import { containerDriver } from "../../../gateways/docker/container-driver.ts";
import { connectDocker } from "../../../gateways/docker/docker.ts";
import { testPolicy, testProvider, testStart } from "../policies.ts";

const image = "squall-container-test:local";
const docker = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8", timeout: 20_000 });
const available = docker.status === 0 && process.platform === "linux";
if (!available) console.log("skipped: tests of containers need a Docker daemon, and none answers here");

beforeAll(() => {
  if (!available) return;
  execFileSync(process.execPath, [path.join(import.meta.dirname, "../../../setup/container-base.mjs"), image]);
}, 120_000);

afterAll(() => {
  if (available) spawnSync("docker", ["rmi", "--force", image]);
});

async function started(program: string, changes: Partial<ContainerStart> = {}): Promise<RunningContainer> {
  const container = await startContainer(await connectDocker(), {
    name: "echo",
    image,
    command: ["node", "-e", program],
    port: 8000,
    hostPort: 0,
    env: { GREETING: "well" },
    probe: (origin) =>
      fetch(origin).then(
        ({ ok }) => ok,
        () => false,
      ),
    readyTimeoutMs: 20_000,
    signal: new AbortController().signal,
    ...changes,
  });
  onTestFinished(() => container.stop(0));
  return container;
}

const relay = `require("http").createServer(async (request, response) => {
  if (request.url === "/health") return response.end("well");
  response.end(await (await fetch(process.env.UPSTREAM)).text());
}).listen(8000);`;
const serve = "const s = require('http').createServer((q, r) => r.end(process.env.GREETING)).listen(8000);";

function left(): string {
  return execFileSync("docker", ["ps", "--all", "--quiet", "--filter", `ancestor=${image}`], { encoding: "utf8" });
}

describe.skipIf(!available)("a container", () => {
  it("serves on this machine's loopback only, and tells what it uses", async () => {
    const { origin, usage, stop } = await started(serve);
    expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(origin)).text()).toBe("well");
    const published = execFileSync("docker", ["port", left().trim()], { encoding: "utf8" });
    expect(published).toBe(`8000/tcp -> ${new URL(origin).host}\n`);
    const used = await usage();
    expect(used?.cpuSeconds).toBeGreaterThan(0.001);
    expect(used?.rssBytes).toBeGreaterThan(2 ** 20);
    await stop(3_000);
    expect(left()).toBe("");
    expect(await usage()).toBeUndefined();
  });

  it("is asked to end first, and killed when it does not", async () => {
    const polite = `${serve} process.on('SIGTERM', () => setTimeout(() => process.exit(0), 100));`;
    const stubborn = `${serve} process.on('SIGTERM', () => undefined);`;
    for (const program of [polite, stubborn]) {
      const container = await started(program);
      await container.stop(1_000);
      expect(left()).toBe("");
    }
  });

  it("says with which code or signal it ended by itself", async () => {
    const exits = await started(`${serve} setTimeout(() => process.exit(7), 300);`);
    expect(await exits.exited).toBe("echo ended by itself (exit code 7)");
    const killed = await started(`${serve} setTimeout(() => process.kill(process.pid, 'SIGKILL'), 300);`);
    expect(await killed.exited).toBe("echo ended by itself (SIGKILL)");
  });

  it("that ends before it is ready is told of with its last words, and is gone", async () => {
    const program = "console.error('no such option'); setTimeout(() => process.exit(3), 200);";
    await expect(started(program)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringMatching(/echo .*\(exit code 3\).*; the end of its output:\nno such option$/),
    });
    expect(left()).toBe("");
  });

  it("that never becomes ready is given up, and is gone", async () => {
    const begun = started("setInterval(() => undefined, 1000);", { readyTimeoutMs: 300 });
    await expect(begun).rejects.toMatchObject({
      code: "gateway-not-ready",
      message: "echo was not ready within 300 ms",
    });
    expect(left()).toBe("");
  });

  it("is called as the gateway that it is, and finds on this machine what it is told to call", async () => {
    const heard: string[] = [];
    const provider = createServer((_, response) => void response.end("here"));
    onTestFinished(() => void provider.close());
    const driver = containerDriver({
      name: "relay",
      description: "relay 1",
      image: () => Promise.resolve(image),
      port: 8000,
      command: ["node", "-e", relay],
      env: ({ routes }) => {
        heard.push(...routes.flatMap(({ providers }) => providers.map(({ baseUrl }) => baseUrl)));
        return { UPSTREAM: heard.at(-1) ?? "" };
      },
      isWell: (origin) =>
        fetch(`${origin}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      callAt: (origin) => () => ({ url: `${origin}/chat`, headers: {} }),
      takesPolicyFromRequests: false,
    });
    const host = (await driver.upstreamHost?.()) ?? "127.0.0.1";
    await new Promise<void>((resolve) => provider.listen(0, host, resolve));
    const address = provider.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const gateway = await driver.start(testStart(testPolicy([testProvider("openai", `http://${host}:${port}`)])));
    onTestFinished(() => gateway.stop(0));
    expect(await (await fetch(gateway.call("gpt-4o-mini").url)).text()).toBe("here");
    expect(gateway.callUnder).toBeUndefined();
    expect(gateway.description).toMatch(/^relay 1 in a container \(docker [\d.]+\)$/);
    await gateway.stop(0);
    const elsewhere = testPolicy([testProvider("openai", "http://127.0.0.1:9100/openai/v1")]);
    const started = driver.start(testStart(elsewhere, { readyTimeoutMs: 1, signal: AbortSignal.abort("not wanted") }));
    await expect(started).rejects.toBe("not wanted");
    expect(heard).toEqual([`http://${host}:${port}`, "http://host.docker.internal:9100/openai/v1"]);
  });

  it("of an image that is not there is refused with what Docker says", async () => {
    const begun = started(serve, { image: "squall-no-such-image:local" });
    await expect(begun).rejects.toMatchObject({ code: "container-not-started", exitCode: 5 });
  });
});
