import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { latencyModel } from "../../../behavior/latency/model.ts";
import { latencyProfile } from "../../../behavior/latency/profiles.ts";
import { randomStream } from "../../../core/random.ts";
import { runCommandLine } from "../listening-terminal.ts";

let folder = "";
const inFolder = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "squall-import-"));
  await writeFile(inFolder("calls.csv"), callsAsCsv(400));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

describe("squall import latency", () => {
  it("writes a profile that a scenario takes by its file, and that the simulated run then names", async () => {
    const imported = await runCommandLine("import", "latency", inFolder("calls.csv"), "--out", inFolder("mine.yaml"));
    expect(imported).toMatchObject({ code: 0, err: "" });
    expect(imported.out).toContain("calls.csv: 400 calls fitted");
    expect(imported.out).toMatch(/p50 +\d+ ms +\d+ ms +[+-]\d/);
    expect(imported.out).toContain(`written to ${inFolder("mine.yaml")}`);
    expect(await readFile(inFolder("mine.yaml"), "utf8")).toMatch(/^latency-profile: calls\n/);

    await writeFile(inFolder("scenario.yaml"), scenario);
    const run = inFolder("run");
    expect(await runCommandLine("simulate", inFolder("scenario.yaml"), "--out", run)).toMatchObject({ err: "" });
    const manifest = await readFile(path.join(run, "manifest.json"), "utf8");
    const { profiles } = JSON.parse(manifest) as { readonly profiles: unknown };
    expect(profiles).toEqual([
      { name: "calls", status: "fitted", source: expect.stringMatching(/^calls\.csv, 400 calls/) },
    ]);
  });

  it("prints profile and goodness of fit as one JSON document with --json", async () => {
    const { code, out } = await runCommandLine("import", "latency", inFolder("calls.csv"), "--json", "--name", "mine");
    const printed = JSON.parse(out) as Record<string, Record<string, unknown>>;
    expect(code).toBe(0);
    expect(printed["profile"]).toMatchObject({ "latency-profile": "mine", status: "fitted" });
    expect(printed["fit"]).toMatchObject({ calls: 400, ttft: { ks: expect.any(Number), p: expect.any(Number) } });
    expect(printed["models"]).toEqual([{ model: "gpt-4o", calls: 400 }]);
  });

  it("says in one line what is wrong: no file, too few calls, a profile that a scenario names and that is not there", async () => {
    expect(await runCommandLine("import", "latency", inFolder("none.csv"))).toMatchObject({
      code: 3,
      err: expect.stringContaining("there is no such file"),
    });
    const few = await runCommandLine("import", "latency", inFolder("calls.csv"), "--model", "gpt-5");
    expect(few.code).toBe(3);
    expect(few.err).toContain(
      "calls.csv has 0 calls that can be used; needed are 100 or more (left out: 400 another model)",
    );
    await writeFile(inFolder("broken.yaml"), scenario.replace("./mine.yaml", "./none.yaml"));
    expect(await runCommandLine("validate", inFolder("broken.yaml"))).toMatchObject({
      code: 3,
      err: expect.stringContaining("none.yaml: there is no such file"),
    });
  });
});

const scenario = `
scenario: imported
traffic:
  arrivals: [{ for: 10s, rate: 2/s }]
  requests: [{ model: gpt-4o, input: 600, output: 180, stream: true }]
providers:
  openai: { dialect: openai, latency: { file: ./mine.yaml }, models: { gpt-4o: {} } }
platform: { gateway: direct }
`;

function callsAsCsv(calls: number): string {
  const model = latencyModel(latencyProfile("openai-gpt-4o"));
  const root = randomStream(1);
  const rows = Array.from({ length: calls }, (_, index) => {
    const random = root.split(index);
    const ask = { inputTokens: 50 + random.integer(8_000), outputTokens: 40 + random.integer(200) };
    const { ttftMs, totalMs } = model.time(random.split("call"), { ...ask, cachedTokens: 0, factor: 1 });
    return `gpt-4o,${ask.inputTokens},${ask.outputTokens},${ttftMs.toFixed(2)},${totalMs.toFixed(2)}`;
  });
  return ["model,prompt_tokens,completion_tokens,ttft_ms,latency_ms", ...rows].join("\n");
}
