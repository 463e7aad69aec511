import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { experimentFrom } from "../../runbooks/engine/chaostoolkit-export.ts";
import { runbookFromExperiment } from "../../runbooks/engine/chaostoolkit-import.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";

const experiment = {
  version: "1.0.0",
  title: "The gateway survives a lost node",
  description: "Kill a node and look.",
  configuration: { base: "http://gateway" },
  "steady-state-hypothesis": {
    title: "It answers",
    probes: [
      {
        type: "probe",
        name: "gateway answers",
        tolerance: 200,
        provider: { type: "http", url: "http://gateway/health" },
      },
    ],
  },
  method: [
    {
      type: "action",
      name: "stop node 2",
      provider: { type: "process", path: "nodectl", arguments: "stop 2" },
      pauses: { after: 5 },
    },
    { type: "action", name: "upset the network", provider: { type: "python", module: "chaos", func: "upset" } },
  ],
  rollbacks: [
    {
      type: "action",
      name: "undo stop node 2",
      provider: { type: "process", path: "nodectl", arguments: { start: "", node: 2 } },
    },
  ],
};

describe("a Chaos Toolkit experiment", () => {
  it("becomes a runbook that lints clean, with rollbacks as undos", () => {
    const { id, markdown } = runbookFromExperiment(experiment, "experiment.json");
    const { phases } = parseRunbook(markdown, `${id}.md`);
    expect(phases.map(({ name, steps }) => [name, steps.map(({ kind }) => kind)])).toEqual([
      ["triage", ["command"]],
      ["contain", ["command", "manual"]],
      ["resolve", ["command"]],
      ["review", ["measure"]],
    ]);
    expect(phases[1]?.steps[0]).toMatchObject({
      tool: "shell",
      words: ["nodectl", "stop", "2"],
      undo: { kind: "command", words: ["nodectl", "start", "node", "2"] },
    });
  });

  it("says what of it has no place in a runbook", () => {
    expect(runbookFromExperiment(experiment, "experiment.json").lost).toEqual([
      "configuration: a runbook has none; write the values where they are used",
      "gateway answers: its tolerance 200 is not judged, only whether it runs",
      "stop node 2: its pauses of 5 s; wait for a condition instead",
      "upset the network: no rollback of the same place or name takes it back",
      "upset the network: python provider chaos.upset has no counterpart; a person does it",
    ]);
  });

  it("is refused with the places that are wrong", () => {
    expect(() => runbookFromExperiment({ title: "x", method: [{ type: "wish" }] }, "x.json")).toThrow(
      "x.json is no Chaos Toolkit experiment",
    );
  });
});

describe("a drill", () => {
  it("becomes an experiment whose steady state is that it passes, and names what it cannot say", () => {
    const text = readFileSync("runbooks/provider-outage.md", "utf8");
    const { experiment: made, lost } = experimentFrom(parseRunbook(text, "provider-outage.md"), "provider-outage.md");
    expect(made).toMatchObject({
      title: "A provider is down",
      "steady-state-hypothesis": {
        probes: [
          {
            tolerance: 0,
            provider: { path: "squall", arguments: ["drill", "provider-outage.md", "--auto", "--json"] },
          },
        ],
      },
      rollbacks: [],
    });
    expect(lost).toContain("fail-over: route gpt-4o-mini to openai; Squall does it within the drill");
    expect(lost).toContain("them-or-us: a decision by provider azure fails; an experiment has no branches");
  });
});
