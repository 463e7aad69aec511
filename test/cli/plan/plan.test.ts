import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Assessment, Plan } from "../../../analyzers/plan.ts";
import type { Finding } from "../../../core/finding.ts";
import { main } from "../../../cli/main.ts";
import { listeningTerminal } from "../listening-terminal.ts";

const scenario = `
scenario: two-sizes
seed: 7
traffic:
  arrivals: [{ for: 30s, rate: 12/s }]
  requests: [{ model: gpt-4o-mini, stream: true, input: 200, output: { median: 30, p95: 60 }, max-tokens: output }]
  clients: { timeout: 20s }
providers:
  openai: { dialect: openai, models: { gpt-4o-mini: { tpm: 2M } }, latency: { profile: openai-gpt-4o-mini, scale: 0.4 } }
platform:
  gateway: portkey
  replicas: { start: 3, max: 4, startup: 5s, hourly: $0.10, concurrency: 20 }
objectives: { errors: < 1%, ttft.p95: < 3s }
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "squall-plan-"));
  writeFileSync(path.join(folder, "two.yaml"), scenario);
});
afterAll(() => rmSync(folder, { recursive: true }));

const vary = ["--set", "platform.replicas.start=1,2,3", "--set", "providers.openai.models.gpt-4o-mini.tpm=20k,90k"];

/** Exit code, and what stood on standard output. */
async function squall(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const terminal = listeningTerminal({ cwd: folder });
  const code = await main(args, terminal);
  return { code, out: terminal.printed().out };
}

async function planned(...args: readonly string[]): Promise<{ readonly plan: Plan; readonly assessment: Assessment }> {
  const { out } = await squall("plan", path.join(folder, "two.yaml"), ...args, "--json");
  return JSON.parse(out);
}

/** Threads start slowly on a busy machine, and a plan starts some. */
describe("squall plan", { timeout: 120_000 }, () => {
  it("answers the same bytes with one worker and with three", async () => {
    const args = ["plan", path.join(folder, "two.yaml"), ...vary, "--replications", "2", "--json"];
    const alone = await squall(...args, "--workers", "1");
    const three = await squall(...args, "--workers", "3");
    expect(three.out).toBe(alone.out);
    expect(JSON.parse(alone.out).plan.candidates).toHaveLength(6);
    expect(alone.code).toBe(0);
  });

  it("ranks what holds by cost, and says what a candidate that does not hold misses", async () => {
    const { assessment } = await planned(...vary, "--replications", "2", "--break-point", "none");
    const [best, ...others] = assessment.ranking;
    expect(best).toMatchObject({ judgement: "pass", costAboveBest: null });
    const holding = others.filter(({ judgement }) => judgement === "pass");
    for (const other of holding) {
      expect(other.costPerHour?.mean).toBeGreaterThanOrEqual(best?.costPerHour?.mean ?? Number.NaN);
    }
    const missing = others.filter(({ name }) => name.includes("tpm=20k"));
    expect(missing).toHaveLength(3);
    for (const each of missing) expect(each.objectives[0]).toMatchObject({ metric: "errors", judgement: "fail" });
  });

  it("finds the load at which a candidate breaks, confirmed by other seeds, and what there was too little of", async () => {
    const { plan } = await planned("--set", "providers.openai.models.gpt-4o-mini.tpm=70k", "--replications", "4");
    const point = plan.candidates[0]?.breakPoint;
    expect(point).toMatchObject({ objective: "errors", cause: { kind: "provider-quota" } });
    expect(point?.heldAt).toBeGreaterThan(1);
    expect((point?.missedAt ?? 0) / (point?.heldAt ?? 1)).toBeLessThanOrEqual(1.05 + 1e-9);
  });

  it("prices every candidate by the scenario's file, or by one in place of it", async () => {
    const priced = (usdPerToken: number): string =>
      JSON.stringify({ "gpt-4o-mini": { input_cost_per_token: usdPerToken, output_cost_per_token: usdPerToken } });
    writeFileSync(path.join(folder, "prices.json"), priced(0.01));
    writeFileSync(path.join(folder, "cheap.json"), priced(0.001));
    writeFileSync(path.join(folder, "priced.yaml"), `${scenario}prices: ./prices.json\n`);
    const tokenCosts = async (...args: readonly string[]): Promise<readonly number[]> => {
      const once = [
        "--set",
        "providers.openai.models.gpt-4o-mini.tpm=2M,3M",
        "--replications",
        "1",
        "--break-point",
        "none",
      ];
      const { out } = await squall("plan", path.join(folder, "priced.yaml"), ...once, ...args, "--json");
      const { assessment }: { assessment: Assessment } = JSON.parse(out);
      return assessment.ranking.map(({ costPerHour }) => costPerHour?.mean ?? Number.NaN);
    };
    const dear = await tokenCosts();
    const cheap = await tokenCosts("--prices", path.join(folder, "cheap.json"));
    expect(dear[0]).toBeCloseTo(dear[1] ?? Number.NaN, 6);
    // Replicas cost 30 cents an hour; tokens are the rest.
    expect((dear[0] ?? 0) / (cheap[0] ?? 1)).toBeGreaterThan(9.5);
  });

  it("has, with one replication, the very figures of squall simulate", async () => {
    const { plan } = await planned("--replications", "1", "--break-point", "none");
    const { out } = await squall("simulate", path.join(folder, "two.yaml"), "--json");
    const findings: readonly Finding[] = JSON.parse(out).findings;
    const simulated = findings.find(({ analyzer, id }) => analyzer === "objectives" && id === "ttft.p95")?.measured;
    expect(simulated).toBeGreaterThan(0);
    expect(plan.candidates[0]?.runs[0]?.figures["ttft.p95"]).toBe(simulated);
  });

  it("leaves out combinations that make no sense, and says why", async () => {
    const { plan } = await planned(
      "--set",
      "platform.replicas.start=2,9",
      "--replications",
      "1",
      "--break-point",
      "none",
    );
    expect(plan.candidates.map(({ name }) => name)).toEqual(["start=2"]);
    expect(plan.skipped).toHaveLength(1);
    expect(plan.skipped[0]?.why).toContain("platform.replicas");
  });

  it.each([
    [["--set", "platform.replica.start=1"], "did you mean replicas?"],
    [["--set", "objectives.errors=0"], "compared under the same objectives"],
    [["--set", "scaling.spec.minReplicas=1"], "no scaling config is given"],
    [["--shard", "4/3"], "there is no shard"],
  ])("refuses %j before anything is simulated", async (args, why) => {
    const terminal = listeningTerminal({ cwd: folder });
    expect(await main(["plan", path.join(folder, "two.yaml"), ...args], terminal)).toBe(2);
    expect(terminal.printed().err).toContain(why);
  });

  it("plays in shards what merges into the plan of one machine, to the byte", async () => {
    const file = path.join(folder, "two.yaml");
    const args = ["plan", file, ...vary, "--replications", "2"];
    await squall(...args, "--out", "whole");
    for (const part of [1, 2, 3]) await squall(...args, "--shard", `${part}/3`, "--out", `part-${part}`);
    await squall("merge", "part-2", "part-3", "part-1", "--out", "merged");
    const read = (name: string): string => readFileSync(path.join(folder, name), "utf8");
    for (const name of ["plan.json", "plan.html", "plan.md"])
      expect(read(`merged/${name}`)).toBe(read(`whole/${name}`));
    expect(JSON.parse(read("part-1/plan.json")).candidates).toHaveLength(2);

    const twice = listeningTerminal({ cwd: folder });
    expect(await main(["merge", "part-1", "part-1", "--out", "twice"], twice)).toBe(2);
    expect(twice.printed().err).toContain("in two of the parts");
    const lacking = await squall("merge", "part-1", "part-2", "--out", "lacking", "--json");
    expect(lacking.code).toBe(130);
    expect(JSON.parse(lacking.out).plan.status).toBe("interrupted");
  });

  it("sends more and more replications to fewer and fewer candidates when it halves", async () => {
    writeFileSync(
      path.join(folder, "halving.yaml"),
      "search: halving\nvary: { platform.replicas.start: [3, 4], providers.openai.models.gpt-4o-mini.tpm: [20k, 30k, 2M, 4M] }\n",
    );
    const { plan } = await planned(
      "--search",
      path.join(folder, "halving.yaml"),
      "--replications",
      "4",
      "--break-point",
      "none",
    );
    const counts = plan.candidates.map(({ runs }) => runs.length).toSorted((left, right) => left - right);
    expect(counts).toEqual([1, 1, 1, 1, 4, 4, 4, 4]);
    for (const { name, runs } of plan.candidates) expect(name.includes("0k")).toBe(runs.length === 1);
  });
});

describe("squall simulate with replications", { timeout: 120_000 }, () => {
  it("gives every figure an interval, and is as sure as it was asked to be", async () => {
    const { out } = await squall("simulate", path.join(folder, "two.yaml"), "--until-precise", "10%", "--json");
    const findings: readonly Finding[] = JSON.parse(out).findings;
    const ttft = findings.find(({ analyzer, id }) => analyzer === "objectives" && id === "ttft.p95");
    const [low = 0, high = 0] = ttft?.interval ?? [];
    expect(high).toBeGreaterThan(low);
    expect((high - low) / 2 / (ttft?.measured ?? 0)).toBeLessThanOrEqual(0.1);
    const count = findings.find(({ id }) => id === "replications")?.measured ?? 0;
    expect(count % 5).toBe(0);
    expect(count).toBeLessThan(100);
  });

  it("says so when the most replications were not enough", async () => {
    const args = ["--until-precise", "0.01%", "--replications", "3", "--json"];
    const { out } = await squall("simulate", path.join(folder, "two.yaml"), ...args);
    const findings: readonly Finding[] = JSON.parse(out).findings;
    expect(findings.find(({ id }) => id === "replications")).toMatchObject({ measured: 3 });
    expect(findings.find(({ id }) => id === "replications")?.detail).toContain("0.01 % was asked for");
  });
});
