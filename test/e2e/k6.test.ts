/** The real k6: as an engine of `squall run`, alone with a program of ours, and in segments as pods of k6-operator play it. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RequestRecord } from "../../core/record.ts";
import { e2eMs, ttftMs } from "../../core/record.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { readyEngine } from "../../cli/load-engine.ts";
import { findK6 } from "../../load/k6/find.ts";
import { readRun } from "../../runs/reader.ts";
import { open, played as playing } from "../load/native/played.ts";
import { planned } from "../load/planned.ts";
import { beginStream, scriptedServer, wholeStream } from "../load/scripted-server.ts";
import { expectNothingLeft, fixture, freshFolder, longLoad, squall, startSquall } from "./squall-process.ts";

const k6 = await findK6({ env: process.env, cacheDir: cacheFolder(process.env) }).catch(() => undefined);
if (k6 === undefined) {
  console.log("skipped: no k6 of version 2 here; `squall run --engine k6` builds one where Go is (docs/k6.md)");
}
const binary = k6?.binary ?? "";

/** A machine that was too busy for k6 says so, and then judges nothing. */
const judged: readonly (number | null)[] = [0, 4, 6];

describe.skipIf(k6 === undefined)("squall run --engine k6", () => {
  it.each([
    { why: "people in conversations, after one person alone", scenario: "short.yaml", requests: 2 + 9 + 9 },
    {
      why: "arrivals at a provider that fails, cuts streams, and is tried again",
      scenario: "k6-faults.yaml",
      requests: 14,
    },
  ])("sees what the native engine sees: $why", async ({ scenario, requests }) => {
    const [native, ours] = await Promise.all([played(scenario, "native"), played(scenario, "k6")]);
    expect(ours.manifest).toMatchObject({ kind: "live", engine: "k6", status: "complete" });
    expect(ours.manifest.environment?.["k6"]).toMatch(/^v2\.\S+ from \w+, sha256 [0-9a-f]{64}$/);
    expect(ours.records).toHaveLength(requests);
    expect(facts(ours.records)).toEqual(facts(native.records));
    expect(ours.manifest.phases.map(({ name }) => name)).toEqual(native.manifest.phases.map(({ name }) => name));
    for (const record of ours.records) expectInOrder(record);
    // The mock answers a request equally fast whoever asks: on the same keys, the slow ones of one engine are slow in the other.
    const [slow, fast] = extremes(native.records);
    expect(latencyOf(ours.records, slow)).toBeGreaterThan(latencyOf(ours.records, fast));
  });

  it("replays the rows of a trace at the instants that the plan gives them", async () => {
    const trace = ["--trace", fixture("ten-rows.csv"), "--window", "1s..11s", "--time-scale", "10"];
    const [native, ours] = await Promise.all([
      played("replay.yaml", "native", trace),
      played("replay.yaml", "k6", trace),
    ]);
    const [start, nativeStart] = [ours, native].map(({ manifest }) => manifest.phases.at(-1)?.startMs ?? 0);
    const instants = (records: readonly RequestRecord[], from = 0): unknown[] =>
      byKey(records).map(({ key, phase, intendedMs }) => [key, phase === "load" ? Math.round(intendedMs - from) : ""]);
    const load = ({ phase }: RequestRecord): boolean => phase === "load";
    expect(instants(ours.records.filter(load), start)).toEqual(instants(native.records.filter(load), nativeStart));
    expect(ours.records.filter(load).length).toBeGreaterThan(5);
    for (const { sentMs, intendedMs } of ours.records.filter(load)) expect(sentMs).toBeGreaterThanOrEqual(intendedMs);
  });

  it("on Ctrl-C stops k6, and keeps what was recorded", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", longLoad(), "--gateway", "direct", "--engine", "k6", "--out", out]);
    await running.says("stderr", /live, under load/);
    running.kill("SIGINT");
    const { code } = await running.ended;
    expect(code).toBe(130);
    const { manifest, records } = await readRun(out);
    expect(manifest).toMatchObject({ status: "interrupted", engine: "k6" });
    expect(records.filter(({ phase, outcome }) => phase === "warmup" && outcome === "ok")).toHaveLength(3);
    await expectNothingLeft(running);
  });

  it("says that k6 was killed, and does not hang", async () => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", longLoad(), "--gateway", "direct", "--engine", "k6", "--out", out]);
    await running.says("stderr", /live, under load/);
    const members = running.family().filter(({ command }) => command.startsWith(binary));
    expect(members).toHaveLength(1);
    for (const { pid } of members) process.kill(pid, "SIGKILL");
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "This run cannot be judged: the run broke off: k6 ended with SIGKILL",
    );
    expect((await readRun(out)).manifest.status).toBe("failed");
    await expectNothingLeft(running);
  });
});

