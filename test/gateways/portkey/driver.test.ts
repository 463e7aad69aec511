/**
 * The real Portkey, installed into the cache as `squall` itself would (SQUALL_CACHE_DIR, else ~/.cache/squall), in front of a
 * scripted upstream. The first run needs the network and takes some seconds longer.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { cacheFolder } from "../../../gateways/cache.ts";
import type { GatewayPolicy, GatewayStart, RunningGateway } from "../../../gateways/driver.ts";
import { portkeyDriver } from "../../../gateways/portkey/driver.ts";
import { isGone } from "../child/process-gone.ts";
import { testModel, testPolicy, testProvider, testStart } from "../policies.ts";
import { type ScriptedAnswer, type ScriptedUpstream, scriptedUpstream, streamedWords } from "../scripted-upstream.ts";

const cacheDir = cacheFolder(process.env);
const installTimeoutMs = 300_000;
let running: RunningGateway | undefined;

describe("portkey", () => {
  beforeAll(async () => {
    const never = new AbortController().signal;
    expect(await portkeyDriver.install(cacheDir, () => undefined, never)).toBe("1.15.2");
  }, installTimeoutMs);

  afterEach(async () => {
    await running?.stop(1_000);
    running = undefined;
  });

  it("says that it is installed, and where it is not", async () => {
    expect(await portkeyDriver.installed(cacheDir)).toBe("1.15.2");
    expect(await portkeyDriver.installed("/nowhere")).toBeUndefined();
  });

  it("passes a completion on, with the provider's own key and base URL", async () => {
    const { gateway, upstreams } = await startInFrontOf([[]]);
    const response = await ask(gateway);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: streamedWords.join("") } }] });
    expect(upstreams[0]?.calls).toMatchObject([{ path: "/v1/chat/completions", authorization: "Bearer key-0" }]);
  });

  it("passes a stream on to its end, which it cannot do as published", async () => {
    const { gateway } = await startInFrontOf([[]]);
    const response = await ask(gateway, { stream: true });
    expect(response.status).toBe(200);
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    expect(events.at(-1)).toBe("data: [DONE]");
    const said = events.slice(0, -1).map((event) => JSON.parse(event.slice("data: ".length)).choices[0].delta.content);
    expect(said.join("")).toBe(streamedWords.join(""));
  });

  it("retries on the policy's statuses, and only on those", async () => {
    const { gateway, upstreams } = await startInFrontOf([[503, "ok", 500]], { retries: 1, retryOn: [503] });
    expect((await ask(gateway)).status).toBe(200);
    expect(upstreams[0]?.calls).toHaveLength(2);
    expect((await ask(gateway)).status).toBe(500);
    expect(upstreams[0]?.calls).toHaveLength(3);
  });

  it("falls back to the next provider on the policy's statuses, and only on those", async () => {
    const { gateway, upstreams } = await startInFrontOf([[429, 500], []], { retryOn: [429] });
    expect((await ask(gateway)).status).toBe(200);
    expect(upstreams.map((upstream) => upstream.calls.length)).toEqual([1, 1]);
    expect((await ask(gateway)).status).toBe(500);
    expect(upstreams.map((upstream) => upstream.calls.length)).toEqual([2, 1]);
  });

  it("neither retries nor falls back when no status is worth it", async () => {
    const { gateway, upstreams } = await startInFrontOf([[429], []], { retries: 2, retryOn: [] });
    expect((await ask(gateway)).status).toBe(429);
    expect(upstreams.map((upstream) => upstream.calls.length)).toEqual([1, 0]);
  });

  it("fails as large a share of its requests by itself as it was told to, evenly, and only if it was told to", async () => {
    const { gateway, upstreams } = await startInFrontOf([[]], {}, { breakable: { errorShare: 0.25 } });
    const statuses: number[] = [];
    for (let count = 0; count < 8; count++) statuses.push((await ask(gateway)).status);
    expect(statuses).toEqual([200, 200, 200, 500, 200, 200, 200, 500]);
    expect(upstreams[0]?.calls).toHaveLength(6);
    expect(await gateway.healthy()).toBe(true);
    expect((await startInFrontOf([[]])).gateway.cutOff).toBeUndefined();
  });

  it("reaches nobody while it is cut off, answers its health check, and is mended", async () => {
    const { gateway, upstreams } = await startInFrontOf([[]], {}, { breakable: { errorShare: 0 } });
    expect((await ask(gateway)).status).toBe(200);
    const answers = async (): Promise<number> => (await ask(gateway)).status;
    gateway.cutOff?.(true);
    gateway.cutOff?.(true);
    await expect.poll(answers).toBe(500);
    const callsThen = upstreams[0]?.calls.length;
    expect(await answers()).toBe(500);
    expect(await gateway.healthy()).toBe(true);
    expect(upstreams[0]?.calls).toHaveLength(callsThen ?? 0);
    gateway.cutOff?.(false);
    await expect.poll(answers).toBe(200);
  });

  it("counts a failed connection as worth a retry, whatever the policy says", async () => {
    const { gateway, upstreams } = await startInFrontOf([["reset"]], { retries: 1, retryOn: [] });
    expect((await ask(gateway)).status).toBe(200);
    expect(upstreams[0]?.calls).toHaveLength(2);
  });

  it("answers 408 when the provider takes longer than the policy allows", async () => {
    const { gateway } = await startInFrontOf([["hang"]], { requestTimeoutMs: 100 });
    expect((await ask(gateway)).status).toBe(408);
  });

  it("is healthy and tells what it uses while it runs, and is gone after stop", async () => {
    const { gateway } = await startInFrontOf([[]]);
    expect(await gateway.healthy()).toBe(true);
    const usage = await gateway.usage();
    expect(usage?.cpuSeconds).toBeGreaterThan(0);
    expect(usage?.rssBytes).toBeGreaterThan(10_000_000);
    await gateway.stop(1_000);
    expect(await gateway.healthy()).toBe(false);
    expect(await gateway.usage()).toBeUndefined();
  });

  it("tells when the gateway ends by itself, and keeps quiet when it was stopped", async () => {
    const stopped = (await startInFrontOf([[]])).gateway;
    await stopped.stop(1_000);
    const { gateway } = await startInFrontOf([[]]);
    const killed = gatewayPid(portOf(gateway));
    process.kill(killed, "SIGKILL");
    expect(await Promise.race([gateway.exited, stopped.exited])).toBe("portkey ended by itself (SIGKILL)");
    expect(isGone(killed)).toBe(true);
  });

  it.skipIf(externalAddress() === undefined)("cannot be reached from another machine", async () => {
    const { gateway } = await startInFrontOf([[]]);
    const port = portOf(gateway);
    expect(await canConnect(port, "127.0.0.1")).toBe(true);
    expect(await canConnect(port, externalAddress() ?? "")).toBe(false);
  });

  it("leaves no gateway behind when its parent is killed the hard way", async () => {
    const parent = spawn(process.execPath, [fileURLToPath(new URL("./parent-process.ts", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = await once(parent.stdout.setEncoding("utf8"), "data");
    const port = Number(new URL(String(line).trim()).port);
    expect(await canConnect(port, "127.0.0.1")).toBe(true);
    parent.kill("SIGKILL");
    await vi.waitUntil(async () => !(await canConnect(port, "127.0.0.1")), { timeout: 10_000 });
  });
});

async function startInFrontOf(
  scripts: readonly (readonly ScriptedAnswer[])[],
  changes: Partial<GatewayPolicy> = {},
  start: Partial<GatewayStart> = {},
): Promise<{ readonly gateway: RunningGateway; readonly upstreams: readonly ScriptedUpstream[] }> {
  const upstreams = await Promise.all(scripts.map((script) => scriptedUpstream(script)));
  onTestFinished(async () => void (await Promise.all(upstreams.map((upstream) => upstream.close()))));
  const providers = upstreams.map((upstream, index) => testProvider(String(index), upstream.baseUrl));
  const gateway = await portkeyDriver.start(testStart(testPolicy(providers, changes), { cacheDir, ...start }));
  running = gateway;
  return { gateway, upstreams };
}

function ask(gateway: RunningGateway, extra: object = {}): Promise<Response> {
  const { url, headers } = gateway.call(testModel);
  const body = { model: testModel, messages: [{ role: "user", content: "tell me a story" }], ...extra };
  return fetch(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

function portOf(gateway: RunningGateway): number {
  return Number(new URL(gateway.call(testModel).url).port);
}

/** The gateway's own process, not its guard. */
function gatewayPid(port: number): number {
  const lines = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  const line = lines.find((each) => each.includes(`--port=${port}`) && !each.includes("guard."));
  return Number.parseInt(line ?? "", 10);
}

/** An address of this machine that others see; undefined where there is only loopback. */
function externalAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => !address.internal && address.family === "IPv4")?.address;
}

function canConnect(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
