/** The examples of the guide to faults are parts of a scenario that can be used, and it leaves no kind out. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { problemsOf } from "./written-scenarios.ts";

const guide = readFileSync(path.resolve(import.meta.dirname, "../../../docs/faults.md"), "utf8");
const traffic = {
  arrivals: [{ for: "20m", rate: "1/s" }],
  requests: [{ model: "gpt-4o-mini", input: 100, output: 10 }],
};

function withTimeline(example: object): ReturnType<typeof parseScenario> {
  return parseScenario(stringify({ scenario: "guide", traffic, ...example }), "guide.yaml");
}

it("has an example that works", () => {
  const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
  expect(withTimeline(parse(yaml) as object).timeline).toHaveLength(4);
});

it("has a row for every kind that a scenario may name, and no other", () => {
  const rows = [...guide.matchAll(/^\| `([a-z-]+)` \| /gm)].map((match) => match[1] ?? "");
  const written = rows.filter((name) => !["kind", "model", "key", "share", "shape"].includes(name));
  const providers = { openai: { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": {} } } };
  const [problem] = problemsOf(() =>
    withTimeline({ providers, timeline: [{ at: "1s", fault: { provider: "openai", kind: "none" } }] }),
  );
  const allowed = problem?.message.split("one of ")[1]?.split(", ") ?? [];
  expect(written.toSorted()).toEqual(allowed.toSorted());
});
