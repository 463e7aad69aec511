/** `squall run` against the real Portkey, without a gateway, and through a gateway at a URL. */
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RequestRecord } from "../../core/record.ts";
import { freePort } from "../../gateways/child/loopback-port.ts";
import { portkeyVersion } from "../../gateways/portkey/install.ts";
import { readRun } from "../../runs/reader.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { expectNothingLeft, fixture, freshFolder, squall, startSquall } from "./squall-process.ts";

const short = fixture("short.yaml");
const runFiles = [
  "events.ndjson",
  "findings.json",
  "manifest.json",
  "records.ndjson.gz",
  "report.html",
  "timeline.json",
];

/** A machine that was too busy for its own load generator says so, and then judges nothing. */
const passOrInconclusive: readonly (number | null)[] = [0, 6];

withRealPortkey();

describe("squall run", () => {
  it("plays a scenario through the real Portkey, prints verdict, latencies, cost and the simulation beside it", async () => {
    const out = path.join(freshFolder(), "deep", "down");
    const running = startSquall(["run", short, "--out", out]);
    const { code, stdout, stderr } = await running.ended;
    expect(passOrInconclusive).toContain(code);
    expect(stdout).toContain(`live through portkey ${portkeyVersion} · 3 users · 9 requests`);
    expect(stdout).toMatch(code === 0 ? /PASS {2}The objective holds/ : /INCONCLUSIVE .*load generator/s);
    for (const part of ["Failed requests", "Time to first token", "Live beside simulated", "Cost  $0.000"]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).toContain(`Report  ${path.join(out, "report.html")}`);
    expect(stderr).toMatch(/· live, baseline: one person alone\n· live, under load: 3 people at once\n/);
    await expectNothingLeft(running);

    expect(readdirSync(out).toSorted()).toEqual([...runFiles, "simulated"].toSorted());
    expect(readdirSync(path.join(out, "simulated")).toSorted()).toEqual(["fidelity.json", ...runFiles].toSorted());
    expectWholeRun(await readRun(out));
    const page = readFileSync(path.join(out, "report.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
  });

  it("plays it without a gateway, prints one JSON document and nothing else on standard output", async () => {
    const out = path.join(freshFolder(), "run");
    const { code, stdout, stderr } = await squall(["run", short, "--gateway", "direct", "--json", "--out", out]);
    expect(passOrInconclusive).toContain(code);
    const document = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(document)}\n`);
    expect(document).toMatchObject({
      verdict: code === 0 ? "pass" : "inconclusive",
      run: { kind: "live", gateway: "direct", status: "complete", engine: "native", scenario: "short" },
      simulated: { verdict: "pass" },
    });
    expect(document.fidelity.rows.length).toBeGreaterThan(5);
    expect(stderr).not.toContain("\u001b");
    expectWholeRun(await readRun(out));

    const page = path.join(out, "..", "pages", "short.html");
    const beside = await squall(["report", out, path.join(out, "simulated"), "--json", "--out", page]);
    expect(JSON.parse(beside.stdout)).toEqual({ ...document, report: page });
    expect(readFileSync(page, "utf8")).toBe(readFileSync(path.join(out, "report.html"), "utf8"));

    // The same folder again, without the simulation: that of the first run does not stay.
    await squall(["run", short, "--gateway", "direct", "--no-simulation", "--out", out]);
    expect(existsSync(path.join(out, "simulated"))).toBe(false);
    const reported = await squall(["report", out, "--markdown"]);
    expect(reported).toMatchObject({ code: 0, stderr: "" });
    expect(reported.stdout).toContain("Failed requests");
  });

  it("plays it twice with --repeat, each run in a folder of its own, and keeps how far live and simulated are apart over both", async () => {
    const out = path.join(freshFolder(), "twice");
    // A single run was there, and a third repeat: neither stays.
    await squall(["simulate", short, "--out", out]);
    cpSync(out, `${out}-copy`, { recursive: true });
    cpSync(`${out}-copy`, path.join(out, "3"), { recursive: true });
    const { code, stdout } = await squall([
      "run",
      short,
      "--gateway",
      "direct",
      "--repeat",
      "2",
      "--json",
      "--out",
      out,
    ]);
    expect(passOrInconclusive).toContain(code);
    const { verdict, fidelity, repeats } = JSON.parse(stdout);
    expect(verdict).toBe(code === 0 ? "pass" : "inconclusive");
    expect(repeats).toHaveLength(2);
    expect(readdirSync(out).toSorted()).toEqual(["1", "2", "simulated"]);
    expect(readdirSync(path.join(out, "simulated"))).toEqual(["fidelity.json"]);
    expect(JSON.parse(readFileSync(path.join(out, "simulated/fidelity.json"), "utf8"))).toEqual(fidelity);
    expect(fidelity.repeats).toBe(2);
    const runs = [await readRun(path.join(out, "1")), await readRun(path.join(out, "2"))];
    expect(runs.map(({ manifest }) => manifest.status)).toEqual(["complete", "complete"]);
    expect(runs[0]?.manifest.seed).toBe(3);
    expect(runs[1]?.manifest.seed).not.toBe(3);
    expect(readdirSync(path.join(out, "2", "simulated")).toSorted()).toEqual(["fidelity.json", ...runFiles].toSorted());
  });

  it("reaches a gateway that runs at a URL, and says that nothing is simulated beside it", async () => {
    const mock = startSquall(["mock", "--port", "0", "--latency-scale", "0.2"]);
    const [ready] = await mock.says("stdout", /^.*\n/);
    const url: string = JSON.parse(ready).providers.openai.baseUrl;
    const { code, stdout, stderr } = await squall(["run", short, "--gateway", url]);
    expect(passOrInconclusive).toContain(code);
    expect(stdout).toContain(`live through ${url} · 3 users · 9 requests`);
    expect(stdout).toMatch(/Failed requests +0 %/);
    expect(stdout).not.toContain("Live beside simulated");
    expect(stderr).toContain(`nothing is simulated beside it: gateway ${url} has no profile`);
  });

  it("sees the calls of a gateway of one's own that points at --mock-port", async () => {
    const mockPort = await freePort();
    const url = await proxyTo(mockPort);
    const out = path.join(freshFolder(), "run");
    const args = ["run", short, "--gateway", `${url}/openai/v1`, "--mock-port", String(mockPort), "--out", out];
    expect(passOrInconclusive).toContain((await squall(args)).code);
    expectWholeRun(await readRun(out));
  });

  it("plays the window of a trace, record for record the requests that are simulated", async () => {
    const out = path.join(freshFolder(), "run");
    const trace = fixture("ten-rows.csv");
    const args = ["run", fixture("replay.yaml"), "--trace", trace, "--window", "1s..11s", "--time-scale", "10"];
    const { code } = await squall([...args, "--gateway", "direct", "--out", out]);
    expect(passOrInconclusive).toContain(code);
    const live = await readRun(out);
    const simulated = await readRun(path.join(out, "simulated"));
    expect(live.manifest).toMatchObject({ timeScale: 10, trace: { rows: 10, windowMs: [1_000, 11_000] } });
    const planned = ({ key, intendedMs, inputTokens, outputTokens }: RequestRecord): unknown[] => [
      key,
      Math.round(intendedMs),
      inputTokens,
      outputTokens,
    ];
    const byKey = (left: RequestRecord, right: RequestRecord): number => left.intendedMs - right.intendedMs;
    expect(live.records.toSorted(byKey).map(planned)).toEqual(simulated.records.toSorted(byKey).map(planned));
    expect(live.records.length).toBeGreaterThan(5);
  });
});

/** Every request of short.yaml answered, and joined with what the provider saw. */
function expectWholeRun({ manifest, records }: Awaited<ReturnType<typeof readRun>>): void {
  expect(manifest).toMatchObject({ kind: "live", status: "complete", seed: 3 });
  expect(manifest.phases.map((phase) => phase.name)).toEqual(["warmup", "baseline", "load"]);
  expect(records).toHaveLength(2 + 9 + 9);
  expect(records.filter((record) => record.outcome !== "ok")).toEqual([]);
  for (const record of records) {
    expect(record.upstreamCalls).toBeGreaterThanOrEqual(1);
    expect(record.cost).toBeGreaterThan(0);
    expect(record.provider).toBe("openai");
  }
  const total = records.reduce((sum, record) => sum + record.cost, 0);
  expect(manifest.providers.map((ledger) => ledger.cost)).toEqual([total]);
}

/** A gateway of one's own, as small as can be: it passes every request on. */
async function proxyTo(port: number): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url } = incoming;
    const upstream = httpRequest({ host: "127.0.0.1", port, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.once("error", () => outgoing.writeHead(502).end());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}
