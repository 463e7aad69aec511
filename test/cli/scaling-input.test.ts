import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { prepareScaling, readScaling } from "../../cli/scaling-input.ts";
import { readScenario } from "../../cli/scenario-input.ts";
import type { PlatformSpec } from "../../core/scenario/platform-spec.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";

const root = path.resolve(import.meta.dirname, "../..");
const launch = path.join(root, "scenarios/launch-spike.yaml");
const configs = readdirSync(path.join(root, "scenarios/scaling"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.join(entry.parentPath, entry.name));
const folder = mkdtempSync(path.join(tmpdir(), "scaling-"));

afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe("the scaling configs that come with Squall", () => {
  it("are there", () => {
    expect(configs.length).toBeGreaterThanOrEqual(4);
  });

  it.each(configs)("load as they are: %s", async (file) => {
    const scaling = await readScaling(launch, undefined, file);
    expect(scaling?.loaded.create().describe).not.toBe("");
  });
});

describe("a scaling config", () => {
  it("stands beside the scenario that names it, unless the command line names another", async () => {
    const { scenario } = await readScenario(launch);
    const named = await readScaling(launch, scenario.platform.scaling, undefined);
    expect(named).toMatchObject({ file: "token-aware.yaml", loaded: { format: "weighted (auto_scaling_config)" } });
    const given = await readScaling(
      launch,
      scenario.platform.scaling,
      path.join(root, "scenarios/scaling/cpu-hpa.yaml"),
    );
    expect(given?.file).toBe("cpu-hpa.yaml");
    expect(await readScaling(launch, undefined, undefined)).toBeUndefined();
  });

  it("may be JSON", async () => {
    const file = written(
      "a.json",
      '{ "auto_scaling": { "min_instances": 2, "max_instances": 9, "target_cpu_utilization": 70 } }',
    );
    expect((await readScaling(launch, undefined, file))?.loaded).toMatchObject({ minReplicas: 2, maxReplicas: 9 });
  });

  it.each([
    { name: "gone.yaml", text: undefined, code: "file-unreadable" },
    { name: "broken.yaml", text: "a: [", code: "scaling-config-invalid" },
    { name: "other.yaml", text: "kind: Deployment", code: "scaling-config-unknown" },
  ])("that cannot be used is refused: $name", async ({ name, text, code }) => {
    const file = text === undefined ? path.join(folder, name) : written(name, text);
    await expect(readScaling(launch, undefined, file)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(name),
    });
  });
});

describe("a fleet that is scaled", () => {
  const platform: PlatformSpec = { gateway: "direct", replicas: 1, routes: [], retries: { max: 0, on: [] } };

  it.each([
    { why: "what the scenario says", replicas: 1, start: 7, starts: 7 },
    { why: "what the config starts with", replicas: 1, start: undefined, starts: 3 },
    { why: "the scenario's number where that is more", replicas: 5, start: undefined, starts: 5 },
  ])("starts with $why", async ({ replicas, start, starts }) => {
    const scaling = await readScaling(launch, "./scaling/token-aware.yaml", undefined);
    if (scaling === undefined) throw new Error("the config is there");
    const prepared = prepareScaling(scaling, { ...platform, replicas, fleet: { ...plainFleet, start } });
    expect(prepared.start).toBe(starts);
  });

  it("says that its start-up time is assumed where nobody gave one", async () => {
    const scaling = await readScaling(launch, "./scaling/cpu-hpa.yaml", undefined);
    if (scaling === undefined) throw new Error("the config is there");
    const assumed = expect.stringContaining("is assumed");
    expect(prepareScaling(scaling, platform).account.notes).toContainEqual(assumed);
    const known: PlatformSpec = { ...platform, fleet: { ...plainFleet, startup: { kind: "constant", value: 1 } } };
    const { account } = prepareScaling(scaling, known);
    expect(account.notes).not.toContainEqual(assumed);
    expect(account.warnings.map(({ code }) => code)).toEqual(["cpu-alone"]);
    expect(account).toMatchObject({ minReplicas: 3, maxReplicas: 50, scaleDownDelayMs: 300_000, syncMs: 15_000 });
  });
});
