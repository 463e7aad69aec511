import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { experimentFrom } from "../../runbooks/engine/chaostoolkit-export.ts";
import { runbookFromExperiment } from "../../runbooks/engine/chaostoolkit-import.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { runbookOf } from "./scripted-drill.ts";

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

  it("keeps the time, the query and the body of its activities, and says what else of them it loses", () => {
    const http = { type: "http", url: "http://gateway/keys", timeout: 7 };
    const made = {
      title: "Keys",
      tags: ["keys"],
      "steady-state-hypothesis": {
        title: "Keys are there",
        probes: [
          { type: "probe", name: "list", provider: { ...http, arguments: { of: "azure" }, headers: { a: "b" } } },
        ],
      },
      method: [
        {
          type: "action",
          name: "new key",
          background: true,
          provider: { ...http, method: "POST", arguments: { n: 2 } },
        },
        { type: "action", name: "stop", provider: { type: "process", path: "nodectl", arguments: "stop ${node}" } },
      ],
      rollbacks: [
        { type: "action", name: "old key", provider: { type: "process", path: "keyctl", arguments: "restore" } },
        { type: "action", name: "start", provider: { type: "process", path: "nodectl", arguments: "start" } },
        { type: "action", name: "tell them", provider: { type: "process", path: "tell" } },
      ],
    };
    const { markdown, lost, id } = runbookFromExperiment(made, "keys.yaml");
    const { phases } = parseRunbook(markdown, `${id}.md`);
    expect(markdown).toContain("Keys are there");
    expect(phases[0]?.steps[0]).toMatchObject({ words: ["GET", "http://gateway/keys?of=azure"], withinMs: 7_000 });
    expect(phases[1]?.steps).toMatchObject([
      { words: ["POST", "http://gateway/keys", '{"n":2}'], undo: { kind: "none" } },
      { words: ["nodectl", "stop", "${node}"], undo: { kind: "command", words: ["nodectl", "start"] } },
    ]);
    expect(lost).toEqual([
      "tags: a runbook has none; write the values where they are used",
      "list: its headers; a step has none",
      "new key: its background; a step has none",
      "old key: a process provider cannot take back a http one here; a person does it",
      "stop: values in ${…} are not filled in; write them out",
      "tell them: a rollback of no action; add it as a step of Resolve",
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

  it("names every part of every step that an experiment has no word for", () => {
    const block = [
      "id: grow",
      "when: errors > 1%",
      "on-failure: retry 2 then continue",
      "http: [POST, 'http://gateway/scale', '{\"replicas\":5}']",
      "state: [GET, 'http://gateway/scale']",
      "dry-run: [GET, 'http://gateway/scale?dry']",
      "undo: [POST, 'http://gateway/scale', three]",
      "then: replicas.ready >= 5",
      "within: 90s",
    ].join("\n");
    const blocks = [block, "id: told\nnote: So it is", "id: both\nparallel:\n  - check: errors < 2%"];
    const limited = runbookOf(blocks).replace(
      "---\n\n# ",
      "limits: { time: 5m }\ntargets: { contain: 5m }\n\n---\n\n# ",
    );
    const { experiment: made, lost } = experimentFrom(parseRunbook(limited, "made.md"), "made.md");
    expect(made).toMatchObject({
      method: [
        {
          name: "grow",
          provider: {
            type: "http",
            method: "POST",
            timeout: 90,
            headers: { "Content-Type": "application/json" },
            arguments: { replicas: 5 },
          },
        },
      ],
      rollbacks: [{ name: "undo grow" }],
    });
    expect(lost).toEqual([
      "limits: Squall watches them within the drill; an experiment has no stop conditions",
      "targets: Squall judges them within the drill",
      "blast-radius (route, scale, drain): Squall keeps to it within the drill",
      "contain: its exit condition errors < 100 %; an experiment has no phases",
      "grow: the body of its undo, which is no JSON",
      "grow: its dry run http: GET http://gateway/scale?dry",
      "grow: its state http: GET http://gateway/scale, by which Squall verifies the undo",
      "grow: its proof replicas.ready >= 5",
      "grow: only when errors > 1 %; an experiment does it in any case",
      "grow: what follows when it fails",
      "told: a note (So it is)",
      "both: steps at the same time; they stand one after the other",
      "both.1: check errors < 2 %; Squall judges it within the drill",
      "allow-lists, questions and idempotency keys of commands; an experiment runs them at once",
    ]);
  });
});