describe.skipIf(k6 === undefined)("what a target wants to be told", () => {
  it.each([
    { why: "its own name of the model", call: { model: "squall::gpt-x" }, asked: "squall::gpt-x", session: undefined },
    { why: "the model's name where it has none", call: {}, asked: "gpt-x", session: undefined },
    { why: "the conversation", call: { sessionHeader: "x-conversation" }, asked: "gpt-x", session: "u1.s0" },
  ])("comes from k6 as well: $why", async ({ call, asked, session }) => {
    const server = await scriptedServer({ chat: (response) => beginStream(response).end(wholeStream) });
    onTestFinished(() => server.close());
    const target = { call: () => ({ url: server.url("chat"), headers: { authorization: "Bearer key" }, ...call }) };
    const { options, records } = playing(server, [open([planned({ session: "u1.s0" })])], 20_000, { target });
    const wanted = { env: process.env, onProgress: () => undefined, signal: options.signal };
    const result = await (await readyEngine("k6", wanted)).play(options);
    expect(result).toMatchObject({ status: "complete" });
    // The record speaks of the model by the name that the scenario gives it.
    expect(records).toMatchObject([{ outcome: "ok", model: "gpt-x" }]);
    expect(server.bodies.map((body) => JSON.parse(body).model)).toEqual([asked]);
    expect(server.requests.map(({ headers }) => headers["x-conversation"])).toEqual([session]);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer key"]);
  });
});

describe.skipIf(k6 === undefined)("a program that Squall wrote for k6", () => {
  it("is run by k6 alone, and its thresholds are the scenario's objectives", async () => {
    const folder = freshFolder();
    const { stdout, stderr } = await squall(["export", "k6", fixture("short.yaml"), "--out", folder]);
    expect(stdout).toContain("k6 run ");
    expect(stderr).toContain("not expressed: phase baseline is not played before the load");
    const target = await mockTarget();
    const good = await k6Run(folder, "short.ts", ["-e", `SQUALL_TARGET=${target}`]);
    expect(good.code).toBe(0);
    expect(good.stdout).toMatch(/squall_errors\{phase:load\}\s+✓ 'rate==0'/);
    expect(good.stdout).toMatch(/squall_requests\.+: 9 /);
    const refused = await k6Run(folder, "short.ts", ["-e", `SQUALL_TARGET=${target}`, "-e", "SQUALL_API_KEY=sk-wrong"]);
    expect(refused.code).toBe(99); // k6: thresholds have failed
  });

  it("plays every row once and none twice, when segments share it", async () => {
    const folder = freshFolder();
    await squall(["export", "k6", fixture("k6-faults.yaml"), "--out", folder, "--time-scale", "2"]);
    const target = await mockTarget();
    const cuts = ["0", "1/3", "2/3", "1"];
    const logs = await Promise.all(
      [0, 1, 2].map(async (part) => {
        const segment = ["--execution-segment", `${cuts[part]}:${cuts[part + 1]}`];
        const shared = ["--execution-segment-sequence", cuts.join(","), "-e", `SQUALL_TARGET=${target}`];
        const { stdout } = await k6Run(folder, "k6-faults.ts", [...segment, ...shared, ...logged], {
          SQUALL_LINES: "on",
        });
        const log = path.join(folder, `pod-${part}.log`);
        writeFileSync(log, stdout);
        return log;
      }),
    );
    for (const log of logs) expect(readFileSync(log, "utf8")).toContain('squall {"kind":"end"');
    const out = path.join(folder, "run");
    const args = ["import", "k6", fixture("k6-faults.yaml"), ...logs, "--time-scale", "2", "--out", out];
    expect(judged).toContain((await squall(args)).code);
    const { manifest, records } = await readRun(out);
    expect(manifest).toMatchObject({ engine: "k6", status: "complete", timeScale: 2 });
    const keys = Array.from({ length: 12 }, (_, index) => `a${index}`);
    expect(records.map(({ key }) => key).toSorted(byNumber)).toEqual(keys);
  });
});

