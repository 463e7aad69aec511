import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { NamedFiles } from "../../../behavior/scenario-input.ts";
import { squallVersion } from "../../../cli/version.ts";
import { problemsOf, simulateCandidate } from "../../../web/board/candidate.ts";
import { commandOf } from "../../../web/board/command.ts";
import { pathBeside } from "../../../web/board/paths.ts";

const { signal } = new AbortController();
const scenarioText = readFileSync("scenarios/small-launch.yaml", "utf8");
const named = /scaling: (\S+)/.exec(scenarioText)?.[1] ?? "";
const candidate = { name: "small-launch.yaml", scenarioText, scaling: undefined, seed: undefined };

const files: NamedFiles = {
  text: async (name) => readFileSync(`scenarios/${name}`, "utf8"),
  pieces: (name) => {
    throw new Error(`nobody asked for ${name}`);
  },
};

describe("simulateCandidate", () => {
  it("takes the seed that is given in place of the scenario's own", async () => {
    const seeds = await Promise.all(
      [undefined, 8].map(async (seed) => {
        const { json } = await simulateCandidate({ ...candidate, seed }, files, squallVersion(), signal);
        return (JSON.parse(json) as { run: { seed: number } }).run.seed;
      }),
    );
    expect(seeds[1]).toBe(8);
    expect(seeds[0]).not.toBe(8);
  });

  it("scales by the text that is given, and otherwise by the file that the scenario names", async () => {
    const text = readFileSync(`scenarios/${named}`, "utf8").replace(/maxReplicas: \d+/, "maxReplicas: 4");
    const given = { ...candidate, scaling: { file: "mine.yaml", text } };
    const [own, changed] = await Promise.all(
      [candidate, given].map((each) => simulateCandidate(each, files, squallVersion(), signal)),
    );
    expect(own?.json).toContain(named.split("/").at(-1));
    expect(changed?.json).toContain('"file":"mine.yaml"');
  });

  it("says everything that is wrong with a text, each with its line", async () => {
    const broken = { ...candidate, scenarioText: scenarioText.replace("traffic:", "trafic:") };
    const refused = await problemsOf(broken, files, signal);
    expect(refused?.problems.some(({ hint }) => hint?.includes("traffic"))).toBe(true);
    expect(refused?.problems.every(({ line }) => line !== undefined)).toBe(true);
    expect(await problemsOf(candidate, files, signal)).toBeUndefined();
  });

  it("says what is wrong with a scaling config", async () => {
    const refused = await problemsOf({ ...candidate, scaling: { file: "mine.yaml", text: "a: 1" } }, files, signal);
    expect(refused?.message).toContain("mine.yaml");
  });
});

describe("commandOf", () => {
  const written = { scenarioText, scalingText: "kind: HPA" };
  it.each([
    { why: "names a file as it is", change: {}, said: "squall simulate scenarios/drills/a.yaml" },
    {
      why: "names the file to save a changed text under, beside what it names",
      change: { scenarioText: "scenario: b" },
      said: "squall simulate scenarios/drills/candidate-b.yaml",
    },
    {
      why: "names the scaling config where it was changed, and the seed",
      change: { scaling: { file: "hpa.yaml", text: "kind: other" }, seed: 9 },
      said: "squall simulate scenarios/drills/a.yaml --scaling scenarios/drills/hpa.yaml --seed 9",
    },
    {
      why: "leaves out a scaling config that is the scenario's own",
      change: { scaling: { file: "hpa.yaml", text: "kind: HPA" } },
      said: "squall simulate scenarios/drills/a.yaml",
    },
  ])("$why", ({ change, said }) => {
    expect(commandOf("b", "scenarios", { ...candidate, name: "drills/a.yaml", ...change }, written)).toBe(said);
  });
});

describe("pathBeside", () => {
  it.each([
    ["drills/a.yaml", "./alerts.yaml", "drills/alerts.yaml"],
    ["drills/a.yaml", "../scaling/hpa.yaml", "scaling/hpa.yaml"],
    ["a.yaml", "trace.csv", "trace.csv"],
    ["a.yaml", "../../secret", "secret"],
  ])("from %s, %s is %s", (scenario, name, path) => expect(pathBeside(scenario, name)).toBe(path));
});
