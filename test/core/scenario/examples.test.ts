/** The scenarios that come with Squall: each is right, says why it is there, and asks for what it promises. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { latencyProfileNames } from "../../../behavior/latency/profiles.ts";
import { buildWorkload } from "../../../behavior/traffic/workload-builder.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import { gatewayNames } from "../../../gateways/drivers.ts";
import { requestsOf } from "../../behavior/traffic/made-scenario.ts";

const folder = path.resolve(import.meta.dirname, "../../../scenarios");
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

function read(file: string): Scenario {
  const text = readFileSync(path.join(folder, file), "utf8");
  return parseScenario(text, file, { latencyProfiles: latencyProfileNames, gateways: gatewayNames });
}

describe("the scenarios that come with Squall", () => {
  it("are there", () => {
    expect(files).toEqual(
      expect.arrayContaining(["ten-users.yaml", "replay-azure.yaml", "steady-open.yaml", "provider-outage.yaml"]),
    );
  });

  it.each(files)("are right, named like their file, and say what they ask: %s", (file) => {
    const scenario = read(file);
    expect(`${scenario.name}.yaml`).toBe(file);
    expect(scenario.about).toMatch(/\?$|\.$/);
    expect(scenario.objectives.length).toBeGreaterThan(0);
  });

  it("let ten people and one person alone play the same eighty requests", () => {
    const workload = buildWorkload(read("ten-users.yaml"));
    const counts = workload.phases.map((phase) => [
      phase.name,
      phase.kind === "closed" ? phase.users : 0,
      requestsOf(phase).length,
    ]);
    expect(counts).toEqual([
      ["warmup", 1, 12],
      ["baseline", 1, 80],
      ["load", 10, 80],
    ]);
  });
});
