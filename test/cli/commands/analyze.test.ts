import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../listening-terminal.ts";

const scenario = "scenarios/steady-open.yaml";
let folder = "";
const inFolder = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "squall-analyze-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("squall analyze usl", () => {
  it("fits a scenario at several loads, with a page, and ends with 6 where it is asked beyond twice the data", async () => {
    const args = ["analyze", "usl", scenario, "--at", "5,5000", "--out", inFolder("usl.html"), "--json"];
    const { code, out } = await runCommandLine(...args);
    expect(code).toBe(6);
    const { fit, points, asked } = JSON.parse(out);
    expect(points.length).toBe(16);
    expect(fit.rSquared).toBeGreaterThan(0.95);
    expect(fit.intervals.gamma[0]).toBeLessThan(fit.gamma);
    expect(asked[0].throughput).toBeGreaterThan(0);
    expect(asked[1]).toEqual({ load: 5000, throughput: null, interval: null });
    expect(await readFile(inFolder("usl.html"), "utf8")).toContain("Throughput against load");
  });

  it("says how many loads are needed where there are too few", async () => {
    const { code, err } = await runCommandLine("analyze", "usl", scenario, "--loads", "1", "--replications", "2");
    expect(code).toBe(3);
    expect(err).toContain("needed are 6 different loads");
  });

  it("fits runs that were made at several loads", async () => {
    const text = await readFile(scenario, "utf8");
    for (const rate of [1, 2, 3, 4, 6, 8]) {
      const file = inFolder(`${rate}.yaml`);
      await writeFile(file, text.replace("rate: 4/s", `rate: ${rate}/s`));
      await runCommandLine("simulate", file, "--out", inFolder(`steps/${rate}`));
    }
    const { code, out } = await runCommandLine("analyze", "usl", inFolder("steps"), "--json");
    expect(code).toBe(0);
    const { points } = JSON.parse(out);
    expect(points.map((point: { of: string }) => point.of)).toEqual(["1", "2", "3", "4", "6", "8"]);
  });
});

describe("squall analyze run", () => {
  it("tells what bound it, who repeated its requests, what its tail waited for, and Little's law", async () => {
    const { code, out } = await runCommandLine("analyze", "run", scenario);
    expect(code).toBe(0);
    for (const part of [
      "Bound by neither",
      "1.00 calls to providers per request",
      "What the slowest 1 % waited for",
      "it holds",
    ]) {
      expect(out).toContain(part);
    }
  });

  it("reads the folder of a run", async () => {
    await runCommandLine("simulate", scenario, "--out", inFolder("run"));
    const { out } = await runCommandLine("analyze", "run", inFolder("run"), "--json");
    expect(JSON.parse(out)).toMatchObject({ scenario: "steady-open", bound: { by: "neither" }, flow: { holds: true } });
  });
});