const logged: readonly string[] = ["--log-format=raw", "--log-output=stdout"];

async function played(
  scenario: string,
  engine: string,
  more: readonly string[] = [],
): Promise<Awaited<ReturnType<typeof readRun>>> {
  const out = path.join(freshFolder(), engine);
  const args = ["run", fixture(scenario), "--gateway", "direct", "--engine", engine, "--no-simulation", "--out", out];
  const { code, stderr } = await squall([...args, ...more]);
  expect(judged, stderr).toContain(code);
  return await readRun(out);
}

/** What does not depend on time, in the order of keys. k6 forgets the status of an answer that broke off. */
function facts(records: readonly RequestRecord[]): readonly object[] {
  return byKey(records).map((record) => ({
    key: record.key,
    phase: record.phase,
    tenant: record.tenant,
    model: record.model,
    provider: record.provider,
    stream: record.stream,
    outcome: record.outcome,
    reason: record.reason,
    status: record.outcome === "cut-stream" ? "forgotten" : record.status,
    tokens: [record.inputTokens, record.cachedTokens, record.outputTokens, record.wastedTokens],
    chunks: record.chunks,
    cost: record.cost,
    upstreamCalls: record.upstreamCalls,
    clientTries: record.clientTries,
  }));
}

function byKey(records: readonly RequestRecord[]): readonly RequestRecord[] {
  return records.toSorted((left, right) => (`${left.phase} ${left.key}` < `${right.phase} ${right.key}` ? -1 : 1));
}

function byNumber(left: string, right: string): number {
  return Number(left.slice(1)) - Number(right.slice(1));
}

function expectInOrder(record: RequestRecord): void {
  const { intendedMs, sentMs, firstTokenMs, endMs } = record;
  expect(sentMs).toBeGreaterThanOrEqual(intendedMs);
  expect(endMs).toBeGreaterThanOrEqual(firstTokenMs ?? sentMs);
  expect(ttftMs(record) ?? 0).toBeLessThanOrEqual(e2eMs(record));
}

/** Keys of the slowest and of the fastest answered request of the load. */
function extremes(records: readonly RequestRecord[]): readonly [string, string] {
  const answered = records.filter(({ phase, outcome }) => phase === "load" && outcome === "ok");
  const sorted = answered.toSorted((left, right) => e2eMs(right) - e2eMs(left));
  return [sorted[0]?.key ?? "", sorted.at(-1)?.key ?? ""];
}

function latencyOf(records: readonly RequestRecord[], key: string): number {
  const found = records.find((record) => record.phase === "load" && record.key === key);
  return found === undefined ? Number.NaN : e2eMs(found);
}

/** A mock with an account as programs expect it; gone with the test. */
async function mockTarget(): Promise<string> {
  const mock = startSquall(["mock", "--port", "0", "--latency-scale", "0.1"]);
  const [ready] = await mock.says("stdout", /^.*\n/);
  return JSON.parse(ready).providers.openai.baseUrl;
}

async function k6Run(
  cwd: string,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string }> {
  const child = spawn(binary, ["run", "--address=", "--no-usage-report", "--no-color", ...args, program], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 30_000,
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  const code = await new Promise<number>((resolve) => child.once("close", (ended) => resolve(ended ?? -1)));
  return { code, stdout };
}
